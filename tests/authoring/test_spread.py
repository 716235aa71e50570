from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.authoring import spread as spreads
from grader.authoring.calibrate import outcomes_of
from grader.authoring.spread import chi_squared_beyond, spread_of
from grader.errors import AssignmentError
from grader.recipes.recipe import Grid, LineRecipe, recipe_beside

ROOT = Path(__file__).parents[2] / "assignments"
EXACT, NOISY = (
    recipe_beside(str(ROOT / name / "checks.py"), LineRecipe)
    for name in ("01_exact_line", "02_noisy_line")
)
DRAWS = 400_000

each_lesson = pytest.mark.parametrize("recipe", [EXACT, NOISY], ids=["exact", "noisy"])
near_goal = st.floats(-3, 3)


def seen_as_often(seen: np.ndarray, probability: float) -> bool:
    """Whether so many of the draws may be, six standard errors allowed."""
    error = math.sqrt(max(probability * (1 - probability), 1e-12) / DRAWS)
    return bool(abs(seen.mean() - probability) <= 6 * error)


def drawn(recipe: LineRecipe) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    chunks = list(outcomes_of(spread_of(recipe), DRAWS, seed=11))
    w, b, ratio = (
        np.concatenate([getattr(c, name) for c in chunks]) for name in ("w", "b", "loss_ratio")
    )
    return w, b, ratio


@each_lesson
def test_the_exact_probabilities_are_what_random_runs_show(recipe: LineRecipe) -> None:
    spread = spread_of(recipe)
    w, b, ratio = drawn(recipe)
    for share in (0.3, 0.1, 0.01, 0.001):
        far_w, far_b, high = (float(np.quantile(values, 1 - share)) for values in (w, b, ratio))
        assert seen_as_often(w > far_w, spread.parameter_beyond(0, far_w))
        assert seen_as_often(b > far_b, spread.parameter_beyond(1, far_b))
        assert high > 0.5 or seen_as_often(ratio > high, spread.ratio_beyond(high))


@pytest.mark.parametrize(
    "changes",
    [
        {"w": 0.3, "b": -0.2},
        {"w": 0.3, "b": -0.2, "noise": 0.4},
        {"inputs": Grid(start=-3, stop=4, step=1)},
        {"inputs": Grid(start=-3, stop=4, step=1), "noise": 2.0, "epochs": 30},
    ],
    ids=["goal among the starts", "and noisy", "inputs around zero", "an odd number of them"],
)
def test_other_recipes_have_exact_probabilities_too(changes: dict[str, object]) -> None:
    test_the_exact_probabilities_are_what_random_runs_show(EXACT.model_copy(update=changes))


def test_more_nodes_change_nothing_that_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    spread = spread_of(NOISY)
    coarse = spread.ratio_beyond(0.11)
    monkeypatch.setattr(spreads, "NODES", 28)
    assert coarse == pytest.approx(spread.ratio_beyond(0.11), rel=1e-3)
    assert 5e-7 < coarse < 2e-6


@given(near_goal, near_goal, st.sampled_from([0.0, 1.5]), st.floats(0, 3))
def test_a_probability_falls_with_the_distance(
    w: float, b: float, noise: float, distance: float
) -> None:
    spread = spread_of(EXACT.model_copy(update={"w": w, "b": b, "noise": noise}))
    for place in (0, 1):
        near, far = (spread.parameter_beyond(place, d) for d in (distance, distance + 0.1))
        assert -1e-9 <= far <= near + 1e-9 <= 1 + 2e-9


def test_without_noise_no_run_ends_farther_than_the_farthest_corner() -> None:
    spread = spread_of(EXACT)
    corners = np.array([[-1, -1, 1, 1], [-1, 1, -1, 1]]) - spread.goal[:, None]
    for place, farthest in enumerate(np.abs(spread.carry @ corners).max(axis=1)):
        assert spread.parameter_beyond(place, farthest * 0.999) > 0
        assert spread.parameter_beyond(place, farthest * 1.001) == pytest.approx(0, abs=1e-12)


def test_after_long_training_only_the_noise_is_left() -> None:
    spread = spread_of(NOISY.model_copy(update={"epochs": 20_000}))
    sigma = math.sqrt(spread.fit_covariance[1, 1])
    assert spread.parameter_beyond(1, 2 * sigma) == pytest.approx(math.erfc(2**0.5), rel=1e-4)


@pytest.mark.parametrize(
    ("freedom", "value"), [(1, 3.8415), (2, 5.9915), (7, 14.067), (48, 65.171)]
)
def test_one_chi_squared_number_in_twenty_is_above_what_the_tables_say(
    freedom: int, value: float
) -> None:
    assert chi_squared_beyond(np.array([value]), freedom)[0] == pytest.approx(0.05, rel=1e-4)


def test_the_carry_is_what_one_epoch_does_repeated() -> None:
    spread, once = spread_of(NOISY), spread_of(NOISY.model_copy(update={"epochs": 1}))
    carry = np.eye(2)
    for _ in range(NOISY.epochs):
        carry = once.carry @ carry
    assert np.allclose(carry, spread.carry, rtol=1e-10)


def test_a_learning_rate_at_which_training_runs_away_is_refused_with_the_limit() -> None:
    with pytest.raises(AssignmentError, match=r"between 0 and 0\.03022"):
        spread_of(NOISY.model_copy(update={"learning_rate": 0.031}))


def test_two_cards_are_refused() -> None:
    with pytest.raises(AssignmentError, match="2 different cards"):
        spread_of(EXACT.model_copy(update={"inputs": Grid(start=0, stop=2, step=1)}))
