"""Mistakes on the cards."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from grader.diagnosis.places import at_X, at_y
from grader.diagnosis.rule import Cell, Rules, only
from grader.evidence import DataPart
from grader.facts.examples import (
    answers_fit,
    flat,
    is_in_another_order,
    is_rescaled,
    lesson_inputs,
)
from grader.facts.noise import kept_another_noise
from grader.language.messages import say
from grader.models import Step
from grader.recipes.formula import answers_by
from grader.recipes.kinds import CurveRecipe, LineRecipe, ThresholdRecipe

if TYPE_CHECKING:
    from grader.facts import Facts
    from grader.facts.hypotheses import Floats

NEAR = 1e-4
# How torch refuses whole numbers where only decimals will do: noise like them, means, gradients.
OF_INTEGERS = ("for 'Long'", "for 'Int'", "got Long", "got: Long", "floating point")


def _recipe(facts: Facts) -> LineRecipe:
    return facts.recipe_as(LineRecipe)


def numbers_of(facts: Facts) -> tuple[Floats, Floats] | None:
    """X and y as flat numbers of equal length."""
    data = facts.data
    if data.X is None or data.y is None:
        return None
    x, y = data.X.array().reshape(-1), data.y.array().reshape(-1)
    finite = np.isfinite(x).all() and np.isfinite(y).all()
    return (x, y) if len(x) == len(y) and len(x) > 2 and finite else None


def fit(x: Floats, y: Floats, *more: Floats) -> tuple[Floats, float]:
    """Least-squares coefficients of (x, 1, more) and the largest distance that is left."""
    design = np.column_stack([x, np.ones_like(x), *more])
    found: Floats = np.linalg.lstsq(design, y, rcond=None)[0].astype(np.float64)
    return found, float(np.abs(design @ found - y).max())


def on_grid(facts: Facts, x: Floats) -> bool:
    """Whether these are the inputs of the lesson's cards, in their order."""
    grid = _recipe(facts).inputs.values()
    return len(x) == len(grid) and bool(np.allclose(x, grid, atol=NEAR))


FRONTS = ("data.inputs", "data.cards", "data.exam")
BACKS = ("data.targets", "data.cards", "data.exam")
rule = Rules(Step.DATA, at_y, explains=BACKS, needs=(DataPart,))
of_fronts = Rules(Step.DATA, at_X, explains=FRONTS, needs=(DataPart,))
of_both = replace(rule, explains=(*FRONTS, *BACKS))


@of_fronts(
    "data_missing_dimension",
    say("It behaves like cards laid out in one line, where the model expects one card a row."),
    say("Print X.shape. Which shape does the task ask for, and what turns a row into a column?"),
)
def data_missing_dimension(facts: Facts) -> bool:
    """X has a single dimension, or all cards in one row."""
    X = facts.data.X
    return X is not None and (
        len(X.shape) == 1 or (len(X.shape) == 2 and 1 == X.shape[0] != X.shape[1])
    )


@of_both(
    "data_dtype_double",
    say("It behaves like cards with numbers of twice the model's precision."),
    say("Print X.dtype, y.dtype and the dtype of the model's weight: do they agree?"),
    at_X,
)
def data_dtype_double(facts: Facts) -> bool:
    """X or y is float64 beside a float32 model."""
    parameters = facts.model.parameters if facts.model is not None else ()
    if not parameters or parameters[0].dtype != "float32":
        return False
    tensors = [t for t in (facts.data.X, facts.data.y) if t is not None and t.type == "Tensor"]
    return any(t.dtype == "float64" for t in tensors)


@rule(
    "target_shape_broadcast",
    say("It behaves like answers without a column: every guess is compared with every answer."),
    say("Print X.shape and y.shape side by side: answers and cards should look alike."),
)
def target_shape_broadcast(facts: Facts) -> bool:
    """y has one dimension less than X, or was itself spread out to a square."""
    data = facts.data
    if data.X is None or data.y is None or len(data.X.shape) != 2:
        return False
    return len(data.y.shape) == 1 or data.y.shape == (data.X.shape[0], data.X.shape[0])


@of_both(
    "data_dtype_integer",
    say("It behaves like cards with whole numbers, which a model cannot calculate with."),
    say("Print X.dtype and y.dtype. Which type do the model's own numbers have?"),
    at_X,
    cell=Cell.ANYHOW,
)
def data_dtype_integer(facts: Facts) -> bool:
    """X or y holds integers, and where the cell stopped, it is for that."""
    if Step.DATA in facts.code.stopped and not facts.code.error_says(Step.DATA, *OF_INTEGERS):
        return False
    tensors = (facts.data.X, facts.data.y)
    return any(t is not None and "int" in t.dtype for t in tensors)


