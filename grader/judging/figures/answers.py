"""Picks from the evidence what a model says yes to: its curve over numbers, or its exam."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from grader.checks.criteria.classification import exam_seen, final_scores
from grader.checks.criteria.threshold import boundary_of, score_line, start_of
from grader.evidence import ResultPart
from grader.models import Answers, Curve, PictureCard
from grader.recipes.recipe import PicturesRecipe, ThresholdRecipe
from grader.replay.loss_functions import sigmoid

if TYPE_CHECKING:
    from grader.evidence import Evidence
    from grader.recipes.recipe import Recipe
    from grader.replay import Line

POINTS = 81
MOST_WRONG = 20
MOST_SHOWN = 27  # three rows of them on a wide page


def answers_of(seen: Evidence, recipe: Recipe) -> Answers | None:
    """The answers as far as they were observed; None in a lesson that is not about yes and no."""
    if isinstance(recipe, ThresholdRecipe):
        model = seen.part(ResultPart).model if ResultPart in seen else None
        before, after = start_of(seen, recipe), score_line(model, recipe)
        return _marked(after, recipe, Answers(_curve(before, recipe), _curve(after, recipe)))
    return _exam(seen, recipe) if isinstance(recipe, PicturesRecipe) else None


def _marked(line: Line | None, recipe: ThresholdRecipe, answers: Answers) -> Answers:
    """The answers, with how the lesson's own cards are answered; as they are without a curve."""
    if line is None or answers.after is None:
        return answers
    x = recipe.inputs.values()
    yes, scores = x > recipe.threshold, line.at(x)
    return replace(
        answers,
        wrong=int(np.count_nonzero((scores > 0) != yes)),
        exam=len(x),
        loss=recipe.loss_function.value(scores, yes.astype(np.float64)),
    )


def _curve(line: Line | None, recipe: ThresholdRecipe) -> Curve | None:
    if line is None or not np.isfinite([line.w, line.b]).all():
        return None
    x = np.linspace(recipe.inputs.start, recipe.inputs.stop, POINTS)
    shares = sigmoid(line.at(x))
    points = tuple((float(a), float(b)) for a, b in zip(x, shares, strict=True))
    return Curve(points, boundary_of(line))


def _exam(seen: Evidence, recipe: PicturesRecipe) -> Answers | None:
    data_set = exam_seen(seen, recipe)
    scores = final_scores(seen, recipe, data_set)
    if data_set is None or scores is None or not np.isfinite(scores).all():
        return None
    yes, said = data_set.y.reshape(-1) > 0.5, sigmoid(scores.reshape(-1))
    wrong = np.flatnonzero((said > 0.5) != yes)
    right = np.flatnonzero((said > 0.5) == yes)
    # Evenly from the whole pile, so that both kinds are there.
    room = MOST_SHOWN - len(wrong[:MOST_WRONG])
    some = right[np.linspace(0, len(right) - 1, min(room, len(right))).astype(int)]
    shown = [*wrong[:MOST_WRONG], *some]
    pictures = tuple(
        PictureCard(tuple(data_set.X[n].tolist()), bool(yes[n]), float(said[n])) for n in shown
    )
    return Answers(pictures=pictures, wrong=len(wrong), exam=len(yes))
