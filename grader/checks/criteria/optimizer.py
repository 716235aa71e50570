"""Judges what turns the loss into updates: the optimizer and its learning rate."""

from __future__ import annotations

import math
from bisect import bisect_left
from typing import TYPE_CHECKING

import numpy as np

from grader.checks.criteria.missing import missing
from grader.checks.judgements import failed, passed
from grader.evidence import OptimizerPart
from grader.language.messages import say, say_count
from grader.replay import RESIDUAL, descents_of, distance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.evidence import OptimizerSeen, TrainedSeen
    from grader.facts import Facts
    from grader.models import Judgement
    from grader.models.arrays import Floats

NONE = say("There is no `optimizer` that could improve the model yet.")


def owns_the_model(facts: Facts) -> Judgement:
    """Every parameter of the model, and no other, is the optimizer's to move."""
    optimizer = facts.part(OptimizerPart).optimizer
    if optimizer is None:
        return missing(facts.part(OptimizerPart), "optimizer", NONE)
    training = facts.training
    # The model may have been made anew before the training began.
    owns = (training.owned_before if training is not None else None) or optimizer.owns
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


def is_plain_sgd(facts: Facts) -> Judgement:
    """Plain gradient descent: torch.optim.SGD with nothing but a learning rate, or one like it."""
    optimizer = facts.part(OptimizerPart).optimizer
    if optimizer is None:
        return missing(facts.part(OptimizerPart), "optimizer", NONE)
    groups = descents_of(optimizer)
    if not groups:
        if _is_own(optimizer) and _moves_as_descent(facts, optimizer):
            return passed()
        return failed(
            say("This lesson asks for plain gradient descent."),
            expected=say("SGD"),
            actual=say("{type}", type=optimizer.type),
        )
    if not all(how.plain for how in groups):
        return failed(
            say("The optimizer was given more than a learning rate."),
            hint=say("Momentum and similar options come in a later lesson."),
        )
    return passed()


def _is_own(optimizer: OptimizerSeen) -> bool:
    """Whether the class was written by the student and derives only from torch's base class."""
    borrowed = [kind for kind in optimizer.lineage if kind.startswith("torch.optim.")]
    return borrowed == ["torch.optim.optimizer.Optimizer"]


def _moves_as_descent(facts: Facts, optimizer: OptimizerSeen) -> bool:
    """Whether each of its steps was -lr * gradient, by the gradients that it found."""
    training = facts.training
    rates = {group.get("lr") for group in optimizer.groups}
    rate = rates.pop() if len(rates) == 1 else None
    if training is None or not isinstance(rate, (int, float)):
        return False
    # Snapshots of the model keep the gradient of their time, and nothing updates them.
    own = [training.trained[place] for place in training.parameters if place is not None]
    steps = [step for each in own for step in _steps_of(each)]
    return bool(steps) and all(
        distance(after, before - rate * gradient, before) <= RESIDUAL
        for before, gradient, after in steps
    )


def _steps_of(trained: TrainedSeen) -> Iterator[tuple[Floats, Floats, Floats]]:
    """The numbers before each recorded step, the gradient that it used, and the numbers after."""
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


def has_learning_rate(facts: Facts, learning_rate: float) -> Judgement:
    """The learning rate is the one that the lesson asks for."""
    optimizer = facts.part(OptimizerPart).optimizer
    if optimizer is None or not optimizer.groups:
        return missing(facts.part(OptimizerPart), "optimizer", NONE)
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
