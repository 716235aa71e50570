from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from grader.checks.criteria.classification import (
    can_be_learned_from,
    counts_right_answers,
    gives_scores,
    is_cross_entropy,
    sides_are,
    starts_fresh,
)
from grader.checks.criteria.threshold import (
    boundary_is_found,
    learns_another_threshold,
    loss_comes_down,
)
from grader.checks.criteria.training import follows_descent, goes_through_cards, keeps_losses
from grader.evidence import DataPart, ModelPart, ResultPart, TransferPart
from grader.models import Verdict
from grader.recipes.recipe import ThresholdTolerances
from grader.replay.loss_functions import CROSS_ENTROPY, sigmoid
from tests.answers_factory import (
    LINE,
    NUMBERS,
    START,
    THRESHOLD,
    bce,
    line_model,
    loss_part,
    threshold_parts,
    walk,
)
from tests.evidence_factory import tensor

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.evidence import Evidence

PASSED, FAILED = Verdict.PASSED, Verdict.FAILED
TOLERANCES = ThresholdTolerances(false_fail=1e-5, draws=300_000, boundary=0.11, loss=0.057)
EVERYTHING = [range(len(NUMBERS))] * THRESHOLD.epochs


def data_set(X: np.ndarray, y: np.ndarray, dtype: str = "float32") -> Evidence:
    part = DataPart(kind="data", X=tensor(X), y=tensor(y, dtype=dtype))
    return threshold_parts(part)


def probabilities(scores: np.ndarray) -> np.ndarray:
    return sigmoid(scores)


# ---- cards -------------------------------------------------------------------------------------


def test_answers_on_the_right_side_are_right() -> None:
    assert sides_are(threshold_parts(), 0.0).verdict is PASSED


@pytest.mark.parametrize(
    "y",
    [
        NUMBERS.X >= 0,
        NUMBERS.X < 0,
        NUMBERS.X > 1,
        np.zeros_like(NUMBERS.X),
        NUMBERS.X,
        2 * NUMBERS.y - 1,
        NUMBERS.y[::-1],
    ],
)
def test_answers_on_the_wrong_side_are_wrong(y: np.ndarray) -> None:
    assert sides_are(data_set(NUMBERS.X, y), 0.0).verdict is FAILED


@pytest.mark.parametrize("answer", [0.0, 1.0])
def test_a_number_that_rounding_keeps_off_the_threshold_may_be_on_either_side(
    answer: float,
) -> None:
    X, y = NUMBERS.X.copy(), NUMBERS.y.copy()
    X[25], y[25] = -4e-7, answer
    assert sides_are(data_set(X, y), 0.0).verdict is PASSED


@pytest.mark.parametrize(("shape", "dtype"), [((50,), "float32"), ((50, 1), "bool")])
def test_answers_of_another_form_are_wrong(shape: tuple[int, ...], dtype: str) -> None:
    seen = data_set(NUMBERS.X, NUMBERS.y.reshape(shape), dtype)
    assert sides_are(seen, 0.0).verdict is FAILED


# ---- model and loss ----------------------------------------------------------------------------


def test_scores_with_a_loss_that_takes_them_are_right() -> None:
    seen = threshold_parts()
    assert gives_scores(seen, THRESHOLD).verdict is PASSED
    assert is_cross_entropy(seen, THRESHOLD).verdict is PASSED
    assert can_be_learned_from(seen, THRESHOLD).verdict is PASSED


def test_probabilities_with_a_loss_that_takes_them_are_right_too() -> None:
    model = ModelPart(kind="model", model=line_model(answers=probabilities))
    seen = threshold_parts(model, loss_part(CROSS_ENTROPY.value, of_shares=bce))
    assert gives_scores(seen, THRESHOLD).verdict is PASSED
    assert is_cross_entropy(seen, THRESHOLD).verdict is PASSED


def test_a_sigmoid_before_a_loss_that_has_its_own_is_the_models_mistake() -> None:
    model = ModelPart(kind="model", model=line_model(answers=probabilities))
    seen = threshold_parts(model)
    assert gives_scores(seen, THRESHOLD).verdict is FAILED
    assert is_cross_entropy(seen, THRESHOLD).verdict is PASSED


def test_a_bend_in_the_scores_is_wrong() -> None:
    bent = line_model(answers=lambda scores: np.maximum(scores, 0))
    seen = threshold_parts(ModelPart(kind="model", model=bent))
    assert gives_scores(seen, THRESHOLD).verdict is FAILED


def test_a_model_that_parts_the_cards_already_does_not_start_fresh() -> None:
    known = ModelPart(kind="model", model=line_model(np.array([3.2, -0.3])))
    still = walk(LINE, np.array([3.2, -0.3]), NUMBERS, EVERYTHING)
    assert starts_fresh(threshold_parts(), THRESHOLD, 0.057).verdict is PASSED
    assert starts_fresh(threshold_parts(known, training=still), THRESHOLD, 0.057).verdict is FAILED


@pytest.mark.parametrize(
    "marks",
    [
        lambda z, y: float(np.mean((z - y) ** 2)),
        lambda z, y: CROSS_ENTROPY.value(sigmoid(z), y),
        lambda z, y: 6 * CROSS_ENTROPY.value(z, y),
        lambda z, y: -CROSS_ENTROPY.value(z, y),
        lambda z, y: CROSS_ENTROPY.value(z, 1 - y),
        lambda _z, _y: 0.0,
    ],
)
def test_another_loss_is_wrong(marks: Callable[[np.ndarray, np.ndarray], float]) -> None:
    assert is_cross_entropy(threshold_parts(loss_part(marks)), THRESHOLD).verdict is FAILED


