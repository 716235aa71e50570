"""How a student's examples differ from the lesson's own: stretched, in another order, more of them.

Inputs are flat numbers (n,), in the student's order and in the lesson's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.recipes.formula import answers_by
from grader.recipes.kinds import CurveRecipe, LineRecipe, ThresholdRecipe

if TYPE_CHECKING:
    from grader.evidence import TensorSeen
    from grader.models.arrays import Floats
    from grader.recipes.recipe import Recipe

NEAR = 1e-4
# Noise of the lesson's strength spreads less than this many times wider; answers of other cards
# spread much wider in a lesson whose rule can be seen at all.
SPREAD = 2.0


def lesson_inputs(recipe: Recipe) -> Floats | None:
    """The numbers that the lesson's cards hold, in their order; None in lessons without such."""
    if isinstance(recipe, (LineRecipe, CurveRecipe, ThresholdRecipe)):
        return recipe.inputs.values()
    return None


def flat(tensor: TensorSeen | None) -> Floats:
    """A tensor's numbers in a row; none where there is no tensor."""
    return tensor.array().reshape(-1) if tensor is not None else np.zeros(0)


def is_rescaled(x: Floats, due: Floats) -> bool:
    """Whether these are the lesson's inputs in their order, multiplied or moved by one number.

    Where that only puts them in another order, it is that.
    """
    if x.shape != due.shape or len(x) < 3 or not np.isfinite(x).all() or np.ptp(x) < NEAR:
        return False
    slope, shift = np.polyfit(due, x, 1)
    exact = np.abs(slope * due + shift - x).max() <= NEAR * max(1.0, float(np.abs(x).max()))
    return bool(exact) and not np.allclose(np.sort(x), due, atol=NEAR)


def is_in_another_order(x: Floats, due: Floats) -> bool:
    """Whether these are the lesson's inputs, though not in their order."""
    if x.shape != due.shape or np.allclose(x, due, atol=NEAR):
        return False
    return bool(np.allclose(np.sort(x), np.sort(due), atol=NEAR))


def answers_fit(recipe: Recipe, x: Floats, y: Floats) -> bool:
    """Whether y is what the lesson's rule makes of x, but for noise where the lesson has some."""
    if x.shape != y.shape or not len(y) or not np.isfinite(y).all():
        return False
    match recipe:
        case LineRecipe():
            off = y - recipe.line.at(x)
            return float(np.sqrt(np.mean(off**2))) <= SPREAD * recipe.noise + NEAR
        case CurveRecipe():
            due = answers_by(recipe.formula, x)
            return due.shape == y.shape and bool(np.allclose(y, due, atol=NEAR))
        case ThresholdRecipe():
            return bool(np.array_equal(x > recipe.threshold, y == 1))
    return False


def inputs_of_answers(recipe: Recipe, X: TensorSeen, y: Floats) -> Floats:
    """The inputs that the answers were made for: the lesson's, where X says these in another way.

    That is where it is multiplied or moved, or holds more than a column of them, and y does not
    follow from X as it is.
    """
    x, due = flat(X), lesson_inputs(recipe)
    if due is None or answers_fit(recipe, x, y) or not answers_fit(recipe, due, y):
        return x
    columns = X.array().reshape(X.shape[0], -1).T if len(X.shape) == 2 else [x]
    given = any(
        is_rescaled(column, due) or np.allclose(column, due, atol=NEAR)
        for column in columns
        if column.shape == due.shape
    )
    return due if given else x
