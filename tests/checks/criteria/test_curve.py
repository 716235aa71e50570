from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from grader.checks import ready_made as rubric
from grader.checks.checking import run_checks
from grader.checks.criteria.curve import curve_is_found, learns_another_curve, loss_falls
from grader.checks.criteria.data import targets_are
from grader.checks.criteria.network import has_size, is_as_described, starts_fresh
from grader.checks.criteria.training import follows_descent, goes_through_data
from grader.evidence import ModelPart, ResultPart, TransferPart
from grader.models import Verdict
from grader.recipes.tolerances import CurveTolerances
from grader.replay.architectures import Network
from tests.curve_factory import (
    OTHER,
    RECIPE,
    START,
    TOLERANCES,
    cards_by,
    curve_facts,
    model,
    practise,
)
from tests.evidence_factory import tensor

PASSED, FAILED = Verdict.PASSED, Verdict.FAILED
STRICT = CurveTolerances(false_fail=1e-3, draws=3000, distance=1e-4, loss=1e-6)
found = partial(curve_is_found, recipe=RECIPE, tolerances=TOLERANCES)
comes_down = partial(loss_falls, tolerances=TOLERANCES)


def test_an_honest_lesson_passes_every_ready_made_check() -> None:
    checks = (
        *rubric.the_model_is_a_network(RECIPE, TOLERANCES),
        *rubric.the_loss_is_the_mean_squared_error(),
        *rubric.the_optimizer_is_plain_gradient_descent(RECIPE),
        *rubric.the_curve_is_found(RECIPE, TOLERANCES),
    )
    results = run_checks(checks, curve_facts())
    assert {r.id: r.judgement.verdict for r in results if r.judgement.verdict is not PASSED} == {}
    assert sum(r.max_points for r in results) == 60


def test_every_update_of_a_network_can_be_replayed() -> None:
    assert follows_descent(curve_facts()).verdict is PASSED
    assert goes_through_data(curve_facts()).verdict is PASSED
    forgetful = practise(order="FLBS")
    assert follows_descent(curve_facts(training=forgetful)).verdict is FAILED


def test_answers_follow_the_formula() -> None:
    assert targets_are(curve_facts(), RECIPE.formula).verdict is PASSED
    assert targets_are(curve_facts(), "cos(X)").verdict is FAILED


def test_another_size_and_another_bend_are_no_such_network() -> None:
    bent = Network(1, 4, (0, 4, 8, 12), "relu")
    part = ModelPart(kind="model", model=model(network=bent))
    assert is_as_described(curve_facts(part)).verdict is FAILED
    assert has_size(curve_facts(part), RECIPE).verdict is PASSED
    larger = RECIPE.model_copy(update={"hidden": 5})
    assert has_size(curve_facts(), larger).verdict is FAILED


def test_a_model_that_knows_the_answer_is_not_fresh() -> None:
    _, learned = practise()
    assert starts_fresh(curve_facts(), TOLERANCES.loss).verdict is PASSED
    known = curve_facts(start=learned)
    assert starts_fresh(known, TOLERANCES.loss).verdict is FAILED


def test_a_model_that_was_hardly_trained_is_far_from_the_curve() -> None:
    short = curve_facts(training=practise(epochs=5))
    assert found(short).verdict is FAILED
    assert comes_down(short).verdict is FAILED


def test_an_unusual_start_is_measured_by_where_honest_training_leads_from_it() -> None:
    honest = curve_facts()
    assert curve_is_found(honest, RECIPE, STRICT).verdict is PASSED
    assert loss_falls(honest, STRICT).verdict is PASSED
    short = curve_facts(training=practise(epochs=60))
    assert curve_is_found(short, RECIPE, STRICT).verdict is FAILED


@pytest.mark.parametrize("change", [{"changed_by_hand": True}, {"untrained": True}])
def test_numbers_that_no_training_made_find_nothing(change: dict[str, bool]) -> None:
    part = ResultPart(kind="result", model=model(practise()[1]), **change)
    assert found(curve_facts(part)).verdict is FAILED
    assert comes_down(curve_facts(part)).verdict is FAILED


def test_a_model_that_ran_away_finds_nothing() -> None:
    part = ResultPart(kind="result", model=model(np.full_like(START, np.nan)))
    assert found(curve_facts(part)).verdict is FAILED


def test_cells_that_learn_the_old_curve_again_pass_only_by_descent_on_their_own_cards() -> None:
    assert learns_another_curve(curve_facts()).verdict is PASSED
    stubborn = practise()
    assert learns_another_curve(curve_facts(moved=stubborn)).verdict is PASSED
    elsewhere = practise(rate=0.2)
    seen = curve_facts(training=elsewhere, moved=stubborn)
    assert learns_another_curve(seen).verdict is FAILED


def test_cells_that_learn_nothing_do_not_learn_the_other() -> None:
    idle = practise(cards_by(OTHER), epochs=1)
    assert learns_another_curve(curve_facts(moved=idle)).verdict is FAILED


def test_cells_that_stop_with_other_answers_are_told_so() -> None:
    stopped = TransferPart(kind="transfer", error="ValueError: no")
    assert learns_another_curve(curve_facts(stopped)).verdict is PASSED
    judged = learns_another_curve(curve_facts(stopped, training=practise(rate=0.2)))
    assert judged.verdict is FAILED
    assert "ValueError" in str(judged.message)


def test_where_no_other_answers_could_be_put_on_the_cards_the_training_has_to_convince() -> None:
    training, end = practise()
    kept = TransferPart(
        kind="transfer",
        training=training,
        model=model(end),
        X=tensor(cards_by().X),
        y=tensor(cards_by().y),
    )
    assert learns_another_curve(curve_facts(kept)).verdict is PASSED
    wrong = practise(order="FLBS")
    judged = learns_another_curve(curve_facts(kept, training=wrong))
    assert judged.verdict is Verdict.NOT_ASSESSED
