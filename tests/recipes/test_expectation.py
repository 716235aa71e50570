from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from grader.recipes.expectation import SHARE, expectation_of
from grader.recipes.recipe import Grid, LineRecipe
from grader.replay import DataSet, Descent, Line, descend, squared_error

if TYPE_CHECKING:
    from grader.models import LossRange

EXACT = LineRecipe(
    w=2, b=1, epochs=100, learning_rate=0.01, inputs=Grid(start=0, stop=5, step=1), noise=0
)
NOISY = LineRecipe(
    w=2, b=1, epochs=100, learning_rate=0.01, inputs=Grid(start=0, stop=10, step=0.2), noise=1.5
)


@pytest.mark.parametrize("recipe", [EXACT, NOISY], ids=["exact", "noisy"])
def test_as_many_real_trainings_are_inside_as_is_said(recipe: LineRecipe) -> None:
    rng = np.random.default_rng(7)
    ranges = ranges_of(recipe)
    x = recipe.inputs.values().reshape(-1, 1)
    inside = []
    for _ in range(400):
        y = recipe.line.at(x) + recipe.noise * rng.standard_normal(x.shape)
        start, cards = Line(*rng.uniform(-1, 1, 2)), DataSet(x, y)
        path = descend(start, cards, Descent(recipe.learning_rate), recipe.epochs)
        losses = [squared_error(Line(*path[r.epoch - 1]), cards) for r in ranges]
        inside.append([r.low <= loss <= r.high for r, loss in zip(ranges, losses, strict=True)])
    share = np.mean(inside, axis=0)
    # 400 trainings: the share of 0.99 comes out within 0.02 of itself in all but one in 10,000.
    assert np.all(np.abs(share - SHARE) < 0.02)


def test_ranges_begin_with_the_first_epoch_and_end_with_the_last() -> None:
    epochs = [r.epoch for r in ranges_of(EXACT)]
    assert (epochs[0], epochs[-1]) == (1, 100)
    assert epochs == sorted(set(epochs))


@pytest.mark.parametrize(
    "change", [{"learning_rate": 0.2}, {"inputs": Grid(start=0, stop=2, step=1)}]
)
def test_nothing_is_expected_of_a_recipe_that_cannot_be_trained(change: dict[str, object]) -> None:
    assert ranges_of(EXACT.model_copy(update=change)) == ()


def ranges_of(recipe: LineRecipe) -> tuple[LossRange, ...]:
    expected = expectation_of(recipe, None)
    assert expected is not None
    return expected.losses


def test_the_same_is_expected_every_time() -> None:
    assert expectation_of(NOISY, None) == expectation_of(NOISY, None)
