"""Where honest training leads, epoch by epoch: what a student's curve is compared with.

Honest training starts at w and b drawn evenly from (-1, 1), as torch.nn.Linear(1, 1) draws them.
Each update shrinks the distance from the least-squares line by 1 - 2 * rate * eigenvalue along
each eigenvector of the examples' curvature, so the loss of every epoch has a closed form; only its
distribution over starts and noises is drawn. A threshold has no such form: it is replayed.
"""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING, Final

import numpy as np

from grader.models import BoundaryExpected, Expectation, LossRange
from grader.recipes.kinds import LineRecipe, PicturesRecipe, ThresholdRecipe
from grader.recipes.tolerances import (
    LineTolerances,
    PicturesTolerances,
    ThresholdTolerances,
    Tolerances,
)
from grader.replay.loss_functions import CROSS_ENTROPY, sigmoid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from grader.models.arrays import Floats
    from grader.recipes.recipe import Recipe

SHARE: Final = 0.99
# With so many draws the ends of the range move by less than the width of its line in a chart.
_DRAWS: Final = 8192
_MOST_EPOCHS: Final = 40
# Starts per side: 961 of them, which takes 0.03 s.
_GRID: Final = 31
_PARAMETERS: Final = 2


@singledispatch
def expectation_of(_: Recipe, _tolerances: Tolerances | None) -> Expectation | None:
    """The range of honest losses in the epochs of a recipe, and its calibrated distances.

    No ranges where pictures are to be told apart, there are too few examples for a line, or
    training runs away; None where nothing is known.
    """
    return None


@expectation_of.register
def _of_line(recipe: LineRecipe, tolerances: Tolerances | None) -> Expectation:
    calibrated = tolerances if isinstance(tolerances, LineTolerances) else None
    return Expectation(
        losses=_loss_ranges(recipe),
        share=SHARE,
        w_within=calibrated.w if calibrated is not None else None,
        b_within=calibrated.b if calibrated is not None else None,
    )


@expectation_of.register
def _of_pictures(_: PicturesRecipe, tolerances: Tolerances | None) -> Expectation | None:
    if not isinstance(tolerances, PicturesTolerances):
        return None
    return Expectation(accuracy=tolerances.accuracy)


@expectation_of.register
def _of_threshold(recipe: ThresholdRecipe, tolerances: Tolerances | None) -> Expectation:
    """Honest training from a grid of starts, all at once: there is no formula for it."""
    x = recipe.inputs.values()
    y = (x > recipe.threshold).astype(np.float64)
    side = (np.arange(_GRID) + 0.5) / _GRID * 2 - 1
    w, b = (each.reshape(-1, 1) for each in np.meshgrid(side, side))
    epochs = _shown_epochs(recipe)
    losses = []
    for epoch in range(1, recipe.epochs + 2):
        scores = w * x + b
        if epoch in epochs or epoch > recipe.epochs:
            losses.append(CROSS_ENTROPY.each(scores, y).mean(axis=1))
        slope = (sigmoid(scores) - y) / len(x)
        w = w - recipe.learning_rate * (slope @ x)[:, None]
        b = b - recipe.learning_rate * slope.sum(axis=1, keepdims=True)
    calibrated = tolerances if isinstance(tolerances, ThresholdTolerances) else None
    return Expectation(
        losses=_ranges(epochs, np.array(losses[:-1]).T),
        share=SHARE,
        boundary=BoundaryExpected(
            threshold=recipe.threshold,
            within=calibrated.boundary if calibrated is not None else None,
            losses=(float(losses[-1].min()), calibrated.loss) if calibrated is not None else None,
        ),
    )


def _loss_ranges(recipe: LineRecipe) -> tuple[LossRange, ...]:
    x = recipe.inputs.values()
    if len(x) <= _PARAMETERS:
        return ()
    design = np.column_stack([x, np.ones_like(x)])
    eigenvalues, vectors = np.linalg.eigh(design.T @ design / len(x))
    kept = 1 - 2 * recipe.learning_rate * eigenvalues
    if np.abs(kept).max() >= 1 or eigenvalues[0] <= 0:
        return ()
    rng = np.random.default_rng(0)
    away = rng.uniform(-1, 1, (_DRAWS, _PARAMETERS)) - np.array([recipe.w, recipe.b])
    distances = away @ vectors
    distances -= rng.standard_normal(away.shape) * recipe.noise / np.sqrt(len(x) * eigenvalues)
    unavoidable = recipe.noise**2 / len(x) * rng.chisquare(len(x) - _PARAMETERS, (_DRAWS, 1))
    epochs = _shown_epochs(recipe)
    # A loss is taken before its epoch's update.
    weights = eigenvalues[:, None] * kept[:, None] ** (2 * (epochs - 1))
    losses: Floats = unavoidable + distances**2 @ weights
    return _ranges(epochs, losses)


def _shown_epochs(recipe: Recipe) -> NDArray[np.int64]:
    return np.unique(np.linspace(1, recipe.epochs, _MOST_EPOCHS).round().astype(np.int64))


def _ranges(epochs: NDArray[np.int64], losses: Floats) -> tuple[LossRange, ...]:
    """Between which losses (trainings, epochs) that share of trainings is in each epoch."""
    low, high = np.quantile(losses, [(1 - SHARE) / 2, (1 + SHARE) / 2], axis=0)
    return tuple(
        LossRange(int(n), float(least), float(most))
        for n, least, most in zip(epochs, low, high, strict=True)
    )