def test_a_loss_without_a_way_back_cannot_be_learned_from() -> None:
    seen = threshold_parts(loss_part(connected=False))
    assert is_cross_entropy(seen, THRESHOLD).verdict is PASSED
    assert can_be_learned_from(seen, THRESHOLD).verdict is FAILED


@pytest.mark.parametrize("scale", [0.1, 1, 10])
def test_a_squared_error_can_be_learned_from_whatever_was_drawn(scale: float) -> None:
    def squared(guess: np.ndarray, target: np.ndarray) -> float:
        return float(np.mean((scale * guess - target) ** 2))

    seen = threshold_parts(loss_part(squared))
    assert is_cross_entropy(seen, THRESHOLD).verdict is FAILED
    assert can_be_learned_from(seen, THRESHOLD).verdict is PASSED


def test_a_loss_that_is_silent_about_the_wrong_guesses_drawn_may_well_speak_of_others() -> None:
    def silent(guess: np.ndarray, target: np.ndarray) -> float:
        towards = target * 2 - 1
        return float(np.mean(np.where(guess * towards > 0, np.exp(-guess * towards), 1.0)))

    seen = threshold_parts(loss_part(silent))
    assert is_cross_entropy(seen, THRESHOLD).verdict is FAILED
    assert can_be_learned_from(seen, THRESHOLD).verdict is PASSED


def test_a_loss_that_rewards_the_wrong_side_cannot_be_learned_from() -> None:
    seen = threshold_parts(loss_part(lambda guess, target: -CROSS_ENTROPY.value(guess, target)))
    assert can_be_learned_from(seen, THRESHOLD).verdict is FAILED


# ---- training and the count --------------------------------------------------------------------


def test_honest_training_follows_the_slope_of_the_cross_entropy() -> None:
    seen = threshold_parts()
    assert follows_descent(seen, THRESHOLD).verdict is PASSED
    assert goes_through_cards(seen, THRESHOLD).verdict is PASSED
    assert keeps_losses(seen, THRESHOLD).verdict is PASSED


def test_a_forgotten_zero_grad_fails_though_boundary_and_loss_are_fine() -> None:
    seen = threshold_parts(training=walk(LINE, START, NUMBERS, EVERYTHING, order="FLBS"))
    assert follows_descent(seen, THRESHOLD).verdict is FAILED
    assert boundary_is_found(seen, THRESHOLD, TOLERANCES).verdict is PASSED
    assert loss_comes_down(seen, THRESHOLD, TOLERANCES).verdict is PASSED


@pytest.mark.parametrize(
    ("accuracy", "verdict"),
    [(1.0, PASSED), (0.98, FAILED), (0.48, FAILED), (0.5008, FAILED), (100.0, FAILED)],
)
def test_the_accuracy_has_to_be_the_true_one(accuracy: float, verdict: Verdict) -> None:
    seen = threshold_parts(accuracy=accuracy)
    assert counts_right_answers(seen, THRESHOLD).verdict is verdict


def test_without_a_number_nothing_was_counted() -> None:
    assert counts_right_answers(threshold_parts(accuracy=None), THRESHOLD).verdict is FAILED


# ---- what came out -----------------------------------------------------------------------------


def test_honest_training_finds_the_boundary_and_another_one() -> None:
    seen = threshold_parts()
    assert boundary_is_found(seen, THRESHOLD, TOLERANCES).verdict is PASSED
    assert loss_comes_down(seen, THRESHOLD, TOLERANCES).verdict is PASSED
    assert learns_another_threshold(seen, THRESHOLD).verdict is PASSED


def test_too_few_rounds_leave_too_much_of_the_loss() -> None:
    few = walk(LINE, START, NUMBERS, EVERYTHING[:10])
    seen = threshold_parts(training=few)
    assert loss_comes_down(seen, THRESHOLD, TOLERANCES).verdict is FAILED


def test_numbers_that_were_written_in_afterwards_count_for_nothing() -> None:
    written = ResultPart(
        kind="result", model=line_model(np.array([10.0, -1.0])), changed_by_hand=True, accuracy=1.0
    )
    assert boundary_is_found(threshold_parts(written), THRESHOLD, TOLERANCES).verdict is FAILED


def test_a_training_that_ran_away_is_wrong_and_not_unseen() -> None:
    away = ResultPart(kind="result", model=line_model(np.array([np.nan, np.inf])), accuracy=0.5)
    seen = threshold_parts(away)
    for judgement in (
        counts_right_answers(seen, THRESHOLD),
        boundary_is_found(seen, THRESHOLD, TOLERANCES),
        loss_comes_down(seen, THRESHOLD, TOLERANCES),
    ):
        assert judgement.verdict is FAILED


def test_cells_that_end_at_the_old_boundary_have_not_learned() -> None:
    honest = threshold_parts().part(TransferPart)
    pasted = honest.model_copy(update={"model": line_model(np.array([2.9, -0.2]))})
    assert learns_another_threshold(threshold_parts(pasted), THRESHOLD).verdict is FAILED
