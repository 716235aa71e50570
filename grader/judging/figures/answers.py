"""What a model says yes to: its curve over numbers, or its answers in the exam."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING

import numpy as np

from grader.facts import Facts
from grader.facts.lines import boundary_of
from grader.models import Answers, Curve, PictureCard
from grader.recipes.kinds import PicturesRecipe, ThresholdRecipe
from grader.replay.loss_functions import sigmoid

if TYPE_CHECKING:
    from grader.recipes.recipe import Recipe
    from grader.replay import Line

POINTS = 81
MOST_WRONG = 20
MOST_SHOWN = 27  # three rows of them on a wide page


def answers_of(facts: Facts) -> Answers | None:
    """The answers as far as they were observed; None in a lesson that is not about yes and no."""
    return _answers(facts.recipe, facts)


@singledispatch
def _answers(_: Recipe, _facts: Facts) -> Answers | None:
    return None


@_answers.register
def _of_threshold(recipe: ThresholdRecipe, facts: Facts) -> Answers:
    """Both curves, and how the lesson's own examples are answered at the end."""
    line = facts.trained_line
    before, after = _curve(facts.start_line, recipe), _curve(line, recipe)
    if line is None or after is None:
        return Answers(before, after)
    x = recipe.inputs.values()
    yes, scores = x > recipe.threshold, line.at(x)
    return Answers(
        before,
        after,
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


@_answers.register
def _of_exam(_: PicturesRecipe, facts: Facts) -> Answers | None:
    exam, scores = facts.exam, facts.exam_scores
    if exam is None or scores is None or not np.isfinite(scores).all():
        return None
    yes, said = exam.y.reshape(-1) > 0.5, sigmoid(scores.reshape(-1))
    wrong = np.flatnonzero((said > 0.5) != yes)
    right = np.flatnonzero((said > 0.5) == yes)
    # Evenly from the whole pile, so that both kinds are there.
    room = MOST_SHOWN - len(wrong[:MOST_WRONG])
    some = right[np.linspace(0, len(right) - 1, min(room, len(right))).astype(int)]
    shown = [*wrong[:MOST_WRONG], *some]
    pictures = tuple(
        PictureCard(tuple(exam.X[n].tolist()), bool(yes[n]), float(said[n])) for n in shown
    )
    return Answers(pictures=pictures, wrong=len(wrong), exam=len(yes))
