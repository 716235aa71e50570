"""Judges who turns marks into better guesses, and how boldly."""

from __future__ import annotations

import math
from bisect import bisect_left
from typing import TYPE_CHECKING

import numpy as np

from grader.checks.criteria.missing import missing
from grader.checks.judgements import failed, passed
from grader.evidence import OptimizerPart, TrainPart
from grader.language.messages import say, say_count
from grader.replay import RESIDUAL, descents_of, distance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from grader.evidence import Evidence, OptimizerSeen, TrainedSeen
    from grader.models import Judgement

    Floats = NDArray[np.float64]

NONE = say("There is no `optimizer` that could improve the model yet.")


def owns_the_model(seen: Evidence) -> Judgement:
    """Every parameter of the model, and no other, is the optimizer's to move."""
    optimizer = seen.part(OptimizerPart).optimizer
    if optimizer is None:
        return missing(seen.part(OptimizerPart), "optimizer", NONE)
    owns = _owned_before_training(seen) or optimizer.owns
    if not optimizer.set_up and not any(owns):
        return failed(
            say("The optimizer cannot be asked which numbers it moves: it was never set up."),
            hint=say(
                "What has to run first in the `__init__` of a class that is built on torch's?"
            ),
        )
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
    """Plain gradient descent: torch.optim.SGD with nothing but a learning rate, or one like it."""
    optimizer = seen.part(OptimizerPart).optimizer
    if optimizer is None:
        return missing(seen.part(OptimizerPart), "optimizer", NONE)
    groups = descents_of(optimizer)
    if not groups:
        if _is_own(optimizer) and _moves_as_descent(seen, optimizer):
            return passed()
        return failed(
            say("This lesson asks for plain gradient descent."),
            expected=say("SGD"),
            actual=say("{type}", type=optimizer.type),
        )
    if not all(how.plain for how in groups):
        return failed(
            say("The optimizer was given more than a learning rate."),
            hint=say("Momentum and the like have their day in a later lesson."),
        )
    return passed()


def _is_own(optimizer: OptimizerSeen) -> bool:
    """Whether the class was written by the student, on nothing but torch's base of them all."""
    borrowed = [kind for kind in optimizer.lineage if kind.startswith("torch.optim.")]
    return borrowed == ["torch.optim.optimizer.Optimizer"]


def _moves_as_descent(seen: Evidence, optimizer: OptimizerSeen) -> bool:
    """Whether each of its steps was -lr * gradient, by the gradients that it found."""
    training = seen.part(TrainPart).training if TrainPart in seen else None
    rates = {group.get("lr") for group in optimizer.groups}
    rate = rates.pop() if len(rates) == 1 else None
    if training is None or not isinstance(rate, (int, float)):
        return False
    # Photos of the model keep the gradient of their day, and nobody moves them.
    own = [training.trained[place] for place in training.parameters if place is not None]
    steps = [step for each in own for step in _steps_of(each)]
    return bool(steps) and all(
        distance(after, before - rate * gradient, before) <= RESIDUAL
        for before, gradient, after in steps
    )


def _steps_of(trained: TrainedSeen) -> Iterator[tuple[Floats, Floats, Floats]]:
    """The numbers before each recorded step, the gradient that it used, and the numbers behind."""
    ticks = [tick for tick, _ in trained.values]
    left_out = len(ticks) // 2 if trained.changes > len(ticks) else None
    for tick, gradient in trained.gradients:
        place = bisect_left(ticks, tick)
        if place in (0, left_out):
            continue
        before = np.array(trained.values[place - 1][1])
        moved = place < len(ticks) and ticks[place] == tick
        after = np.array(trained.values[place][1]) if moved else before
        yield before, np.array(gradient), after


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
