"""Mistakes in the optimizer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from grader.diagnosis.classes import class_not_called, super_init_missing
from grader.diagnosis.places import at_optimizer
from grader.diagnosis.rule import Rules
from grader.evidence import OptimizerPart
from grader.language.messages import say
from grader.models import Step
from grader.replay import descents_of

if TYPE_CHECKING:
    from grader.facts import Facts
    from grader.replay import Descent

FAR = 5.0


def _groups(facts: Facts) -> frozenset[Descent]:
    return descents_of(facts.optimizer)


def _owned(facts: Facts) -> tuple[bool, ...]:
    """Which parameters the optimizer owned as the training began, else as it was made."""
    if facts.training is not None and facts.training.owned_before:
        return facts.training.owned_before
    return facts.optimizer.owns if facts.optimizer is not None else ()


def _rate(facts: Facts) -> float | None:
    """The learning rate as a multiple of the lesson's; of several, the one that is furthest off."""
    groups = facts.optimizer.groups if facts.optimizer is not None else ()
    rates = [float(rate) for group in groups if isinstance(rate := group.get("lr"), (int, float))]
    due = facts.recipe.learning_rate
    return max((rate / due for rate in rates), key=lambda times: abs(times - 1), default=None)


rule = Rules(
    Step.OPTIMIZER, at_optimizer, explains=("optimizer.parameters",), needs=(OptimizerPart,)
)
of_method = replace(rule, explains=("optimizer.method",))
of_rate = replace(rule, explains=("optimizer.learning_rate",))


@rule(
    "optimizer_stale",
    say("It behaves like an optimizer that still looks after an earlier model."),
    say("Is the model created again after the optimizer was given its parameters?"),
)
def optimizer_stale(facts: Facts) -> bool:
    """The optimizer owned the model when it was made, and no longer when the training began."""
    owned = _owned(facts)
    made = facts.optimizer.owns if facts.optimizer is not None else ()
    return bool(made) and all(made) and bool(owned) and not any(owned)


@rule(
    "optimizer_other_model",
    say(
        "It behaves like an optimizer that looks after numbers other than your model's: "
        "either those of another model, or those of an earlier one that has been replaced."
    ),
    say("Whose parameters were handed over, and was the model created again after that?"),
    also=("optimizer_stale",),
)
def optimizer_other_model(facts: Facts) -> bool:
    """None of the model's parameters is given to the optimizer."""
    owned = _owned(facts)
    return bool(owned) and not any(owned)


@rule(
    "optimizer_partial",
    say("It behaves like an optimizer that was given only a part of the model to look after."),
    say("Count what is in the optimizer's care and what the model has: what is left alone?"),
)
def optimizer_partial(facts: Facts) -> bool:
    """Some of the model's parameters are missing."""
    owned = _owned(facts)
    return any(owned) and not all(owned)


@of_method(
    "optimizer_class_wrong",
    say("It behaves like a method other than the plain gradient descent of this lesson."),
    say("Which three letters does the lesson name the method by?"),
)
def optimizer_class_wrong(facts: Facts) -> bool:
    """The class is not SGD."""
    return facts.optimizer is not None and not _groups(facts)


@of_method(
    "maximize_set",
    say("It behaves like an optimizer that climbs the loss instead of going down."),
    say("Which way does each option of your optimizer send the steps?"),
)
def maximize_set(facts: Facts) -> bool:
    """maximize=True."""
    return any(how.maximize for how in _groups(facts))


@of_method(
    "momentum_added",
    say("It behaves like an optimizer with momentum: it keeps moving the way it moved before."),
    say("Which of the optimizer's options does the lesson not mention?"),
)
def momentum_added(facts: Facts) -> bool:
    """momentum > 0."""
    return any(how.momentum != 0 for how in _groups(facts))


@of_method(
    "weight_decay_added",
    say("It behaves like an optimizer that also pulls every number towards zero."),
    say("Which of the optimizer's options does the lesson not mention?"),
)
def weight_decay_added(facts: Facts) -> bool:
    """weight_decay > 0."""
    return any(how.weight_decay != 0 for how in _groups(facts))


@of_rate(
    "learning_rate_too_high",
    say("It behaves like steps that are far too large: the model may jump over the goal."),
    say("Compare your learning rate with the lesson's: where is the decimal point?"),
)
def learning_rate_too_high(facts: Facts) -> bool:
    """Five times the lesson's or more."""
    rate = _rate(facts)
    return rate is not None and rate >= FAR


@of_rate(
    "learning_rate_too_low",
    say("It behaves like steps that are far too small: the model hardly gets anywhere."),
    say("Compare your learning rate with the lesson's: where is the decimal point?"),
)
def learning_rate_too_low(facts: Facts) -> bool:
    """A fifth of the lesson's or less."""
    rate = _rate(facts)
    return rate is not None and rate <= 1 / FAR


@of_rate(
    "learning_rate_wrong",
    say("It behaves like steps of a different size from the lesson's."),
    say("Read the task again: which learning rate does it name?"),
)
def learning_rate_wrong(facts: Facts) -> bool:
    """Not the lesson's, but near."""
    rate = _rate(facts)
    return rate is not None and abs(rate - 1) > 1e-6


RULES = (
    super_init_missing(Step.OPTIMIZER, lambda facts: facts.optimizer, at_optimizer),
    class_not_called(Step.OPTIMIZER, OptimizerPart, "optimizer", at_optimizer),
    optimizer_stale,
    optimizer_other_model,
    optimizer_partial,
    optimizer_class_wrong,
    maximize_set,
    momentum_added,
    weight_decay_added,
    learning_rate_too_high,
    learning_rate_too_low,
    learning_rate_wrong,
)
