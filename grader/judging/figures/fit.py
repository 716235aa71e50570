"""How near a model came to a lesson's curve, for the chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.facts.answers import scores_of
from grader.models import Fit
from grader.recipes.kinds import CurveRecipe
from grader.replay import DataSet

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from grader.facts import Facts

EACH = 2  # of the places between the examples: a chart needs fewer than a verdict


def fit_of(facts: Facts) -> Fit | None:
    """The curve and the model's answers; None in a lesson that is not about a curve."""
    recipe = facts.recipe
    if not isinstance(recipe, CurveRecipe):
        return None
    every = recipe.between()
    places = DataSet(every.X[::EACH], every.y[::EACH])
    return Fit(
        goal=_points(places, places.y),
        before=_points(places, scores_of(facts.model, recipe, places, facts.made_numbers)),
        after=_points(places, scores_of(facts.trained_model, recipe, places)),
    )


def _points(
    places: DataSet, answers: NDArray[np.float64] | None
) -> tuple[tuple[float, float], ...]:
    if answers is None or not np.isfinite(answers).all():
        return ()
    pairs = zip(places.X.reshape(-1), answers.reshape(-1), strict=True)
    return tuple((float(x), float(y)) for x, y in pairs)
