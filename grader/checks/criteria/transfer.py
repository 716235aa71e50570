"""Judges whether the same cells learn whatever they are shown: other answers, other pictures.

What was typed in, or learned from anything but X and y, is the lesson's own answer still.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from grader.checks.criteria.result import MADE_UP, RAN_AWAY
from grader.checks.judgements import failed, not_assessed, passed
from grader.evidence import TransferPart
from grader.facts.answers import ran_away
from grader.facts.gradients import made_up
from grader.language.messages import say
from grader.replay import count_updates, passes

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.facts import Facts
    from grader.facts.transfer import Transfer
    from grader.language.messages import Message
    from grader.models import Judgement


class Learned(Enum):
    """What became of the other answers."""

    UNWATCHED = auto()  # what has to be known is not
    UNSHOWN = auto()  # they never reached the data
    NO = auto()
    YES = auto()


THROUGH_X_AND_Y = say(
    "Whatever is on the cards has to reach the model through X, y and training only."
)


def _stops(error: str) -> Message:
    return say("With other answers on the cards, the same cells stop: {error}", error=error)


@dataclass(frozen=True, slots=True)
class Other:
    """What is to be learned instead, and what is said where it is not.

    `stops` makes the message for the error that the cells stopped with; `passing` and `failing` say
    what was reached.
    """

    learned: Callable[[Facts, Transfer], Learned]
    unwatched: Message
    not_learned: Message
    hint: Message = THROUGH_X_AND_Y
    stops: Callable[[str], Message] = _stops
    passing: Callable[[Transfer], Message | None] = lambda _: None
    failing: Callable[[Transfer], Message | None] = lambda _: None


def learns(facts: Facts, other: Other) -> Judgement:
    """With other data the same cells learn that, or else their own training convinces.

    What a student asserts of the lesson's own answers may well stop others; a data set that was
    made with the data shows its own.
    """
    part, transfer = facts.part(TransferPart), facts.transfer
    if part.error is not None and not _learned_before_it_stopped(facts, other, transfer):
        return passed() if facts.learned_here else failed(other.stops(part.error))
    if ran_away(part.model):
        return failed(RAN_AWAY)
    if part.training is None or transfer is None:
        return not_assessed(other.unwatched)
    found = other.learned(facts, transfer)
    if found is Learned.UNWATCHED:
        return not_assessed(other.unwatched)
    if found is Learned.UNSHOWN:
        return passed() if facts.learned_here else not_assessed(other.unwatched)
    if made_up(part.training) and not facts.descends:
        return failed(MADE_UP)
    if found is Learned.YES:
        return passed(other.passing(transfer))
    if transfer.keeps_own_answers and facts.learned_here:
        return passed()
    return failed(other.not_learned, hint=other.hint, actual=other.failing(transfer))


def _learned_before_it_stopped(facts: Facts, other: Other, transfer: Transfer | None) -> bool:
    """Whether the training was over when a later line of the same cells raised something."""
    training = transfer.part.training if transfer is not None else None
    if transfer is None or training is None:
        return False
    over = (
        math.isclose(passes(training, transfer.columns), facts.recipe.epochs, rel_tol=1e-6)
        if transfer.columns is not None
        # Pictures are too large to be told twice; the same cells deal as many batches of others.
        else facts.training is not None and count_updates(training) == count_updates(facts.training)
    )
    return over and other.learned(facts, transfer) is Learned.YES
