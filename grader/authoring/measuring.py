"""Measures the spread of honest training where there is no formula: by many replays at once.

Starts are drawn as torch.nn.Linear draws them, evenly from +-1/sqrt(numbers in); the order of the
examples as a shuffling DataLoader deals them. A tolerance is the worst that was seen, plus some; if
none of n draws was beyond it, fewer than 3/n are, with 95 % confidence.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from grader.checks.criteria.pictures import FRESH
from grader.errors import AssignmentError
from grader.language.messages import say
from grader.recipes.formula import answers_by
from grader.recipes.tolerances import CurveTolerances, PicturesTolerances, ThresholdTolerances
from grader.replay import DataSet
from grader.replay.loss_functions import CROSS_ENTROPY, sigmoid

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from grader.models.arrays import Floats
    from grader.recipes.kinds import CurveRecipe, NetworkRecipe, PicturesRecipe, ThresholdRecipe

    Singles = NDArray[np.float32]

ROOM: Final = 0.01
FEWEST_RIGHT: Final = 0.75
# Of the answers' variance; what leaves more than this behind has hardly learned a curve.
MOST_LEFT: Final = 0.25
_STARTS_AT_ONCE: Final = 4096
# Their numbers and their batches stay in the processor's cache: 64 at once take four times as long.
_NETWORKS_AT_ONCE: Final = 16


def measure_threshold(
    recipe: ThresholdRecipe, draws: int, *, seed: int, on_drawn: Callable[[int], None]
) -> ThresholdTolerances:
    """The farthest boundary and the highest last loss of so many starts, corners included."""
    random = np.random.default_rng(seed)
    x = recipe.inputs.values()
    y = (x > recipe.threshold).astype(np.float64)
    corners = np.array([[-1.0, -1.0, 1.0, 1.0], [-1.0, 1.0, -1.0, 1.0]])
    farthest = highest = 0.0
    for done in range(0, draws, _STARTS_AT_ONCE):
        count = min(_STARTS_AT_ONCE, draws - done)
        w, b = np.hstack([corners, random.uniform(-1, 1, (2, count))])[:, :, None]
        for _ in range(recipe.epochs):
            slope = (sigmoid(w * x + b) - y) / len(x)
            w = w - recipe.learning_rate * np.sum(slope * x, axis=1, keepdims=True)
            b = b - recipe.learning_rate * np.sum(slope, axis=1, keepdims=True)
        if (w <= 0).any():
            raise AssignmentError(
                say(
                    "From some starts, honest training does not tell the cards apart. Use more "
                    "epochs, or cards whose middle is nearer to the threshold."
                )
            )
        farthest = max(farthest, float(np.abs(-b / w - recipe.threshold).max()))
        highest = max(highest, float(CROSS_ENTROPY.each(w * x + b, y).mean(axis=1).max()))
        on_drawn(count)
    return ThresholdTolerances(
        false_fail=_unseen(draws),
        draws=draws,
        joint_false_fail=0.0,
        boundary=_with_room(farthest),
        loss=_with_room(highest),
    )


def measure_pictures(
    recipe: PicturesRecipe,
    data_set: DataSet,
    exam: DataSet,
    draws: int,
    *,
    seed: int,
    on_drawn: Callable[[int], None],
) -> PicturesTolerances:
    """The lowest accuracy and the greatest loss that is left, of so many starts and shufflings.

    Raises AssignmentError if the exam cannot tell an untrained network from a trained one.
    """
    random = np.random.default_rng(seed)
    lowest, greatest, luckiest = 1.0, 0.0, 0.0
    for done in range(0, draws, _NETWORKS_AT_ONCE):
        networks = Networks(recipe, random, min(_NETWORKS_AT_ONCE, draws - done))
        before = networks.losses(data_set)
        luckiest = max(luckiest, float(networks.accuracies(exam).max()))
        networks.practise(data_set, recipe)
        lowest = min(lowest, float(networks.accuracies(exam).min()))
        greatest = max(greatest, float((networks.losses(data_set) / before).max()))
        on_drawn(networks.count)
    if lowest < FEWEST_RIGHT:
        raise AssignmentError(
            say(
                "Honest training may get only {share:.0%} of the exam right, so the exam shows "
                "nothing. Use more epochs, or pictures that are easier to tell apart.",
                share=lowest,
            )
        )
    if luckiest > FRESH:
        raise AssignmentError(
            say(
                "Before any training, a network may get {share:.0%} of the exam right, so luck "
                "looks like knowledge. Use pictures that are harder to tell apart.",
                share=luckiest,
            )
        )
    return PicturesTolerances(
        false_fail=_unseen(draws),
        draws=draws,
        joint_false_fail=0.0,
        accuracy=math.floor((lowest - ROOM) * 1000) / 1000,
        loss_ratio=_with_room(greatest),
    )


def measure_curve(
    recipe: CurveRecipe, draws: int, *, seed: int, on_drawn: Callable[[int], None]
) -> CurveTolerances:
    """The farthest from the curve and the highest last loss, of so many starts."""
    random = np.random.default_rng(seed)
    X = recipe.inputs.values().reshape(-1, 1)
    data_set, places = DataSet(X, answers_by(recipe.formula, X)), recipe.between()
    farthest = highest = 0.0
    lowest_first = math.inf
    for done in range(0, draws, _NETWORKS_AT_ONCE):
        networks = Networks(recipe, random, min(_NETWORKS_AT_ONCE, draws - done))
        lowest_first = min(lowest_first, float(networks.losses(data_set).min()))
        with np.errstate(all="ignore"):
            for _ in range(recipe.epochs):
                networks.learn_all(data_set)
            highest = max(highest, float(networks.losses(data_set).max()))
            off = np.abs(networks.scores(places.X) - places.y.reshape(-1))
        farthest = max(farthest, float(off.max()))
        if not highest < MOST_LEFT * float(np.var(data_set.y)):
            raise AssignmentError(
                say(
                    "From some starts, honest training does not come near the curve. Use more "
                    "epochs, a smaller learning rate, or a curve with fewer bends."
                )
            )
        on_drawn(networks.count)
    if _with_room(highest) >= lowest_first:
        raise AssignmentError(
            say(
                "Some networks are as near to the curve before training as others are after "
                "it. Use more epochs, or a curve that is farther from 0."
            )
        )
    return CurveTolerances(
        false_fail=_unseen(draws),
        draws=draws,
        joint_false_fail=0.0,
        distance=_with_room(farthest),
        loss=_with_room(highest),
    )


class Networks:
    """Many networks with one hidden layer, trained side by side in float32, as torch trains one."""

    def __init__(self, recipe: NetworkRecipe, random: np.random.Generator, count: int) -> None:
        self.recipe, self.random, self.count = recipe, random, count
        wide, deep = 1 / math.sqrt(recipe.width), 1 / math.sqrt(recipe.hidden)
        self.weights = self._drawn(wide, recipe.width, recipe.hidden)
        self.shifts = self._drawn(wide, 1, recipe.hidden)
        self.last = self._drawn(deep, recipe.hidden, 1)
        self.shift = self._drawn(deep, 1, 1)

    def _drawn(self, most: float, rows: int, columns: int) -> Singles:
        return self.random.uniform(-most, most, (self.count, rows, columns)).astype(np.float32)

    def scores(self, X: Floats) -> Singles:
        """The scores (count, n) on the same cards for all."""
        hidden = self._bent(X.astype(np.float32) @ self.weights + self.shifts)
        return np.asarray((hidden @ self.last + self.shift)[:, :, 0], dtype=np.float32)

    def losses(self, data_set: DataSet) -> Floats:
        """The mean loss (count,) on the cards, as the lesson marks."""
        scores = self.scores(data_set.X).astype(np.float64)
        costs = self.recipe.loss_function.each(scores, data_set.y.reshape(-1))
        return np.asarray(costs.mean(axis=1), dtype=np.float64)

    def accuracies(self, data_set: DataSet) -> Floats:
        """The share (count,) of right answers on the cards."""
        right = (self.scores(data_set.X) > 0) == (data_set.y.reshape(-1) > 0.5)
        return np.asarray(right.mean(axis=1), dtype=np.float64)

    def learn_all(self, data_set: DataSet) -> None:
        """One update by all cards at once."""
        self._step(
            data_set.X.astype(np.float32)[None], data_set.y.astype(np.float32).reshape(1, -1, 1)
        )

    def practise(self, data_set: DataSet, recipe: PicturesRecipe) -> None:
        """All epochs, each in an order of its own for every network."""
        X, y = data_set.X.astype(np.float32), data_set.y.reshape(-1).astype(np.float32)
        everyone = np.tile(np.arange(len(X)), (self.count, 1))
        for _ in range(recipe.epochs):
            order = self.random.permuted(everyone, axis=1)
            for first in range(0, len(X), recipe.batch):
                rows = order[:, first : first + recipe.batch]
                self._step(X[rows], y[rows][:, :, None])

    def _bent(self, values: Singles) -> Singles:
        return np.maximum(values, 0) if self.recipe.activation == "relu" else np.tanh(values)

    def _slope(self, scores: Singles, y: Singles) -> Singles:
        if self.recipe.loss_function is CROSS_ENTROPY:
            return np.asarray(0.5 * (1 + np.tanh(scores / 2)) - y, dtype=np.float32)
        return 2 * (scores - y)

    def _step(self, X: Singles, y: Singles) -> None:
        hidden = self._bent(X @ self.weights + self.shifts)
        scores = hidden @ self.last + self.shift
        slope = (self._slope(scores, y) / np.float32(X.shape[1])).astype(np.float32)
        bend = hidden > 0 if self.recipe.activation == "relu" else 1 - hidden**2
        back = slope * self.last.transpose(0, 2, 1) * bend
        rate = np.float32(self.recipe.learning_rate)
        self.last -= rate * (hidden.transpose(0, 2, 1) @ slope)
        self.shift -= rate * slope.sum(axis=1, keepdims=True)
        self.weights -= rate * (X.transpose(0, 2, 1) @ back)
        self.shifts -= rate * back.sum(axis=1, keepdims=True)


def _unseen(draws: int) -> float:
    """What is not seen in so many draws is rarer than this, with 95 % confidence."""
    return float(f"{3 / draws:.3g}")


def _with_room(worst: float) -> float:
    """A little more than the worst that was seen, in three digits."""
    value = worst * (1 + ROOM)
    digits = 2 - math.floor(math.log10(value))
    return round(math.ceil(value * 10.0**digits) * 10.0**-digits, digits)
