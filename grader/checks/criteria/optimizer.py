"""Judges what turns the loss into updates: the optimizer and its learning rate."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from grader.checks.criteria.missing import missing
from grader.checks.judgements import failed, passed
from grader.evidence import OptimizerPart
from grader.facts.proof import is_own, is_torchs, moves_as_descent
from grader.language.messages import say, say_count
from grader.replay import descents_of

if TYPE_CHECKING:
    from grader.evidence import OptimizerSeen, TrainingSeen
    from grader.facts import Facts
    from grader.models import Judgement

# What a class may derive from that is still plain gradient descent.
PLAIN = frozenset(("torch.optim.optimizer.Optimizer", "torch.optim.sgd.SGD"))
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
    training, groups = facts.training, descents_of(optimizer)
    if is_own(optimizer):
        seen = training is not None and moves_as_descent(training, optimizer)
        tried = _as_tried(optimizer, training)
        right = tried.clears is not False and (seen or tried.rate is not None)
        if right and PLAIN.issuperset(kind for kind in optimizer.lineage if is_torchs(kind)):
            return passed()
        groups = frozenset(how for how in groups if not how.plain)
    if not groups:
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


def _as_tried(optimizer: OptimizerSeen, training: TrainingSeen | None) -> OptimizerSeen:
    """What is known of it once the model's numbers have values: a lazy layer has none before."""
    after = training.optimizer if training is not None else None
    untried = optimizer.rate is None and optimizer.clears is None
    return after if untried and after and after.lineage == optimizer.lineage else optimizer


def has_learning_rate(facts: Facts, learning_rate: float) -> Judgement:
    """The learning rate is the one that the lesson asks for."""
    optimizer = facts.part(OptimizerPart).optimizer
    if optimizer is None or not optimizer.groups:
        return missing(facts.part(OptimizerPart), "optimizer", NONE)
    tried = _as_tried(optimizer, facts.training)
    rates = [group.get("lr", tried.rate) for group in optimizer.groups]
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
