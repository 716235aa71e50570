"""Models that are a line: as they were made, before the first update, and at the end.

In a lesson about a threshold the line is that of the scores, whatever becomes of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.recipes.kinds import ThresholdRecipe
from grader.replay import (
    RESIDUAL,
    Line,
    learned_line,
    least_squares,
    line_places,
    squared_error,
)
from grader.replay.architectures import AffineMap, theta_of

if TYPE_CHECKING:
    from grader.evidence import ModelSeen
    from grader.facts.facts import Facts
    from grader.models.arrays import Floats
    from grader.recipes.recipe import Recipe
    from grader.replay import DataSet, Trajectory

# A fresh start this near to the goal happens by chance less than once in 10,000 (randn), never
# with torch's own initial values, which lie in (-1, 1).
TOO_NEAR = 0.02
# Numbers that were filled in know the line where they leave no more of the loss than honest
# training does, in variances of y: the same 0.05 as for what training leads to. Zeros and ones are
# at 0.7 and more.
TOO_GOOD = 0.05


def made_line(facts: Facts) -> Line | None:
    """The line of the model as its step left it: on record, where one cell does it all."""
    return line_of(facts.model, facts.recipe, facts.made_numbers)


def start_line(facts: Facts) -> Line | None:
    """The line that the model stood for when its training began."""
    return first_line(facts.moving_model, facts.path, facts.recipe)


def trained_line(facts: Facts) -> Line | None:
    """The line that the model stands for at the end of the notebook."""
    return line_of(facts.trained_model, facts.recipe)


def first_line(model: ModelSeen | None, path: Trajectory | None, recipe: Recipe) -> Line | None:
    """The line before the first update, where model and path show it."""
    return line_of(model, recipe, path.states[0] if path is not None else None)


def line_of(model: ModelSeen | None, recipe: Recipe, theta: Floats | None = None) -> Line | None:
    """The line that a model stands for, with `theta` (2,) in place of its numbers if they fit."""
    if model is None:
        return None
    places = _places(model, recipe)
    if theta is not None and places is not None and len(theta) == len(places):
        return Line(*(float(theta[place]) for place in places))
    if not isinstance(recipe, ThresholdRecipe):
        return learned_line(model)
    own = theta_of(model)
    return Line(*(float(own[place]) for place in places)) if places is not None else None


def _places(model: ModelSeen, recipe: Recipe) -> tuple[int, int] | None:
    if not isinstance(recipe, ThresholdRecipe):
        return line_places(model)
    for architecture in recipe.architectures(model):
        if isinstance(architecture, AffineMap):
            return architecture.weight, architecture.bias
    return None


def boundary_of(line: Line) -> float | None:
    """Where the score changes from no to yes; None where it does not."""
    return -line.b / line.w if line.w > 0 and np.isfinite([line.w, line.b]).all() else None


def knows(start: Line, goal: Line, data_set: DataSet | None, *, filled_in: bool = False) -> bool:
    """Whether a line is the goal already, or the least-squares line of the data.

    Numbers that were `filled_in`, not drawn, are known by how little they leave to learn.
    """
    known = [goal] if data_set is None else [goal, least_squares(data_set)]
    if any(max(abs(start.w - k.w), abs(start.b - k.b)) < TOO_NEAR for k in known):
        return True
    if not filled_in or data_set is None:
        return False
    columns = data_set.as_columns()
    excess = squared_error(start, columns) - squared_error(known[-1], columns)
    return excess <= TOO_GOOD * float(np.var(columns.y))


def moved(start: Line, end: Line) -> bool:
    """Whether training changed anything."""
    return max(abs(start.w - end.w), abs(start.b - end.b)) > RESIDUAL
