"""Mistakes in the model."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from grader.diagnosis.classes import class_not_called, super_init_missing
from grader.diagnosis.places import at_model
from grader.diagnosis.rule import Rules, only
from grader.evidence import ModelPart
from grader.language.messages import say
from grader.models import Step
from grader.recipes.kinds import LineRecipe, PicturesRecipe, ThresholdRecipe
from grader.replay import learned_line, least_squares

if TYPE_CHECKING:
    from grader.evidence import ParameterSeen
    from grader.facts import Facts
    from grader.replay import Line

NEAR = 0.02
WRONG_SIZE = "shapes cannot be multiplied"


def _numbers(facts: Facts) -> int:
    """How many trainable numbers the model has."""
    return sum(len(p.values) for p in facts.model.parameters) if facts.model is not None else 0


def _start(facts: Facts) -> Line | None:
    return learned_line(facts.model) if facts.model is not None else None


def _near(one: Line | None, other: Line) -> bool:
    return one is not None and max(abs(one.w - other.w), abs(one.b - other.b)) < NEAR


NUMBERS, ANSWERS, FRESH = (
    ("model.parameters", "model.size"),
    ("model.line", "model.scores", "model.network"),
    ("model.fresh",),
)
rule = Rules(Step.MODEL, at_model, explains=NUMBERS, needs=(ModelPart,))
of_answers = replace(rule, explains=ANSWERS)
of_start = replace(rule, explains=FRESH)


@rule(
    "weight_frozen",
    say("It behaves like a model with a part that is frozen and never learns."),
    say("Print requires_grad of every parameter: which one is not allowed to change, and why?"),
)
def weight_frozen(facts: Facts) -> bool:
    """A parameter does not ask for gradients."""
    return facts.model is not None and any(not p.requires_grad for p in facts.model.parameters)


@rule(
    "bias_missing",
    say("It behaves like a line that always goes through zero: only its slope can be learned."),
    say("What does your model answer for x = 0, and what should it be able to answer?"),
)
def bias_missing(facts: Facts) -> bool:
    """There is a single number, or one that has a say, and the answer for 0 is 0."""
    start = _start(facts)
    if facts.model is None or start is None or start.b != 0:
        return False
    return _numbers(facts) == 1 or (sum(facts.model.probe.heard) == 1 and start.w != 0)


@of_answers(
    "activation_added",
    say("It behaves like a line whose output is bent afterwards: something changes the answers."),
    say("Ask the model for x = -100 and x = 100. Which of the answers could no line give?"),
)
def activation_added(facts: Facts) -> bool:
    """Weight and bias are there, but the answers are not a line."""
    model = facts.model
    if model is None or _numbers(facts) != 2 or not model.probe.outputs:
        return False
    x, answers = np.array(model.probe.inputs), np.array(model.probe.outputs)
    line = learned_line(model)
    return line is None or not np.allclose(answers, line.at(x), rtol=1e-4, atol=1e-4)


@of_answers(
    "forward_missing",
    say("It behaves like a class in which torch finds no `forward`: it cannot be asked anything."),
    say(
        "Compare the name of your method with the lesson's, letter by letter, and its indentation."
    ),
)
def forward_missing(facts: Facts) -> bool:
    """torch asked for a method that is not there."""
    return _stops_with(facts, 'missing the required "forward" function')


@of_answers(
    "forward_returns_nothing",
    say("It behaves like a model that works out its answers and gives none of them back."),
    say("Print model(X): what comes back? Which line of the model hands the answers over?"),
)
def forward_returns_nothing(facts: Facts) -> bool:
    """The model's answer is None."""
    return _stops_with(facts, "'NoneType' object has no attribute 'detach'")


def _stops_with(facts: Facts, text: str) -> bool:
    return facts.model is not None and text in (facts.model.probe.error or "")


@of_answers(
    "answers_without_column",
    say("It behaves like a model whose answers have lost their column: all stand in one row."),
    say("Print model(X).shape and y.shape side by side: which line takes the column away?"),
)
def answers_without_column(facts: Facts) -> bool:
    """One answer for each card, and a single dimension."""
    probe = facts.model.probe if facts.model is not None else None
    cards = len(probe.inputs) // max(1, probe.width) if probe is not None else 0
    return probe is not None and probe.error is None and probe.shape == (cards,)


@rule(
    "model_wrong_size",
    say("It behaves like a layer whose number of inputs or outputs does not fit one card."),
    say("How many numbers are on the front of one card, and how many on its back?"),
    explains=(*NUMBERS, *ANSWERS),
)
def model_wrong_size(facts: Facts) -> bool:
    """A single layer that does not take one number or does not give one."""
    model = facts.model
    if model is None or len(model.layers) != 1 or _numbers(facts) < 2:
        return False
    if model.probe.error is not None:
        return WRONG_SIZE in model.probe.error
    shape = model.probe.shape
    return len(shape) == 2 and shape[1] != 1


@rule(
    "extra_layers",
    say("It behaves like a model with more numbers in it than a line needs."),
    say("Count the model's numbers: how many does a line have, and which layer gives just those?"),
)
def extra_layers(facts: Facts) -> bool:
    """There are more than two trainable numbers."""
    return _numbers(facts) > 2


@of_start(
    "parameters_hard_coded",
    say(
        "It behaves like a model whose numbers were filled in, either typed by hand or copied "
        "from a formula, before the training began."
    ),
    say("A pupil who is told the answer learns nothing: which lines set the model's numbers?"),
    also=("least_squares_pasted",),
)
def parameters_hard_coded_or_pasted(facts: Facts) -> bool:
    """The start is the goal, where the goal is also the least-squares line."""
    goal = facts.recipe_as(LineRecipe).line
    return (
        facts.columns is not None
        and _near(_start(facts), goal)
        and _near(least_squares(facts.columns), goal)
    )


