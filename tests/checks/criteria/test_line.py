from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.checks.criteria.line import learns_another_line, line_is_found, loss_falls
from grader.errors import Unobserved
from grader.evidence import ModelProbed, TrainPart, TransferPart
from grader.facts import Code
from grader.models import CellError, Step, Verdict
from grader.recipes.tolerances import LineTolerances
from grader.replay import DataSet, Descent, Line, descend
from tests.evidence_factory import (
    CARDS,
    EPOCHS,
    GOAL,
    HOW,
    OTHER,
    RECIPE,
    START,
    cards_on,
    data_part,
    facts,
    model_part,
    observed,
    result_part,
    tensor,
    train_part,
    training_seen,
    transfer_part,
    worked_out_by_hand,
)

if TYPE_CHECKING:
    from grader.facts import Facts

PASSED, FAILED, NOT_ASSESSED = Verdict.PASSED, Verdict.FAILED, Verdict.NOT_ASSESSED
TOLERANCES = LineTolerances(false_fail=1e-6, draws=10**8, w=0.2828, b=0.8061, loss_ratio=0.0123)


def found(seen: Facts) -> Verdict:
    return line_is_found(seen, RECIPE, TOLERANCES).verdict


def fell(seen: Facts) -> Verdict:
    return loss_falls(seen, TOLERANCES).verdict


def another(seen: Facts) -> Verdict:
    return learns_another_line(seen).verdict


# ---- the line that was found -------------------------------------------------------------------


@given(w=st.floats(-1, 1), b=st.floats(-1, 1))
def test_honest_training_finds_the_line_from_every_start_that_torch_chooses(
    w: float, b: float
) -> None:
    seen = facts(*observed(start=Line(w, b)))
    assert found(seen) is PASSED
    assert fell(seen) is PASSED


@pytest.mark.parametrize(
    "learned",
    [START, Line(2.0, 0.0), Line(0.43, 0.43), Line(1.5, 1.0), Line(2.0, 2.0), Line(-1.95, -0.94)],
)
def test_another_line_is_not_found(learned: Line) -> None:
    assert found(facts(result_part(learned))) is FAILED


@pytest.mark.parametrize("lost", [math.nan, math.inf])
def test_a_model_that_lost_its_numbers_found_nothing(lost: float) -> None:
    seen = facts(result_part(Line(lost, lost)))
    assert found(seen) is FAILED
    assert fell(seen) is FAILED


def test_a_model_that_was_never_moved_found_nothing_however_near_it_is() -> None:
    still = np.tile([1.99, 0.99], (101, 1))
    parts = (model_part(Line(1.99, 0.99)), train_part(training_seen(still)))
    assert found(facts(*parts, result_part(Line(1.99, 0.99)))) is FAILED
    assert fell(facts(*parts, result_part(Line(1.99, 0.99)))) is FAILED


def test_numbers_that_were_changed_by_hand_were_not_found() -> None:
    judgement = line_is_found(facts(result_part(GOAL, changed_by_hand=True)), RECIPE, TOLERANCES)
    assert judgement.verdict is FAILED
    assert "changed after the training" in str(judgement.message)


def test_numbers_that_nobody_saw_change_were_not_found() -> None:
    untrained = result_part().model_copy(update={"untrained": True})
    assert found(facts(untrained)) is FAILED


def test_where_no_model_is_left_the_student_is_told() -> None:
    seen = facts(result_part().model_copy(update={"model": None}))
    assert found(seen) is FAILED


def test_the_line_of_wrong_cards_is_where_honest_training_leads() -> None:
    data_set = cards_on(Line(2.0, 0.0))
    assert found(facts(*observed(cards=data_set))) is PASSED


@pytest.mark.parametrize(
    "y", [CARDS.y[:4], np.tile(CARDS.y, 5), np.zeros((5, 2)), CARDS.y.reshape(-1)]
)
def test_results_are_judged_whatever_shape_the_targets_have(y: np.ndarray) -> None:
    seen = facts(data_part(y=tensor(y)))
    for verdict in (found(seen), fell(seen)):
        assert verdict in (PASSED, FAILED, NOT_ASSESSED)


# ---- the loss ----------------------------------------------------------------------------------


def test_the_loss_of_honest_training_falls() -> None:
    assert fell(facts()) is PASSED


@pytest.mark.parametrize("order", ["FLZBS", "FLB"])
def test_what_descent_by_hand_led_to_was_learned(order: str) -> None:
    states = descend(START, CARDS, HOW, EPOCHS)
    seen = facts(train_part(worked_out_by_hand(training_seen(states, order=order))))
    assert (found(seen), fell(seen)) == (PASSED, PASSED)


def test_steps_without_gradients_make_no_training_of_numbers_that_were_filled_in() -> None:
    pasted = np.array([[START.w, START.b], *[[2.05, 0.86]] * EPOCHS])
    training = worked_out_by_hand(training_seen(pasted))
    idle = [seen.model_copy(update={"gradients": (), "altered": ()}) for seen in training.trained]
    training = training.model_copy(update={"trained": tuple(idle)})
    seen = facts(train_part(training), result_part(Line(2.05, 0.86)))
    assert (found(seen), fell(seen)) == (FAILED, FAILED)


def test_numbers_that_were_filled_in_by_hand_were_not_learned() -> None:
    typed_in = np.array([[START.w, START.b], [GOAL.w, GOAL.b]])
    training = worked_out_by_hand(training_seen(typed_in, order="FLB"))
    seen = facts(train_part(training), result_part(GOAL))
    assert (found(seen), fell(seen)) == (FAILED, FAILED)