@of_both(
    "data_swapped",
    say("It behaves like cards whose fronts and backs were swapped."),
    say("Which number is shown to the pupil, and which one is the answer? Look at one card."),
)
def data_swapped(facts: Facts) -> bool:
    """X is what the lesson's rule makes of y."""
    numbers, recipe = numbers_of(facts), facts.recipe
    if numbers is None:
        return False
    x, y = numbers
    if isinstance(recipe, CurveRecipe):
        ruled = answers_by(recipe.formula, y)
        return ruled.shape == x.shape and bool(np.allclose(x, ruled, atol=NEAR))
    off = float(np.std(x - _recipe(facts).line.at(y)))
    return on_grid(facts, y) and off <= 2 * _recipe(facts).noise + NEAR


@of_both(
    "noise_on_inputs",
    say("It behaves like noise on the fronts of the cards instead of on the answers."),
    say("Which of the two is smudged in this lesson's story, the card's front or its back?"),
    at_X,
)
def noise_on_inputs(facts: Facts) -> bool:
    """y is exactly the line of the grid while X is off the grid."""
    numbers = numbers_of(facts)
    if numbers is None or not _recipe(facts).noise or on_grid(facts, numbers[0]):
        return False
    grid = _recipe(facts).inputs.values()
    exact = _recipe(facts).line.at(grid)
    return len(grid) == len(numbers[1]) and bool(np.allclose(numbers[1], exact, atol=NEAR))


@of_fronts(
    "data_more_columns",
    say("It behaves like cards with more than one number on each front."),
    say("Print X[0]: how many numbers are on the front of the first card?"),
)
def data_more_columns(facts: Facts) -> bool:
    """One row a card, and several numbers in a row."""
    X = facts.data.X
    return X is not None and len(X.shape) == 2 and X.shape[1] > 1 < X.shape[0]


@of_fronts(
    "cards_rescaled",
    say("It behaves like the lesson's cards with every number stretched or moved."),
    say("Print the first and the last card, and compare: which line changes the numbers on them?"),
)
def cards_rescaled(facts: Facts) -> bool:
    """X is a multiple of the lesson's cards and a number, while y belongs to the lesson's cards."""
    x, y, due = flat(facts.data.X), flat(facts.data.y), lesson_inputs(facts.recipe)
    if due is None or not is_rescaled(x, due) or len(y) != len(due):
        return False
    return answers_fit(facts.recipe, due, y) and not answers_fit(facts.recipe, x, y)


@of_both(
    "cards_mixed_up",
    say("It behaves like fronts and backs of cards that were each put in an order of their own."),
    say("Take the first card: does its answer still belong to it?"),
)
def cards_mixed_up(facts: Facts) -> bool:
    """X or y alone is in another order than the one in which y was made."""
    x, y, due = flat(facts.data.X), flat(facts.data.y), lesson_inputs(facts.recipe)
    if due is None or not is_in_another_order(x, due) or len(y) != len(due):
        return False
    return answers_fit(facts.recipe, due, y) and not answers_fit(facts.recipe, x, y)


@of_fronts(
    "cards_in_another_order",
    say("It behaves like the lesson's cards, each with its answer, in another order."),
    say("Print X from the first card to the last: in which order does the lesson hand them out?"),
)
def cards_in_another_order(facts: Facts) -> bool:
    """The same numbers as the lesson's, not one after the other."""
    x, y, due = flat(facts.data.X), flat(facts.data.y), lesson_inputs(facts.recipe)
    return due is not None and is_in_another_order(x, due) and answers_fit(facts.recipe, x, y)


@of_fronts(
    "data_inputs_wrong",
    say("It behaves like cards other than those the lesson hands out."),
    say("Print the first and the last card, and how many there are; compare with the task."),
    explains=("data.inputs",),
    alone=True,
)
def data_inputs_wrong(facts: Facts) -> bool:
    """X is not the lesson's grid, while y goes with it."""
    return facts.data.X is not None


@rule(
    "noise_missing",
    say("It behaves like answers without any noise: they lie exactly on the line."),
    say("Draw the cards: do they look like the picture in the lesson?"),
)
def noise_missing(facts: Facts) -> bool:
    """y lies on a line although the lesson asks for noise."""
    numbers = numbers_of(facts)
    if numbers is None or not _recipe(facts).noise:
        return False
    (w, b), rest = fit(*numbers)
    return rest <= NEAR and bool(
        np.allclose([w, b], [_recipe(facts).w, _recipe(facts).b], atol=NEAR)
    )


@rule(
    "noise_shared",
    say("It behaves like one noise for all cards: together they are pushed up or down."),
    say("Print noise.shape: how many cards get a noise of their own?"),
)
def noise_shared(facts: Facts) -> bool:
    """y lies on a line beside the lesson's, and `noise` is a single number."""
    numbers = numbers_of(facts)
    kept = facts.data.kept_noise
    if numbers is None or kept is None or len(kept.values) != 1 or not _recipe(facts).noise:
        return False
    (w, b), rest = fit(*numbers)
    due = [_recipe(facts).w, _recipe(facts).b + kept.values[0]]
    return rest <= NEAR and bool(np.allclose([w, b], due, atol=NEAR))


