from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from grader.checks.criteria.line import learns_another_line, line_is_found, loss_falls
from grader.checks.criteria.model import starts_fresh
from grader.checks.criteria.training import follows_descent, goes_through_data, keeps_losses
from grader.models import Verdict
from grader.recipes.tolerances import LineTolerances
from grader.replay import Descent, Line, descend
from tests.evidence_factory import (
    CARDS,
    EPOCHS,
    GOAL,
    HOW,
    RECIPE,
    START,
    data_part,
    facts,
    model_part,
    noisy_cards,
    plain_part,
    reset_before,
    result_part,
    train_part,
    training_seen,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from grader.facts import Facts

    Floats = NDArray[np.float64]

PASSED, FAILED, NOT_ASSESSED = Verdict.PASSED, Verdict.FAILED, Verdict.NOT_ASSESSED
TOLERANCES = LineTolerances(false_fail=1e-6, draws=10_000, w=0.4, b=1.2, loss_ratio=0.2)
MADE = Line(-0.75, 0.5)


def begun_anew(states: Floats) -> Facts:
    """A lesson whose model was made as one line, and set to another before its training."""
    return facts(
        model_part(MADE),
        train_part(reset_before(training_seen(states), MADE)),
        plain_part(descend(MADE, CARDS, HOW, EPOCHS)),
        result_part(Line(*states[-1])),
    )


@pytest.mark.parametrize("start", [START, Line(0.0, 0.0), Line(-0.9, -0.9), Line(1.9, 1.1)])
def test_a_model_that_begins_anew_before_its_first_round_loses_nothing(start: Line) -> None:
    seen = begun_anew(descend(start, CARDS, HOW, EPOCHS))
    verdicts = [
        starts_fresh(seen, GOAL),
        follows_descent(seen),
        goes_through_data(seen),
        keeps_losses(seen),
        line_is_found(seen, RECIPE, TOLERANCES),
        loss_falls(seen, TOLERANCES),
        learns_another_line(seen),
    ]
    assert [judgement.verdict for judgement in verdicts] == [PASSED] * 7


def test_the_line_that_the_training_began_with_is_the_start() -> None:
    start = begun_anew(descend(START, CARDS, HOW, EPOCHS)).start_line
    assert start is not None
    assert (start.w, start.b) == pytest.approx((START.w, START.b))


@pytest.mark.parametrize("start", [GOAL, Line(2.01, 0.99)])
def test_the_answer_filled_in_before_the_first_round_fails(start: Line) -> None:
    seen = begun_anew(descend(start, CARDS, HOW, EPOCHS))
    assert follows_descent(seen).verdict is FAILED
    assert line_is_found(seen, RECIPE, TOLERANCES).verdict is FAILED
    assert loss_falls(seen, TOLERANCES).verdict is FAILED
    # The model step made an honest model.
    assert starts_fresh(seen, GOAL).verdict is PASSED


def test_the_least_squares_line_filled_in_before_the_first_round_fails() -> None:
    data_set = noisy_cards(np.random.default_rng(0).normal(size=50))
    best = Line(*np.polyfit(data_set.X.reshape(-1), data_set.y.reshape(-1), 1))
    training = training_seen(descend(best, data_set, HOW, EPOCHS), data_set)
    seen = facts(data_part(data_set), model_part(MADE), train_part(reset_before(training, MADE)))
    assert follows_descent(seen).verdict is FAILED


def test_a_wrong_loop_is_wrong_behind_a_model_that_began_anew() -> None:
    seen = begun_anew(descend(START, CARDS, Descent(0.02), EPOCHS))
    assert follows_descent(seen).verdict is FAILED


def test_what_cannot_be_replayed_from_another_start_is_not_failed_for_it() -> None:
    states = descend(START, CARDS, HOW, EPOCHS)
    seen = facts(
        model_part(MADE, answers=np.square),
        train_part(reset_before(training_seen(states), MADE)),
        plain_part(descend(MADE, CARDS, HOW, EPOCHS)),
    )
    assert follows_descent(seen).verdict is NOT_ASSESSED