def test_a_loss_that_hardly_falls_fails() -> None:
    assert fell(facts(*observed(epochs=3))) is FAILED


def test_a_loss_that_rises_fails() -> None:
    assert fell(facts(*observed(how=Descent(0.01, maximize=True), epochs=20))) is FAILED


def test_without_any_loss_in_the_training_it_did_not_fall() -> None:
    silent = training_seen(descend(START, CARDS, HOW, EPOCHS)).model_copy(update={"losses": ()})
    assert fell(facts(train_part(silent))) is FAILED


# ---- another line ------------------------------------------------------------------------------


def test_honest_cells_learn_another_line() -> None:
    assert another(facts()) is PASSED


def test_pasted_numbers_do_not_learn_another_line() -> None:
    data_set = cards_on(OTHER)
    pasted = np.concatenate([[[0.5, 0.2]], np.tile([2.0, 1.0], (100, 1))])
    assert another(facts(transfer_part(pasted, data_set))) is FAILED


def test_cells_that_do_not_move_the_model_learn_nothing() -> None:
    still = np.tile([-2.9, 0.5], (101, 1))
    assert another(facts(transfer_part(still))) is FAILED


# A data set that was made with the cards shows its own answers again, whatever `y` is by then.
own_answers = transfer_part(descend(START, CARDS, HOW, EPOCHS), shown=CARDS)


def test_cells_that_keep_answers_of_their_own_have_learned_from_those() -> None:
    assert another(facts(own_answers)) is PASSED


def test_answers_of_ones_own_do_not_excuse_numbers_that_were_not_learned() -> None:
    pasted = training_seen(np.concatenate([[[0.5, 0.2]], np.tile([2.0, 1.0], (100, 1))]))
    assert another(facts(own_answers, train_part(pasted))) is FAILED
    assert another(facts(own_answers, result_part(changed_by_hand=True))) is FAILED


def test_cells_that_stop_on_other_answers_fail_and_the_error_is_shown() -> None:
    wrong = train_part(training_seen(descend(START, CARDS, Descent(0.02), EPOCHS)))
    still = np.tile([-2.9, 0.5], (101, 1))
    seen = facts(transfer_part(still, error="ValueError: no"), wrong)
    judgement = learns_another_line(seen)
    assert judgement.verdict is FAILED
    assert "ValueError: no" in str(judgement.message)


def test_cells_that_insist_on_the_lessons_own_answers_have_learned_from_those() -> None:
    assert another(facts(transfer_part(error="AssertionError: "))) is PASSED


def test_a_training_that_stopped_half_way_is_not_excused_by_how_far_it_came() -> None:
    half, error = descend(START, cards_on(OTHER), HOW, EPOCHS // 2), CellError(1, "A", "no", "")
    crashed = transfer_part(half, error="AttributeError: no")
    for step, due in ((Step.TRAIN, FAILED), (Step.RESULT, PASSED)):
        assert another(facts(crashed, code=Code(stopped={step: error}))) is due


def test_a_training_that_is_over_counts_although_a_later_line_of_its_cell_stops() -> None:
    crashed, error = transfer_part(error="AttributeError: no"), CellError(1, "A", "no", "")
    assert another(facts(crashed, code=Code(stopped={Step.TRAIN: error}))) is PASSED


def test_where_no_other_answers_reached_the_cards_the_training_itself_has_to_convince() -> None:
    unmoved = transfer_part(descend(START, CARDS, HOW, EPOCHS), CARDS)
    assert another(facts(unmoved)) is PASSED
    wrong = train_part(training_seen(descend(START, CARDS, Descent(0.02), EPOCHS)))
    assert another(facts(unmoved, wrong)) is NOT_ASSESSED


@pytest.mark.parametrize("missing", ["X", "y", "model", "training"])
def test_another_line_that_could_not_be_watched_is_not_assessed(missing: str) -> None:
    part = transfer_part().model_copy(update={missing: None})
    assert another(facts(part)) is NOT_ASSESSED


@pytest.mark.parametrize("y", [CARDS.y[:4], np.tile(CARDS.y, 5), np.zeros((5, 2))])
def test_another_line_is_judged_whatever_shape_the_targets_have(y: np.ndarray) -> None:
    part = transfer_part().model_copy(update={"y": tensor(y)})
    assert another(facts(part)) is not PASSED


def test_what_was_not_observed_is_neither_right_nor_wrong() -> None:
    with pytest.raises(Unobserved):
        fell(facts(without=[TrainPart]))
    with pytest.raises(Unobserved):
        another(facts(without=[TransferPart]))


@given(w=st.floats(-4, -1), b=st.floats(-3, 3))
def test_every_line_that_may_be_drawn_is_learned_by_honest_cells(w: float, b: float) -> None:
    line = Line(round(w, 3), round(b, 3))
    data_set = DataSet(CARDS.X, line.at(CARDS.X))
    part = transfer_part(descend(START, data_set, HOW, EPOCHS), data_set)
    assert another(facts(part, formula=f"{line.w} * X + {line.b}")) is PASSED


def test_a_model_that_answers_no_more_is_not_said_to_be_none() -> None:
    closed = ModelProbed(error="ValueError: I/O operation on closed file.")
    part = result_part()
    assert part.model is not None
    silent = part.model.model_copy(update={"probe": closed})
    seen = facts(part.model_copy(update={"model": silent}))
    told = line_is_found(seen, RECIPE, TOLERANCES)
    assert told.verdict is FAILED
    assert "gives no answer: ValueError: I/O operation on closed file." in str(told.message)
