"""`@graded` and what becomes of it: pure judgements on evidence, without any kernel."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from grader.checks.judgements import failed, not_assessed
from grader.checks.stops import UNSEEN, how_it_stopped, what_to_try
from grader.errors import Unobserved
from grader.language.messages import Message, say
from grader.models import CheckResult, Judgement, Step, Verdict

if TYPE_CHECKING:
    from grader.facts import Facts

Judge = Callable[["Facts"], Judgement]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is judged: its sentence is what the student reads.

    The id begins with the step it belongs to, as in "train.number_of_epochs". Raises ValueError
    where it names no step, or the check is worth nothing.
    """

    id: str
    sentence: Message
    points: float
    hint: Message | None
    judge: Judge

    def __post_init__(self) -> None:
        if self.points <= 0:
            raise ValueError(f"check {self.id!r} has to be worth something")
        if self.hint is not None and not isinstance(self.hint, Message):
            raise ValueError(f"write the hint of check {self.id!r} as say({self.hint!r})")
        Step(self.id.partition(".")[0])

    @property
    def step(self) -> Step:
        """The step that it belongs to."""
        return Step(self.id.partition(".")[0])

    def result(self, judgement: Judgement) -> CheckResult:
        """What the check found of a submission."""
        return CheckResult(self.id, self.step, self.sentence, judgement, self.points)


def graded(id: str, *, points: float, hint: Message | None = None) -> Callable[[Judge], Check]:  # noqa: A002
    """Make a function of the facts a check; its docstring's first line is its sentence.

    Raises ValueError where the docstring is missing, or no check can be made of it.
    """

    def make(judge: Judge) -> Check:
        sentence = (inspect.getdoc(judge) or "").partition("\n")[0]
        if not sentence:
            raise ValueError(f"check {id!r} has no docstring to show to the student")
        return Check(id, Message(sentence), points, hint, judge)

    return make


def run_checks(
    checks: Iterable[Check],
    facts: Facts,
    *,
    not_attempted: frozenset[Step] = frozenset(),
    void: Mapping[Step, Message] | None = None,
    absent: Mapping[Step, Message] | None = None,
) -> tuple[CheckResult, ...]:
    """Judge everything; `void` are reasons why a step does not serve the steps behind it.

    `absent` are reasons why a step was not done, or its work is no longer there.

    A check of a step whose own cell ended in an exception tells of that.
    """
    return tuple(
        check.result(
            _not_done(check, (absent or {}).get(check.step, _WAITING))
            if check.step in not_attempted
            else _told(
                _judge(check, facts, (void or {}).get(check.step)), (absent or {}).get(check.step)
            )
        )
        for check in checks
    )


def _asked(check: Check, facts: Facts) -> Judgement:
    # The numbers are the notebook's own: however large, they are no news for the terminal.
    with np.errstate(all="ignore"):
        judgement = check.judge(facts)
    if not isinstance(judgement, Judgement):
        raise TypeError(f"{check.id} returned {judgement!r}: passed(), failed() or not_assessed()?")
    if not isinstance(judgement.message, Message):
        raise TypeError(f"{check.id}: write its message as say({judgement.message!r})")
    return judgement


_WAITING = say("Not done yet: this cell is still waiting for your code.")


def _told(judgement: Judgement, absent: Message | None) -> Judgement:
    """The judgement, with the reason why nothing was there to be judged."""
    if absent is None or judgement.verdict not in (Verdict.FAILED, Verdict.NOT_ASSESSED):
        return judgement
    return replace(judgement, message=absent, expected=None, actual=None, hint=None)


def _not_done(check: Check, message: Message) -> Judgement:
    return Judgement(Verdict.NOT_ATTEMPTED, message, hint=check.hint)


def _judge(check: Check, facts: Facts, void: Message | None) -> Judgement:
    stopped = facts.code.stopped.get(check.step)
    try:
        judgement = _asked(check, facts)
    except Unobserved as unseen:
        judgement = not_assessed(unseen.message)
    except Exception:
        message = say("This check broke; your instructor will look at it. It is not your fault.")
        return Judgement(Verdict.ERROR, message, reason=traceback.format_exc())
    if judgement.verdict is Verdict.PASSED:
        if facts.evidence.replaced:
            names = ", ".join(facts.evidence.replaced)
            return not_assessed(
                say("The notebook replaces {names} with its own code.", names=names)
            )
        if check.step is Step.RESULT and facts.doubt is not None:
            return not_assessed(facts.doubt)
        return failed(void, hint=check.hint) if void is not None else judgement
    if stopped is None:
        return replace(judgement, hint=judgement.hint or check.hint)
    return replace(
        judgement,
        verdict=judgement.verdict if stopped.name in UNSEEN else Verdict.FAILED,
        message=how_it_stopped(stopped),
        hint=what_to_try(stopped),
    )
