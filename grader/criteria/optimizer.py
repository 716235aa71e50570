"""Judges who turns marks into better guesses, and how boldly."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from grader.criteria.missing import missing
from grader.evidence import OptimizerPart, TrainPart
from grader.judgements import failed, passed
from grader.messages import say, say_count
from grader.replay import descent_of

if TYPE_CHECKING:
    from grader.evidence import Evidence
    from grader.models import Judgement

NONE = say("There is no `optimizer` that could improve the model yet.")


def owns_the_model(seen: Evidence) -> Judgement:
    """Every parameter of the model, and no other, is the optimizer's to move."""
    optimizer = seen.part(OptimizerPart).optimizer
    if optimizer is None:
        return missing(seen.part(OptimizerPart), "optimizer", NONE)
    owns = _owned_before_training(seen) or optimizer.owns
    if owns and not any(owns):
        return failed(
            say("The optimizer moves the numbers of another model, not of yours."),
            hint=say("Look at which model was asked for its parameters, and when it was made."),
        )
    if not owns or not all(owns):
        return failed(
            say("The optimizer moves only a part of the model's numbers."),
            expected=say_count(len(owns), "{count} parameter", "all {count} parameters"),
            actual=say("{count} of them", count=sum(owns)),
        )
    if optimizer.foreign:
        return failed(say("The optimizer also moves numbers that are not the model's."))
    return passed()


def _owned_before_training(seen: Evidence) -> tuple[bool, ...] | None:
    """What the optimizer owned when the training began: the model may have been made anew."""
    training = seen.part(TrainPart).training if TrainPart in seen else None
    return training.owned_before if training is not None else None


def is_plain_sgd(seen: Evidence) -> Judgement:
    """Plain gradient descent: torch.optim.SGD with nothing but a learning rate."""
    optimizer = seen.part(OptimizerPart).optimizer
    if optimizer is None:
        return missing(seen.part(OptimizerPart), "optimizer", NONE)
    how = descent_of(optimizer)
    if how is None:
        return failed(
            say("This lesson asks for plain gradient descent."),
            expected=say("SGD"),
            actual=say("{type}", type=optimizer.type),
        )
    if not how.plain:
        return failed(
            say("The optimizer was given more than a learning rate."),
            hint=say("Momentum and the like have their day in a later lesson."),
        )
    return passed()


def has_learning_rate(seen: Evidence, learning_rate: float) -> Judgement:
    """The learning rate is the one that the lesson asks for."""
    optimizer = seen.part(OptimizerPart).optimizer
    if optimizer is None or not optimizer.groups:
        return missing(seen.part(OptimizerPart), "optimizer", NONE)
    rates = [group.get("lr") for group in optimizer.groups]
    if not all(
        isinstance(rate, (int, float)) and math.isclose(rate, learning_rate, rel_tol=1e-6)
        for rate in rates
    ):
        return failed(
            say("The learning rate is not the one that the lesson asks for."),
            expected=say("{rate:g}", rate=learning_rate),
            actual=say("{rate}", rate=", ".join(str(rate) for rate in rates)),
        )
    return passed()
