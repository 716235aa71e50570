from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from grader.checks.criteria.model import start_line, starts_fresh
from grader.checks.criteria.result import learns_another_line, line_is_found, loss_falls
from grader.checks.criteria.training import follows_descent, goes_through_cards, keeps_losses
from grader.models import Verdict
from grader.recipes.recipe import Grid, LineRecipe, LineTolerances
from grader.replay import Descent, Line, descend
from tests.evidence_factory import (
    CARDS,
    EPOCHS,
    GOAL,
    HOW,
    START,
    data_part,
    evidence,
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

    from grader.evidence import Evidence

    Floats = NDArray[np.float64]

PASSED, FAILED, NOT_ASSESSED = Verdict.PASSED, Verdict.FAILED, Verdict.NOT_ASSESSED
RECIPE = LineRecipe(
    w=2, b=1, epochs=EPOCHS, learning_rate=0.01, inputs=Grid(start=0, stop=5, step=1)
)
TOLERANCES = LineTolerances(false_fail=1e-6, draws=10_000, w=0.4, b=1.2, loss_ratio=0.2)
MADE = Line(-0.75, 0.5)


def begun_anew(states: Floats, made: Line = MADE, plain: Floats | None = None) -> Evidence:
    """A lesson whose model was made as one line, and set to another before its training."""
    return evidence(
        model_part(made),
        train_part(reset_before(training_seen(states), made)),
        plain_part(descend(made, CARDS, HOW, EPOCHS) if plain is None else plain),
        result_part(Line(*states[-1])),
    )


@pytest.mark.parametrize("start", [START, Line(0.0, 0.0), Line(-0.9, -0.9), Line(1.9, 1.1)])
def test_a_model_that_begins_anew_before_its_first_round_loses_nothing(start: Line) -> None:
    seen = begun_anew(descend(start, CARDS, HOW, EPOCHS))
    verdicts = [
        starts_fresh(seen, GOAL),
        follows_descent(seen, RECIPE),
        goes_through_cards(seen, RECIPE),
        keeps_losses(seen, RECIPE),
        line_is_found(seen, RECIPE, TOLERANCES),
        loss_falls(seen, RECIPE, TOLERANCES),
        learns_another_line(seen, RECIPE),
    ]
    assert [judgement.verdict for judgement in verdicts] == [PASSED] * 7


def test_the_line_that_the_training_began_with_is_the_start() -> None:
    start = start_line(begun_anew(descend(START, CARDS, HOW, EPOCHS)))
    assert start is not None
    assert (start.w, start.b) == pytest.approx((START.w, START.b))


@pytest.mark.parametrize("start", [GOAL, Line(2.01, 0.99)])
def test_the_answer_filled_in_before_the_first_round_fails(start: Line) -> None:
    seen = begun_anew(descend(start, CARDS, HOW, EPOCHS))
    assert follows_descent(seen, RECIPE).verdict is FAILED
    assert line_is_found(seen, RECIPE, TOLERANCES).verdict is FAILED
    assert loss_falls(seen, RECIPE, TOLERANCES).verdict is FAILED
    # The model step made an honest model.
    assert starts_fresh(seen, GOAL).verdict is PASSED


def test_the_least_squares_line_filled_in_before_the_first_round_fails() -> None:
    data_set = noisy_cards(np.random.default_rng(0).normal(size=50))
    best = Line(*np.polyfit(data_set.X.reshape(-1), data_set.y.reshape(-1), 1))
    training = training_seen(descend(best, data_set, HOW, EPOCHS), data_set)
    seen = evidence(data_part(data_set), model_part(MADE), train_part(reset_before(training, MADE)))
    assert follows_descent(seen, RECIPE).verdict is FAILED


def test_a_wrong_loop_is_wrong_behind_a_model_that_began_anew() -> None:
    seen = begun_anew(descend(START, CARDS, Descent(0.02), EPOCHS))
    assert follows_descent(seen, RECIPE).verdict is FAILED


def test_what_cannot_be_replayed_from_another_start_is_not_failed_for_it() -> None:
    states = descend(START, CARDS, HOW, EPOCHS)
    seen = evidence(
        model_part(MADE, answers=np.square),
        train_part(reset_before(training_seen(states), MADE)),
        plain_part(descend(MADE, CARDS, HOW, EPOCHS)),
    )
    assert follows_descent(seen, RECIPE).verdict is NOT_ASSESSED
