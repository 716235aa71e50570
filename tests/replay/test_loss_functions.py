from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.replay.loss_functions import CROSS_ENTROPY, SQUARED_ERROR, LossFunction, sigmoid

scores = st.lists(st.floats(-8, 8), min_size=6, max_size=6).map(lambda v: np.array(v)[:, None])
ANSWERS = np.array([[1.0], [0.0], [1.0], [1.0], [0.0], [0.0]])


@given(z=scores)
@pytest.mark.parametrize(
    "loss_function", [SQUARED_ERROR, CROSS_ENTROPY], ids=["squared", "entropy"]
)
def test_the_slope_is_the_derivative_of_the_value(
    loss_function: LossFunction, z: np.ndarray
) -> None:
    step = 1e-5
    due = [
        (loss_function.value(z + move, ANSWERS) - loss_function.value(z - move, ANSWERS))
        / (2 * step)
        for move in step * np.eye(6)[:, :, None]
    ]
    np.testing.assert_allclose(loss_function.slope(z, ANSWERS).reshape(-1), due, atol=1e-6)


@given(z=scores)
def test_cross_entropy_is_minus_the_log_of_the_answers_probability(z: np.ndarray) -> None:
    chance = np.where(ANSWERS == 1, sigmoid(z), sigmoid(-z))
    assert CROSS_ENTROPY.value(z, ANSWERS) == pytest.approx(-np.mean(np.log(chance)))


def test_answers_without_a_column_are_compared_with_every_guess() -> None:
    z = np.array([[0.5], [-1.0], [2.0]])
    y = np.array([1.0, 0.0, 0.0])
    pairs = [[CROSS_ENTROPY.slope(a.reshape(1, 1), b.reshape(1, 1)) for b in y] for a in z]
    due = np.array(pairs).reshape(3, 3).sum(axis=1, keepdims=True) / 9
    np.testing.assert_allclose(CROSS_ENTROPY.slope(z, y), due)


@given(z=scores)
@pytest.mark.parametrize(
    "loss_function", [SQUARED_ERROR, CROSS_ENTROPY], ids=["squared", "entropy"]
)
def test_all_pairs_are_marked_as_if_they_were_written_down(
    loss_function: LossFunction, z: np.ndarray
) -> None:
    row = np.array([1.0, 0.0, 0.25, 1.0, 0.0, -3.0])
    costs, slopes = loss_function.each(z, row), loss_function.each_slope(z, row)
    assert loss_function.value(z, row) == pytest.approx(float(costs.mean()))
    np.testing.assert_allclose(loss_function.values(np.stack([z, -z]), row)[0], costs.mean())
    due = slopes.mean(axis=1, keepdims=True) / 6
    np.testing.assert_allclose(loss_function.slope(z, row), due, rtol=1e-12, atol=1e-15)


def test_a_row_of_guesses_is_marked_one_by_one() -> None:
    guess, answer = np.array([1.0, 2.0]), np.array([1.0, 4.0])
    assert SQUARED_ERROR.value(guess, answer) == 2.0
    np.testing.assert_array_equal(SQUARED_ERROR.slope(guess, answer), [0.0, -2.0])


def test_all_pairs_of_very_many_cards_fit_into_memory() -> None:
    z, row = np.zeros((1_000_000, 1)), np.ones(1_000_000)
    assert SQUARED_ERROR.value(z, row) == 1.0
    assert SQUARED_ERROR.slope(z, row).shape == z.shape


@pytest.mark.parametrize("score", [-800.0, 800.0])
def test_no_score_is_too_sure_to_be_marked(score: float) -> None:
    assert CROSS_ENTROPY.value(np.array([score]), np.array([1.0])) == max(0.0, -score)
