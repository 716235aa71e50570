"""Mistakes on the cards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.checks.criteria.data import kept_another_noise
from grader.diagnosis.rule import only, rule
from grader.language.messages import say
from grader.models import Step
from grader.recipes.formula import answers_by
from grader.recipes.recipe import CurveRecipe, LineRecipe, ThresholdRecipe

if TYPE_CHECKING:
    from grader.diagnosis.facts import Facts, Floats
    from grader.diagnosis.rule import Place

NEAR = 1e-4


def _at_y(facts: Facts) -> Place:
    name = facts.data.names.get("y", "y") if facts.data is not None else "y"
    return facts.binding_place(Step.DATA, name)


def _at_x(facts: Facts) -> Place:
    name = facts.data.names.get("X", "X") if facts.data is not None else "X"
    return facts.binding_place(Step.DATA, name)


def _numbers(facts: Facts) -> tuple[Floats, Floats] | None:
    """X and y as flat numbers of equal length."""
    data = facts.data
    if data is None or data.X is None or data.y is None:
        return None
    x, y = data.X.array().reshape(-1), data.y.array().reshape(-1)
    finite = np.isfinite(x).all() and np.isfinite(y).all()
    return (x, y) if len(x) == len(y) and len(x) > 2 and finite else None


def _fit(x: Floats, y: Floats, *more: Floats) -> tuple[Floats, float]:
    """Least-squares coefficients of (x, 1, more) and the largest distance that is left."""
    design = np.column_stack([x, np.ones_like(x), *more])
    found: Floats = np.linalg.lstsq(design, y, rcond=None)[0].astype(np.float64)
    return found, float(np.abs(design @ found - y).max())


def _on_grid(facts: Facts, x: Floats) -> bool:
    grid = facts.line_recipe.inputs.values()
    return len(x) == len(grid) and bool(np.allclose(x, grid, atol=NEAR))


@rule(
    "data_missing_dimension",
    Step.DATA,
    say("It behaves like cards laid out in one line, where the model expects one card a row."),
    say("Print X.shape. Which shape does the task ask for, and what turns a row into a column?"),
    _at_x,
)
def data_missing_dimension(facts: Facts) -> bool:
    """X has a single dimension, or all cards in one row."""
    X = facts.data.X if facts.data is not None else None
    return X is not None and (
        len(X.shape) == 1 or (len(X.shape) == 2 and 1 == X.shape[0] != X.shape[1])
    )


@rule(
    "data_dtype_double",
    Step.DATA,
    say("It behaves like cards with numbers of twice the model's precision."),
    say("Print X.dtype, y.dtype and the dtype of the model's weight: do they agree?"),
    _at_x,
)
def data_dtype_double(facts: Facts) -> bool:
    """X or y is float64 beside a float32 model."""
    parameters = facts.model.parameters if facts.model is not None else ()
    if facts.data is None or not parameters or parameters[0].dtype != "float32":
        return False
    tensors = [t for t in (facts.data.X, facts.data.y) if t is not None and t.type == "Tensor"]
    return any(t.dtype == "float64" for t in tensors)


@rule(
    "target_shape_broadcast",
    Step.DATA,
    say("It behaves like answers without a column: every guess is compared with every answer."),
    say("Print X.shape and y.shape side by side: answers and cards should look alike."),
    _at_y,
)
def target_shape_broadcast(facts: Facts) -> bool:
    """y has one dimension less than X, or was itself spread out to a square."""
    data = facts.data
    if data is None or data.X is None or data.y is None or len(data.X.shape) != 2:
        return False
    return len(data.y.shape) == 1 or data.y.shape == (data.X.shape[0], data.X.shape[0])


@rule(
    "data_dtype_integer",
    Step.DATA,
    say("It behaves like cards with whole numbers, which a model cannot calculate with."),
    say("Print X.dtype and y.dtype. Which type do the model's own numbers have?"),
    _at_x,
)
def data_dtype_integer(facts: Facts) -> bool:
    """X or y holds integers."""
    if facts.data is None:
        return False
    tensors = (facts.data.X, facts.data.y)
    return any(t is not None and "int" in t.dtype for t in tensors)


@rule(
    "data_swapped",
    Step.DATA,
    say("It behaves like fronts and backs of the cards that changed places."),
    say("Which number is shown to the pupil, and which one is the answer? Look at one card."),
    _at_y,
)
def data_swapped(facts: Facts) -> bool:
    """X is where y should be and y where X should be."""
    numbers = _numbers(facts)
    if numbers is None or not _on_grid(facts, numbers[1]):
        return False
    x, y = numbers
    return float(np.std(x - facts.line_recipe.line.at(y))) <= 2 * facts.line_recipe.noise + NEAR


@rule(
    "noise_on_inputs",
    Step.DATA,
    say("It behaves like noise on the fronts of the cards instead of on the answers."),
    say("Which of the two is read off wrongly in this lesson's story, the card or the answer?"),
    _at_x,
)
def noise_on_inputs(facts: Facts) -> bool:
    """y is exactly the line of the grid while X is off the grid."""
    numbers = _numbers(facts)
    if numbers is None or not facts.line_recipe.noise or _on_grid(facts, numbers[0]):
        return False
    grid = facts.line_recipe.inputs.values()
    exact = facts.line_recipe.line.at(grid)
    return len(grid) == len(numbers[1]) and bool(np.allclose(numbers[1], exact, atol=NEAR))


@rule(
    "data_inputs_wrong",
    Step.DATA,
    say("It behaves like other cards than the lesson hands out."),
    say("Print the first and the last card, and how many there are; compare with the task."),
    _at_x,
)
def data_inputs_wrong(facts: Facts) -> bool:
    """X is not the lesson's grid, while y goes with it."""
    return facts.failed == {"data.inputs"} and facts.data is not None and facts.data.X is not None