@rule(
    "noise_not_centered",
    say("It behaves like noise that lies around a number other than 0."),
    say("What is the mean of your noise, and what should it be?"),
)
def noise_not_centered(facts: Facts) -> bool:
    """Without the kept noise, y follows the rule; that noise is not around 0."""
    numbers, kept = numbers_of(facts), flat(facts.data.kept_noise)
    if numbers is None or not _recipe(facts).noise or kept.shape != numbers[0].shape:
        return False
    exact = bool(np.allclose(numbers[1] - kept, _recipe(facts).line.at(numbers[0]), atol=NEAR))
    surely = 5 * _recipe(facts).noise / np.sqrt(len(kept))
    return exact and abs(float(kept.mean())) > surely


@rule(
    "data_line_wrong",
    say("It behaves like answers that follow a different rule from the lesson's."),
    say("Take one card and work out its answer by hand: what is done to x, in which order?"),
)
def data_line_wrong(facts: Facts) -> bool:
    """y follows an exact rule, with or without the seeded noise, but not the lesson's."""
    numbers = numbers_of(facts)
    if numbers is None:
        return False
    goal = [_recipe(facts).w, _recipe(facts).b]
    if _recipe(facts).noise:
        for drawn in facts.data.noise.values():
            found, rest = fit(*numbers, np.array(drawn))
            if rest <= NEAR:
                return not np.allclose(found[:2], goal, atol=1e-3)
    found, rest = fit(*numbers)
    if rest <= NEAR:
        return not np.allclose(found, goal, atol=1e-3)
    return not _recipe(facts).noise


@rule(
    "noise_wrong_distribution",
    say("It behaves like noise of another kind: spread evenly, in steps, or only upwards."),
    say("Draw many of these random numbers: where do they gather, and are some below zero?"),
)
def noise_wrong_distribution(facts: Facts) -> bool:
    """The noise is bounded like uniform noise, or takes few values, and is no bell around zero."""
    noise, numbers = _noise(facts), numbers_of(facts)
    if noise is None or numbers is None:
        return False
    if any(fit(*numbers, np.array(drawn))[1] <= NEAR for drawn in facts.data.even.values()):
        return True
    one_sided = noise.min() >= -NEAR or noise.max() <= NEAR
    in_steps = len(set(noise.round(3))) <= len(noise) / 4
    flat = float(np.mean((noise - noise.mean()) ** 4)) < 2.1 * float(np.var(noise)) ** 2
    return one_sided or in_steps or (flat and abs(float(noise.mean())) > 0.5)


@rule(
    "noise_scale_wrong",
    say("It behaves like noise of a different strength from what the lesson asks for."),
    say("How far from the line do your cards lie, on average, and how far should they?"),
)
def noise_scale_wrong(facts: Facts) -> bool:
    """The spread of the noise is far from what is asked, or exactly another one."""
    noise, numbers = _noise(facts), numbers_of(facts)
    for drawn in facts.data.noise.values():
        if numbers is not None and fit(*numbers, np.array(drawn))[1] <= NEAR:
            strength = abs(float(fit(*numbers, np.array(drawn))[0][2]))
            return abs(strength - _recipe(facts).noise) > 1e-3
    if noise is None:
        return False
    ratio = float(noise.std()) / _recipe(facts).noise
    return not 0.75 <= ratio <= 1.33


# Of the form of the examples, nothing is wrong: y is not what the formula gives.
data_rule_wrong = replace(
    data_line_wrong,
    applies=lambda facts: numbers_of(facts) is not None,
)


def _noise(facts: Facts) -> Floats | None:
    numbers = numbers_of(facts)
    if numbers is None or not _recipe(facts).noise:
        return None
    x, y = numbers
    return y - _recipe(facts).line.at(x)


@rule(
    "noise_drawn_twice",
    say(
        "It behaves like noise that is drawn twice: once for `noise`, and once more for the cards."
    ),
    say("How often is noise drawn in your cell, and which draw ends up on the cards?"),
)
def noise_drawn_twice(facts: Facts) -> bool:
    """What is called `noise` is not the noise on the cards."""
    noise = _noise(facts)
    return (
        noise is not None
        and _recipe(facts).noise > 0
        and kept_another_noise(facts.data, noise.reshape(-1))
    )


OF_NUMBERS = (LineRecipe, CurveRecipe, ThresholdRecipe)
RULES = (
    data_missing_dimension,
    *only(OF_NUMBERS, data_more_columns),
    target_shape_broadcast,
    data_dtype_integer,
    data_dtype_double,
    *only((LineRecipe, CurveRecipe), data_swapped),
    *only(LineRecipe, noise_on_inputs),
    *only(OF_NUMBERS, cards_rescaled, cards_mixed_up, cards_in_another_order, data_inputs_wrong),
    *only(CurveRecipe, data_rule_wrong),
    *only(LineRecipe, noise_missing, noise_shared),
    *only(
        LineRecipe, noise_not_centered, data_line_wrong, noise_wrong_distribution, noise_scale_wrong
    ),
    *only(LineRecipe, noise_drawn_twice),
)
