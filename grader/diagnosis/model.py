"""Mistakes in the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.checks.criteria.precision import model_is_off_precision
from grader.diagnosis.rule import only, rule
from grader.diagnosis.uncalled import class_not_called
from grader.diagnosis.unprepared import super_init_missing
from grader.evidence import ModelPart
from grader.language.messages import say
from grader.models import Step
from grader.recipes.recipe import LineRecipe, ThresholdRecipe
from grader.replay import learned_line, least_squares

if TYPE_CHECKING:
    from grader.diagnosis.facts import Facts
    from grader.diagnosis.rule import Place
    from grader.replay import Line

NEAR = 0.02


def _at_model(facts: Facts) -> Place:
    return facts.binding_place(Step.MODEL, "model")


def _numbers(facts: Facts) -> int:
    """How many trainable numbers the model has."""
    return sum(len(p.values) for p in facts.model.parameters) if facts.model is not None else 0


def _start(facts: Facts) -> Line | None:
    return learned_line(facts.model) if facts.model is not None else None


def _near(one: Line | None, other: Line) -> bool:
    return one is not None and max(abs(one.w - other.w), abs(one.b - other.b)) < NEAR


@rule(
    "weight_frozen",
    Step.MODEL,
    say("It behaves like a model of which a part is frozen and never learns."),
    say("Print requires_grad of every parameter: which one may not change, and why?"),
    _at_model,
)
def weight_frozen(facts: Facts) -> bool:
    """A parameter does not ask for gradients."""
    return facts.model is not None and any(not p.requires_grad for p in facts.model.parameters)


@rule(
    "bias_missing",
    Step.MODEL,
    say("It behaves like a line that always goes through zero: only its slope can be learned."),
    say("What does your model answer for x = 0, and what should it be able to answer?"),
    _at_model,
)
def bias_missing(facts: Facts) -> bool:
    """There is a single number, and the answer for 0 is 0."""
    start = _start(facts)
    return _numbers(facts) == 1 and start is not None and start.b == 0


@rule(
    "activation_added",
    Step.MODEL,
    say("It behaves like a line that is bent behind its end: something acts on the answers."),
    say("Ask the model for x = -100 and x = 100. Which of the answers could no line give?"),
    _at_model,
)
def activation_added(facts: Facts) -> bool:
    """Weight and bias are there, but the answers are no line."""
    model = facts.model
    if model is None or _numbers(facts) != 2 or not model.probe.outputs:
        return False
    x, answers = np.array(model.probe.inputs), np.array(model.probe.outputs)
    line = learned_line(model)
    return line is None or not np.allclose(answers, line.at(x), rtol=1e-4, atol=1e-4)


@rule(
    "model_wrong_size",
    Step.MODEL,
    say("It behaves like a layer for another number of questions or answers than one card has."),
    say("How many numbers stand on the front of one card, and how many on its back?"),
    _at_model,
)
def model_wrong_size(facts: Facts) -> bool:
    """A single layer that does not take one number or does not give one."""
    model = facts.model
    if model is None or len(model.layers) != 1 or _numbers(facts) <= 2:
        return False
    return model.probe.error is not None or model.probe.shape != (len(model.probe.inputs), 1)


@rule(
    "extra_layers",
    Step.MODEL,
    say("It behaves like a model with more numbers in it than a line needs."),
    say("Count the model's numbers: how many does a line have, and which layer gives just those?"),
    _at_model,
)
def extra_layers(facts: Facts) -> bool:
    """There are more than two trainable numbers."""
    return _numbers(facts) > 2


@rule(
    "parameters_hard_coded",
    Step.MODEL,
    say(
        "It behaves like a model whose numbers were filled in, either typed by hand or copied "
        "from a formula, before the training began."
    ),
    say("A pupil who is told the answer learns nothing: which lines set the model's numbers?"),
    _at_model,
    also=("least_squares_pasted",),
)
def parameters_hard_coded_or_pasted(facts: Facts) -> bool:
    """The start is the goal, where the goal is also the least-squares line."""
    goal = facts.line_recipe.line
    return (
        facts.data_set is not None
        and _near(_start(facts), goal)
        and _near(least_squares(facts.data_set), goal)
    )


@rule(
    "parameters_hard_coded",
    Step.MODEL,
    say("It behaves like a model whose numbers were typed in before the training began."),
    say("A pupil who is told the answer learns nothing: which lines set the model's numbers?"),
    _at_model,
)
def parameters_hard_coded(facts: Facts) -> bool:
    """The start is the goal."""
    return _near(_start(facts), facts.line_recipe.line)


@rule(
    "least_squares_pasted",
    Step.MODEL,
    say("It behaves like a model that got its numbers from a formula, before any training."),
    say("The formula's line is a fine thing to compare with; let training find its own."),
    _at_model,
)
def least_squares_pasted(facts: Facts) -> bool:
    """The start is the least-squares line of the cards."""
    return facts.data_set is not None and _near(_start(facts), least_squares(facts.data_set))


@rule(
    "parameters_unknown",
    Step.MODEL,
    say("It behaves like a model that keeps numbers where torch does not find them."),
    say("Print list(model.parameters()): how does torch come to know a number?"),
    _at_model,
)
def parameters_unknown(facts: Facts) -> bool:
    """A module that answers by numbers which are none of its parameters: by both, or by its b."""
    model, start = facts.model, _start(facts)
    if model is None or start is None or not model.is_module or model.probe.error is not None:
        return False
    return not model.parameters or (_numbers(facts) == 1 and start.b != 0)


@rule(
    "model_dtype_other",
    Step.MODEL,
    say("It behaves like a model whose numbers have another precision than those on the cards."),
    say("Print X.dtype beside the dtype of the model's weight: do they agree?"),
    _at_model,
)
def model_dtype_other(facts: Facts) -> bool:
    """The cards are float32, the model is not."""
    return model_is_off_precision(facts.seen)


RULES = (
    super_init_missing(Step.MODEL, lambda facts: facts.model, _at_model),
    model_dtype_other,
    *only((LineRecipe, ThresholdRecipe), parameters_unknown),
    class_not_called(Step.MODEL, ModelPart, "model", _at_model),
    weight_frozen,
    *only((LineRecipe, ThresholdRecipe), bias_missing),
    *only(LineRecipe, activation_added),
    *only((LineRecipe, ThresholdRecipe), model_wrong_size, extra_layers),
    *only(LineRecipe, parameters_hard_coded_or_pasted, parameters_hard_coded, least_squares_pasted),
)