@rule(
    "noise_missing",
    Step.DATA,
    say("It behaves like answers without any noise: they lie exactly on the line."),
    say("Draw the cards: do they look like the picture in the lesson?"),
    _at_y,
)
def noise_missing(facts: Facts) -> bool:
    """y lies on a line although the lesson asks for noise."""
    numbers = _numbers(facts)
    if numbers is None or not facts.line_recipe.noise:
        return False
    (w, b), rest = _fit(*numbers)
    return rest <= NEAR and bool(
        np.allclose([w, b], [facts.line_recipe.w, facts.line_recipe.b], atol=NEAR)
    )


@rule(
    "noise_shared",
    Step.DATA,
    say("It behaves like one noise for all cards: together they are pushed up or down."),
    say("Print noise.shape: how many cards get a noise of their own?"),
    _at_y,
)
def noise_shared(facts: Facts) -> bool:
    """y lies on a line beside the lesson's, and `noise` is a single number."""
    numbers = _numbers(facts)
    kept = facts.data.kept_noise if facts.data is not None else None
    if numbers is None or kept is None or len(kept.values) != 1 or not facts.line_recipe.noise:
        return False
    (w, b), rest = _fit(*numbers)
    due = [facts.line_recipe.w, facts.line_recipe.b + kept.values[0]]
    return rest <= NEAR and bool(np.allclose([w, b], due, atol=NEAR))


@rule(
    "data_line_wrong",
    Step.DATA,
    say("It behaves like answers that follow another rule than the lesson's."),
    say("Take one card and work out its answer by hand: what is done to x, in which order?"),
    _at_y,
)
def data_line_wrong(facts: Facts) -> bool:
    """y follows an exact rule, with or without the seeded noise, but not the lesson's."""
    numbers = _numbers(facts)
    if numbers is None:
        return False
    goal = [facts.line_recipe.w, facts.line_recipe.b]
    if facts.line_recipe.noise:
        for drawn in facts.data.noise.values() if facts.data is not None else ():
            found, rest = _fit(*numbers, np.array(drawn))
            if rest <= NEAR:
                return not np.allclose(found[:2], goal, atol=1e-3)
    found, rest = _fit(*numbers)
    if rest <= NEAR:
        return not np.allclose(found, goal, atol=1e-3)
    return not facts.line_recipe.noise


