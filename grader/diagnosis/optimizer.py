"""Mistakes in the optimizer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.diagnosis.rule import rule
from grader.diagnosis.uncalled import class_not_called
from grader.diagnosis.unprepared import super_init_missing
from grader.evidence import OptimizerPart
from grader.language.messages import say
from grader.models import Step
from grader.replay import descents_of

if TYPE_CHECKING:
    from grader.diagnosis.facts import Facts
    from grader.diagnosis.rule import Place
    from grader.replay import Descent

FAR = 5.0


def _at_optimizer(facts: Facts) -> Place:
    return facts.binding_place(Step.OPTIMIZER, "optimizer")


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


@rule(
    "optimizer_stale",
    Step.OPTIMIZER,
    say("It behaves like an optimizer that still looks after an earlier model."),
    say("Is the model made anew after the optimizer was given its parameters?"),
    _at_optimizer,
)
def optimizer_stale(facts: Facts) -> bool:
    """The optimizer owned the model when it was made, and no longer when the training began."""
    owned = _owned(facts)
    made = facts.optimizer.owns if facts.optimizer is not None else ()
    return bool(made) and all(made) and bool(owned) and not any(owned)


@rule(
    "optimizer_other_model",
    Step.OPTIMIZER,
    say(
        "It behaves like an optimizer that looks after other numbers than your model's: either "
        "those of another model, or those of an earlier one that has been replaced."
    ),
    say("Whose parameters were handed over, and was the model made anew after that?"),
    _at_optimizer,
    also=("optimizer_stale",),
)
def optimizer_other_model(facts: Facts) -> bool:
    """None of the model's parameters is in the optimizer's care."""
    owned = _owned(facts)
    return bool(owned) and not any(owned)


@rule(
    "optimizer_partial",
    Step.OPTIMIZER,
    say("It behaves like an optimizer that was given only a part of the model to look after."),
    say("Count what is in the optimizer's care and what the model has: what is left alone?"),
    _at_optimizer,
)
def optimizer_partial(facts: Facts) -> bool:
    """Some of the model's parameters are missing."""
    owned = _owned(facts)
    return any(owned) and not all(owned)


@rule(
    "optimizer_class_wrong",
    Step.OPTIMIZER,
    say("It behaves like another method than the plain gradient descent of this lesson."),
    say("Which three letters does the lesson name the method by?"),
    _at_optimizer,
)
def optimizer_class_wrong(facts: Facts) -> bool:
    """The class is not SGD."""
    return facts.optimizer is not None and not _groups(facts)


@rule(
    "maximize_set",
    Step.OPTIMIZER,
    say("It behaves like an optimizer that climbs the loss instead of going down."),
    say("Which way does each option of your optimizer send the steps?"),
    _at_optimizer,
)
def maximize_set(facts: Facts) -> bool:
    """maximize=True."""
    return any(how.maximize for how in _groups(facts))


@rule(
    "momentum_added",
    Step.OPTIMIZER,
    say("It behaves like an optimizer with momentum: it keeps running the way it ran before."),
    say("Which of the optimizer's options does the lesson not mention?"),
    _at_optimizer,
)
def momentum_added(facts: Facts) -> bool:
    """momentum > 0."""
    return any(how.momentum != 0 for how in _groups(facts))


@rule(
    "weight_decay_added",
    Step.OPTIMIZER,
    say("It behaves like an optimizer that also pulls every number towards zero."),
    say("Which of the optimizer's options does the lesson not mention?"),
    _at_optimizer,
)
def weight_decay_added(facts: Facts) -> bool:
    """weight_decay > 0."""
    return any(how.weight_decay != 0 for how in _groups(facts))


@rule(
    "learning_rate_too_high",
    Step.OPTIMIZER,
    say("It behaves like steps that are far too large: the model may jump over the goal."),
    say("Compare your learning rate with the lesson's: where does the decimal point stand?"),
    _at_optimizer,
)
def learning_rate_too_high(facts: Facts) -> bool:
    """Five times the lesson's or more."""
    rate = _rate(facts)
    return rate is not None and rate >= FAR


@rule(
    "learning_rate_too_low",
    Step.OPTIMIZER,
    say("It behaves like steps that are far too small: the model hardly gets anywhere."),
    say("Compare your learning rate with the lesson's: where does the decimal point stand?"),
    _at_optimizer,
)
def learning_rate_too_low(facts: Facts) -> bool:
    """A fifth of the lesson's or less."""
    rate = _rate(facts)
    return rate is not None and rate <= 1 / FAR


@rule(
    "learning_rate_wrong",
    Step.OPTIMIZER,
    say("It behaves like steps of another size than the lesson's."),
    say("Read the task again: which learning rate does it name?"),
    _at_optimizer,
)
def learning_rate_wrong(facts: Facts) -> bool:
    """Not the lesson's, but near."""
    rate = _rate(facts)
    return rate is not None and abs(rate - 1) > 1e-6


RULES = (
    super_init_missing(Step.OPTIMIZER, lambda facts: facts.optimizer, _at_optimizer),
    class_not_called(Step.OPTIMIZER, OptimizerPart, "optimizer", _at_optimizer),
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
