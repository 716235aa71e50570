"""Mistakes on cards whose backs say yes or no."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.diagnosis.rule import rule
from grader.language.messages import say
from grader.models import Step
from grader.recipes.recipe import ThresholdRecipe

if TYPE_CHECKING:
    from grader.diagnosis.facts import Facts, Floats
    from grader.diagnosis.rule import Place

NEAR = 1e-4


def _at_y(facts: Facts) -> Place:
    names = facts.data.names if facts.data is not None else {}
    return facts.binding_place(Step.DATA, names.get("y", "y"))


def _at_x(facts: Facts) -> Place:
    names = facts.data.names if facts.data is not None else {}
    return facts.binding_place(Step.DATA, names.get("X", "X"))


def _numbers(facts: Facts) -> tuple[Floats, Floats] | None:
    """X and y as flat numbers of equal length, in a lesson about numbers."""
    data = facts.data
    if data is None or data.X is None or data.y is None:
        return None
    x, y = data.X.array().reshape(-1), data.y.array().reshape(-1)
    finite = np.isfinite(x).all() and np.isfinite(y).all()
    return (x, y) if len(x) == len(y) and len(x) > 2 and finite else None


@rule(
    "data_dtype_bool",
    Step.DATA,
    say("It behaves like answers that are true and false, which a loss cannot calculate with."),
    say("Print y.dtype and y[:3]. Which numbers are to stand for true and false?"),
    _at_y,
)
def data_dtype_bool(facts: Facts) -> bool:
    """y holds booleans."""
    return facts.data is not None and facts.data.y is not None and facts.data.y.dtype == "bool"


@rule(
    "data_not_centered",
    Step.DATA,
    say("It behaves like cards whose middle was not moved to 0."),
    say("Print X.min() and X.max(). What does the lesson do with each front before it is used?"),
    _at_x,
)
def data_not_centered(facts: Facts) -> bool:
    """X is the lesson's grid, moved by one number."""
    numbers = _numbers(facts)
    if numbers is None or not isinstance(facts.recipe, ThresholdRecipe):
        return False
    grid = facts.recipe.inputs.values()
    off = numbers[0] - grid if len(grid) == len(numbers[0]) else grid
    return bool(np.ptp(off) < NEAR and abs(off[0]) > NEAR)


@rule(
    "targets_one_class",
    Step.DATA,
    say("It behaves like cards that all have the same answer: there is nothing to tell apart."),
    say("Count the ones and the zeros in y. How many of each do you expect?"),
    _at_y,
)
def targets_one_class(facts: Facts) -> bool:
    """Every answer is the same."""
    y = facts.data.y.array() if facts.data is not None and facts.data.y is not None else None
    return y is not None and y.size > 1 and float(np.ptp(y)) == 0


@rule(
    "targets_not_binary",
    Step.DATA,
    say("It behaves like answers that are other numbers than 1 for yes and 0 for no."),
    say("Print y.unique(). Which two numbers does the lesson write on the backs?"),
    _at_y,
)
def targets_not_binary(facts: Facts) -> bool:
    """Some answer is neither 0 nor 1."""
    y = facts.data.y.array() if facts.data is not None and facts.data.y is not None else None
    return y is not None and bool(y.size) and not np.isin(y, (0.0, 1.0)).all()


@rule(
    "labels_inverted",
    Step.DATA,
    say("It behaves like yes and no that changed places on the backs of the cards."),
    say("Take one card whose answer you are sure of: what stands on its back?"),
    _at_y,
)
def labels_inverted(facts: Facts) -> bool:
    """Every answer is the opposite of what it should be, but for one at the threshold."""
    numbers = _numbers(facts)
    if numbers is None or not isinstance(facts.recipe, ThresholdRecipe):
        return False
    x, y = numbers
    clear = np.abs(x - facts.recipe.threshold) > NEAR
    return bool(np.all((x[clear] > facts.recipe.threshold) == (y[clear] == 0)))


@rule(
    "data_threshold_wrong",
    Step.DATA,
    say("It behaves like cards that are parted at another number than the lesson's."),
    say("Which is the smallest number whose back says 1, and which does the lesson call big?"),
    _at_y,
)
def data_threshold_wrong(facts: Facts) -> bool:
    """The answers change once, from 0 to 1, somewhere else."""
    numbers = _numbers(facts)
    if numbers is None or not isinstance(facts.recipe, ThresholdRecipe):
        return False
    x, y = numbers
    yes, no = x[y == 1], x[y == 0]
    wrong = bool(np.any((x > facts.recipe.threshold) != (y == 1)))
    return wrong and bool(len(yes) and len(no) and yes.min() > no.max())


RULES = (data_dtype_bool, targets_one_class, targets_not_binary)
RULES_OF_NUMBERS = (data_not_centered, labels_inverted, data_threshold_wrong)
