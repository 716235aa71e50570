"""Mistakes on cards whose backs say yes or no."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.diagnosis.data import BACKS, numbers_of
from grader.diagnosis.places import at_X, at_y
from grader.diagnosis.rule import Rules, only
from grader.evidence import DataPart
from grader.language.messages import say
from grader.models import Step
from grader.recipes.kinds import PicturesRecipe, ThresholdRecipe

if TYPE_CHECKING:
    from grader.facts import Facts

NEAR = 1e-4


rule = Rules(Step.DATA, at_y, explains=BACKS, needs=(DataPart,))


@rule(
    "data_dtype_bool",
    say("It behaves like answers that are true and false, which a loss cannot calculate with."),
    say("Print y.dtype and y[:3]. Which numbers should stand for true and false?"),
)
def data_dtype_bool(facts: Facts) -> bool:
    """y holds booleans."""
    return facts.data.y is not None and facts.data.y.dtype == "bool"


@rule(
    "data_not_centered",
    say("It behaves like cards whose middle was not moved to 0."),
    say("Print X.min() and X.max(). What does the lesson do with each front before it is used?"),
    at_X,
    explains=("data.inputs",),
)
def data_not_centered(facts: Facts) -> bool:
    """X is the lesson's grid, moved by one number, and not by its mean."""
    numbers = numbers_of(facts)
    if numbers is None or not isinstance(facts.recipe, ThresholdRecipe):
        return False
    grid = facts.recipe.inputs.values()
    off = numbers[0] - grid if len(grid) == len(numbers[0]) else grid
    centred = abs(float(numbers[0].mean())) < NEAR
    return bool(np.ptp(off) < NEAR and abs(off[0]) > NEAR) and not centred


@rule(
    "targets_one_class",
    say("It behaves like cards that all have the same answer: there is nothing to tell apart."),
    say("Count the ones and the zeros in y. How many of each do you expect?"),
)
def targets_one_class(facts: Facts) -> bool:
    """Every answer is the same."""
    y = facts.data.y.array() if facts.data.y is not None else None
    return y is not None and y.size > 1 and float(np.ptp(y)) == 0


@rule(
    "targets_not_binary",
    say("It behaves like answers with numbers other than 1 for yes and 0 for no."),
    say("Print y.unique(). Which two numbers does the lesson write on the backs?"),
)
def targets_not_binary(facts: Facts) -> bool:
    """Some answer is neither 0 nor 1."""
    y = facts.data.y.array() if facts.data.y is not None else None
    return y is not None and bool(y.size) and not np.isin(y, (0.0, 1.0)).all()


@rule(
    "labels_inverted",
    say("It behaves like yes and no that were swapped on the backs of the cards."),
    say("Take one card whose answer you are sure of: what is on its back?"),
)
def labels_inverted(facts: Facts) -> bool:
    """Every answer is the opposite of what it should be, but for one at the threshold."""
    numbers = numbers_of(facts)
    if numbers is None or not isinstance(facts.recipe, ThresholdRecipe):
        return False
    x, y = numbers
    clear = np.abs(x - facts.recipe.threshold) > NEAR
    return bool(np.all((x[clear] > facts.recipe.threshold) == (y[clear] == 0)))


@rule(
    "data_threshold_wrong",
    say("It behaves like cards that are divided at a number other than the lesson's."),
    say("Which is the smallest number whose back says 1, and which does the lesson call big?"),
)
def data_threshold_wrong(facts: Facts) -> bool:
    """The answers change once, from 0 to 1, somewhere else."""
    numbers = numbers_of(facts)
    if numbers is None or not isinstance(facts.recipe, ThresholdRecipe):
        return False
    x, y = numbers
    yes, no = x[y == 1], x[y == 0]
    wrong = bool(np.any((x > facts.recipe.threshold) != (y == 1)))
    return wrong and bool(len(yes) and len(no) and yes.min() > no.max())


RULES = (
    *only(
        (ThresholdRecipe, PicturesRecipe), data_dtype_bool, targets_one_class, targets_not_binary
    ),
    *only(ThresholdRecipe, data_not_centered, labels_inverted, data_threshold_wrong),
)