@rule(
    "noise_wrong_distribution",
    Step.DATA,
    say("It behaves like noise of another kind: spread evenly, or only upwards."),
    say("Draw many of these random numbers: where do they gather, and are some below zero?"),
    _at_y,
)
def noise_wrong_distribution(facts: Facts) -> bool:
    """The noise is bounded like uniform noise instead of bell-shaped around zero."""
    noise, numbers = _noise(facts), _numbers(facts)
    if noise is None or numbers is None or facts.data is None:
        return False
    if any(_fit(*numbers, np.array(drawn))[1] <= NEAR for drawn in facts.data.even.values()):
        return True
    one_sided = noise.min() >= -NEAR or noise.max() <= NEAR
    flat = float(np.mean((noise - noise.mean()) ** 4)) < 2.1 * float(np.var(noise)) ** 2
    return one_sided or (flat and abs(float(noise.mean())) > 0.5)


@rule(
    "noise_scale_wrong",
    Step.DATA,
    say("It behaves like noise of another strength than the lesson asks for."),
    say("How far from the line do your cards lie, on average, and how far should they?"),
    _at_y,
)
def noise_scale_wrong(facts: Facts) -> bool:
    """The spread of the noise is far from what is asked, or exactly another one."""
    noise, numbers = _noise(facts), _numbers(facts)
    for drawn in facts.data.noise.values() if facts.data is not None else ():
        if numbers is not None and _fit(*numbers, np.array(drawn))[1] <= NEAR:
            strength = abs(float(_fit(*numbers, np.array(drawn))[0][2]))
            return abs(strength - facts.line_recipe.noise) > 1e-3
    if noise is None:
        return False
    ratio = float(noise.std()) / facts.line_recipe.noise
    return not 0.75 <= ratio <= 1.33


@rule(
    "data_swapped",
    Step.DATA,
    say("It behaves like fronts and backs of the cards that changed places."),
    say("Which number is shown to the pupil, and which one is the answer? Look at one card."),
    _at_y,
)
def data_swapped_on_a_curve(facts: Facts) -> bool:
    """X holds what the formula makes of y."""
    numbers = _numbers(facts)
    if numbers is None or not isinstance(facts.recipe, CurveRecipe):
        return False
    x, y = numbers
    due = answers_by(facts.recipe.formula, y)
    return due.shape == x.shape and bool(np.allclose(x, due, atol=NEAR))


@rule(
    "data_line_wrong",
    Step.DATA,
    say("It behaves like answers that follow another rule than the lesson's."),
    say("Take one card and work out its answer by hand: what is done to x, in which order?"),
    _at_y,
)
def data_rule_wrong(facts: Facts) -> bool:
    """The cards have the right form, and y is not what the formula gives."""
    return "data.targets" in facts.failed and _numbers(facts) is not None


def _noise(facts: Facts) -> Floats | None:
    numbers = _numbers(facts)
    if numbers is None or not facts.line_recipe.noise:
        return None
    x, y = numbers
    return y - facts.line_recipe.line.at(x)


@rule(
    "noise_drawn_twice",
    Step.DATA,
    say(
        "It behaves like noise that is drawn twice: once for `noise`, and once more for the cards."
    ),
    say("How often is noise drawn in your cell, and which of it comes onto the cards?"),
    _at_y,
)
def noise_drawn_twice(facts: Facts) -> bool:
    """What is called `noise` is another noise than that on the cards."""
    noise = _noise(facts)
    return (
        noise is not None
        and facts.data is not None
        and facts.line_recipe.noise > 0
        and kept_another_noise(facts.data, noise.reshape(-1))
    )


RULES = (
    data_missing_dimension,
    target_shape_broadcast,
    data_dtype_integer,
    data_dtype_double,
    *only(LineRecipe, data_swapped, noise_on_inputs),
    *only(CurveRecipe, data_swapped_on_a_curve),
    *only((LineRecipe, CurveRecipe, ThresholdRecipe), data_inputs_wrong),
    *only(CurveRecipe, data_rule_wrong),
    *only(LineRecipe, noise_missing, noise_shared),
    *only(LineRecipe, data_line_wrong, noise_wrong_distribution, noise_scale_wrong),
    *only(LineRecipe, noise_drawn_twice),
)
