"""Picks from the evidence how near a model came to a lesson's curve, for the chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.checks.criteria.classification import made_numbers, scores_of
from grader.checks.criteria.curve import between
from grader.evidence import ModelPart, ResultPart
from grader.models import Fit
from grader.recipes.recipe import CurveRecipe
from grader.replay import DataSet

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from grader.evidence import Evidence
    from grader.recipes.recipe import Recipe

EACH = 2  # of the places between the cards: a chart needs fewer than a verdict


def fit_of(seen: Evidence, recipe: Recipe) -> Fit | None:
    """The curve and the model's answers; None in a lesson that is not about a curve."""
    if not isinstance(recipe, CurveRecipe):
        return None
    every = between(recipe)
    places = DataSet(every.X[::EACH], every.y[::EACH])
    made = seen.part(ModelPart).model if ModelPart in seen else None
    end = seen.part(ResultPart).model if ResultPart in seen else None
    before = None if made is None else scores_of(made, recipe, places, made_numbers(seen, made))
    return Fit(
        goal=_points(places, places.y),
        before=_points(places, before),
        after=_points(places, scores_of(end, recipe, places)),
    )


def _points(
    places: DataSet, answers: NDArray[np.float64] | None
) -> tuple[tuple[float, float], ...]:
    if answers is None or not np.isfinite(answers).all():
        return ()
    pairs = zip(places.X.reshape(-1), answers.reshape(-1), strict=True)
    return tuple((float(x), float(y)) for x, y in pairs)
