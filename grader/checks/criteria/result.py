"""Judges what came out: that training made the model what it is, and how far the loss fell.

After few epochs an honest model is not at the goal: each result is compared with where honest
training leads from the model's own start, and only otherwise with the calibrated distances.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.checks.judgements import failed, passed
from grader.language.messages import say

if TYPE_CHECKING:
    from grader.facts import Facts
    from grader.language.messages import Message
    from grader.models import Judgement

# Where descent in float64 and a full-batch run in float32 may differ after 100 epochs, generously.
ARRIVAL = 1e-3
MADE_UP = say("The steps used gradients other than the ones that came from the loss.")
RAN_AWAY = say("The model's numbers have grown beyond all bounds: the training diverged.")
PARTLY_TRAINED = say("Some of the model's numbers never changed in the training.")
NO_LOSS = say("No loss was computed in the training.")
UNJUDGED = say("Without cards and a model the loss cannot be judged.")


def set_by_other_means(facts: Facts) -> Judgement | None:
    """What was done to the model behind its training or instead of its gradients, if anything."""
    if facts.overwritten:
        return failed(
            say("The model's numbers were changed after the training, not by it."),
            hint=say("Leave the model as the training left it, and look at what it has learned."),
        )
    if facts.partly_trained:
        return failed(
            PARTLY_TRAINED,
            hint=say("Print them before and after: which never move, and what keeps them still?"),
        )
    if facts.gradients_made_up:
        return failed(MADE_UP, hint=say("What may come between backward() and step()?"))
    return None


def not_by_training(facts: Facts, actual: Message) -> Judgement | None:
    """What other than training made the model what it is, if anything."""
    if (otherwise := set_by_other_means(facts)) is not None:
        return otherwise
    if not facts.trained:
        return failed(say("The model's answers do not come from training."), actual=actual)
    return None


def loss_comes_down(
    facts: Facts,
    shown: Message,
    *,
    moved: bool = True,
    fell: bool,
    enough: bool,
    expected: Message | None = None,
) -> Judgement:
    """Training brings the loss down; `shown` is what is told of its fall, whether `enough` or not.

    `moved` is false where the model is at the end what it was at the beginning, `fell` where the
    loss is no lower.
    """
    if not moved:
        return failed(say("At the end the model answers as it did at the beginning."), actual=shown)
    if not fell:
        return failed(say("The loss does not come down."), actual=shown)
    if facts.gradients_made_up:
        return failed(MADE_UP, actual=shown)
    if enough and facts.partly_trained:
        return failed(PARTLY_TRAINED, actual=shown)
    if not facts.trained and not facts.partly_trained:
        return failed(
            say("The loss is this low for a reason other than the training."), actual=shown
        )
    if enough:
        return passed(shown)
    return failed(
        say("The loss does not come down to what these cards allow."),
        expected=expected,
        actual=shown,
    )


def as_fall(first: float, last: float) -> Message:
    """The loss at both ends, as it is told."""
    return say(
        "{first:.4g} before the first round, {last:.4g} for the model at the end",
        first=first,
        last=last,
    )