@of_start(
    "parameters_hard_coded",
    say("It behaves like a model whose numbers were typed in before the training began."),
    say("A pupil who is told the answer learns nothing: which lines set the model's numbers?"),
)
def parameters_hard_coded(facts: Facts) -> bool:
    """The start is the goal."""
    return _near(_start(facts), facts.recipe_as(LineRecipe).line)


@of_start(
    "parameters_hard_coded",
    say("It behaves like a model whose numbers were filled in near the goal ahead of training."),
    say("A pupil who is told the answer learns nothing: which lines set the model's numbers?"),
    also=("least_squares_pasted",),
)
def filled_in_near_the_goal(facts: Facts) -> bool:
    """The start was not left to chance, nor learned."""
    return facts.model_is_filled_in


@of_start(
    "trained_where_made",
    say("It behaves like a model that was trained already in the cell in which it is made."),
    say("Which lines of this cell let the model learn? Which step are they for?"),
)
def trained_where_made(facts: Facts) -> bool:
    """The model's own cell works with gradients."""
    return facts.model_is_trained_where_made


@of_start(
    "least_squares_pasted",
    say("It behaves like a model that got its numbers from a formula, before any training."),
    say("The formula's line is a fine thing to compare with; let training find its own."),
)
def least_squares_pasted(facts: Facts) -> bool:
    """The start is the least-squares line of the cards."""
    return facts.columns is not None and _near(_start(facts), least_squares(facts.columns))


@rule(
    "parameters_unknown",
    say("It behaves like a model that keeps numbers where torch does not find them."),
    say("Print list(model.parameters()): how does torch come to know a number?"),
)
def parameters_unknown(facts: Facts) -> bool:
    """A module that answers with numbers that are not its parameters: with both, or with its b."""
    model, start = facts.model, _start(facts)
    if model is None or not model.is_module or not model.probe.outputs:
        return False
    beside = _numbers(facts) == 1 and start is not None and start.b != 0
    return not model.parameters or beside


@rule(
    "dropout_added",
    say("It behaves like a model that leaves out some of what it is shown at random, each time."),
    say("Ask the model the same question twice: does it give the same answer?"),
    explains=ANSWERS,
)
def dropout_added(facts: Facts) -> bool:
    """A layer drops out."""
    return _has_layer(facts, "Dropout")


@rule(
    "normalisation_added",
    say("It behaves like a model whose answer for one card depends on the cards beside it."),
    say("Ask the model about one card alone, and among others: is it the same answer?"),
    explains=(*NUMBERS, *ANSWERS),
)
def normalisation_added(facts: Facts) -> bool:
    """A layer compares the cards of a batch."""
    return _has_layer(facts, "BatchNorm")


def _has_layer(facts: Facts, kind: str) -> bool:
    return facts.model is not None and any(kind in each for each in facts.model.layers)


@rule(
    "parameters_not_used",
    say(
        "It behaves like a model that guesses with other numbers than those it keeps: the training "
        "never reaches its own."
    ),
    say("Where are the numbers made that your model guesses with, and how often does that happen?"),
)
def parameters_not_used(facts: Facts) -> bool:
    """No answer hangs on a parameter, and they lie on a line with none of their values."""
    model, start = facts.model, _start(facts)
    if model is None or start is None or not model.probe.heard or any(model.probe.heard):
        return False
    if not np.allclose(model.probe.outputs, start.at(np.array(model.probe.inputs)), rtol=1e-4):
        return False
    kept = [value for parameter in model.parameters for value in parameter.values or ()]
    return not any(np.isclose(number, kept, atol=1e-4).any() for number in (start.w, start.b))


@rule(
    "softmax_of_one_score",
    say("It behaves like shares of a whole with one part only: that part is always all of it."),
    say("Ask the model about two very different cards: can its answers differ?"),
    explains=(*NUMBERS, *ANSWERS),
)
def softmax_of_one_score(facts: Facts) -> bool:
    """The model's only answer is 1, or the logarithm of it, whatever its numbers are."""
    model = facts.model
    if model is None or any(model.probe.heard):
        return False
    return set(model.probe.outputs) in ({1.0}, {0.0}) and any(map(_is_set, model.parameters))


def _is_set(parameter: ParameterSeen) -> bool:
    return any(parameter.values)


@of_answers(
    "model_dtype_other",
    say("It behaves like a model whose numbers have another precision than those on the cards."),
    say("Print X.dtype and the dtype of the model's weight: do they agree?"),
)
def model_dtype_other(facts: Facts) -> bool:
    """The cards are float32, the model is not."""
    return facts.model_is_off_precision


RULES = (
    super_init_missing(Step.MODEL, lambda facts: facts.model, at_model),
    model_dtype_other,
    parameters_unknown,
    class_not_called(Step.MODEL, ModelPart, "model", at_model),
    forward_missing,
    forward_returns_nothing,
    weight_frozen,
    answers_without_column,
    dropout_added,
    normalisation_added,
    *only((LineRecipe, ThresholdRecipe, PicturesRecipe), softmax_of_one_score),
    *only((LineRecipe, ThresholdRecipe), bias_missing, parameters_not_used),
    *only(LineRecipe, activation_added),
    *only((LineRecipe, ThresholdRecipe), model_wrong_size, extra_layers),
    trained_where_made,
    *only(LineRecipe, parameters_hard_coded_or_pasted, parameters_hard_coded, least_squares_pasted),
    *only(LineRecipe, filled_in_near_the_goal),
)
