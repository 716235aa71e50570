from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.checks.criteria.model import has_weight_and_bias, is_a_line, starts_fresh
from grader.evidence import DataPart, ModelProbed, TrainPart
from grader.facts import Code
from grader.models import Step, Verdict
from grader.replay import DataSet, Line
from tests.evidence_factory import (
    CARDS,
    GOAL,
    START,
    bias,
    data_part,
    facts,
    model_part,
    noisy_cards,
    parameter,
    tensor,
    weight,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.evidence import ModelPart, ParameterSeen
    from tests.evidence_factory import Floats

PASSED, FAILED = Verdict.PASSED, Verdict.FAILED
nothing = model_part().model_copy(update={"model": None})


def probed(**changed: object) -> ModelPart:
    """An honest model whose answers to the probe are changed."""
    part = model_part()
    assert part.model is not None
    probe = ModelProbed(**(part.model.probe.model_dump() | changed))
    return part.model_copy(update={"model": part.model.model_copy(update={"probe": probe})})


# ---- weight and bias ---------------------------------------------------------------------------


def test_one_weight_and_one_bias_pass() -> None:
    assert has_weight_and_bias(facts()).verdict is PASSED


def test_a_line_that_nothing_comes_through_has_its_weight_and_bias_all_the_same() -> None:
    silent = model_part(answers=lambda x: 0.0 * x)
    assert has_weight_and_bias(facts(silent)).verdict is PASSED


@pytest.mark.parametrize(
    "parameters",
    [
        [weight(START.w)],
        [bias(START.b)],
        [parameter("weight", [[0.1], [0.2]]), parameter("bias", [0.1, 0.2])],
        [weight(0.4), bias(0.1), weight(0.2), bias(0.3)],
        [weight(START.w), bias(START.b, requires_grad=False)],
        [weight(START.w, requires_grad=False), bias(START.b)],
        [],
    ],
    ids=["no bias", "no weight", "two lines", "two layers", "frozen bias", "frozen weight", "none"],
)
def test_other_parameters_fail(parameters: list[ParameterSeen]) -> None:
    assert has_weight_and_bias(facts(model_part(parameters=parameters))).verdict is FAILED


def test_two_weights_in_a_row_are_no_weight_and_bias() -> None:
    through_zero = model_part(
        Line(0.4 * 0.5, 0.0),
        parameters=[parameter("0.weight", [[0.4]]), parameter("1.weight", [[0.5]])],
        layers=("Linear", "Linear"),
    )
    assert has_weight_and_bias(facts(through_zero)).verdict is FAILED


# ---- a line ------------------------------------------------------------------------------------


@given(w=st.floats(-50, 50), b=st.floats(-50, 50))
def test_every_line_is_a_line(w: float, b: float) -> None:
    assert is_a_line(facts(model_part(Line(w, b)))).verdict is PASSED


@pytest.mark.parametrize(
    "answers",
    [
        lambda x: np.maximum(0, START.at(x)),
        lambda x: 1 / (1 + np.exp(-START.at(x))),
        lambda x: np.tanh(START.at(x)),
        lambda x: START.at(x) + 1e-4 * x**2,
        lambda x: START.at(x) + np.where(x == 37, 0.1, 0),
        lambda x: START.at(x) * math.nan,
    ],
    ids=["relu", "sigmoid", "tanh", "a parabola", "one answer off", "nan"],
)
def test_other_answers_fail(answers: Callable[[Floats], Floats]) -> None:
    assert is_a_line(facts(model_part(answers=answers))).verdict is FAILED


@pytest.mark.parametrize(
    "changed",
    [
        {"error": "RuntimeError: mat1 and mat2 shapes cannot be multiplied", "outputs": ()},
        {"shape": (len(model_part().model.probe.inputs),)},  # type: ignore[union-attr]
        {"shape": ()},
    ],
    ids=["no answer", "flat answers", "one answer"],
)
def test_answers_of_another_form_fail(changed: dict[str, object]) -> None:
    assert is_a_line(facts(probed(**changed))).verdict is FAILED


@pytest.mark.parametrize("judge", [has_weight_and_bias, is_a_line])
def test_where_there_is_no_model_the_student_is_told(judge: object) -> None:
    judgement = judge(facts(nothing))  # type: ignore[operator]
    assert judgement.verdict is FAILED
    assert "no `model`" in str(judgement.message)


# ---- a fresh start -----------------------------------------------------------------------------


@given(w=st.floats(-1, 1), b=st.floats(-1, 1))
def test_the_values_that_torch_begins_with_are_fresh(w: float, b: float) -> None:
    seen = facts(model_part(Line(w, b)), without=[TrainPart])
    assert starts_fresh(seen, GOAL).verdict is PASSED


@pytest.mark.parametrize("known", [GOAL, Line(2.001, 0.999), Line(1.99, 1.01)])
def test_a_model_that_begins_at_the_goal_is_not_fresh(known: Line) -> None:
    seen = facts(model_part(known), without=[TrainPart])
    assert starts_fresh(seen, GOAL).verdict is FAILED


def test_a_model_that_begins_at_the_least_squares_of_its_cards_is_not_fresh() -> None:
    data_set = noisy_cards(np.random.default_rng(0).normal(size=50))
    w, b = np.polyfit(data_set.X.reshape(-1), data_set.y.reshape(-1), 1)
    parts = (data_part(data_set), model_part(Line(w, b)))
    assert starts_fresh(facts(*parts, without=[TrainPart]), GOAL).verdict is FAILED


def test_a_model_is_fresh_though_it_was_seen_only_after_its_training() -> None:
    # Model and training in one cell: the first values on record count.
    assert starts_fresh(facts(model_part(Line(2.131, 0.628))), GOAL).verdict is PASSED


def test_without_cards_the_goal_alone_is_known() -> None:
    assert starts_fresh(facts(without=[DataPart]), GOAL).verdict is PASSED


@pytest.mark.parametrize(
    "y",
    [
        CARDS.X.reshape(-1) + CARDS.y,
        np.tile(CARDS.y, 5),
        CARDS.y[:4],
        CARDS.y.reshape(-1),
        np.zeros((5, 2)),
    ],
    ids=["a square", "another square", "one missing", "flat", "two columns"],
)
def test_the_start_is_judged_whatever_shape_the_targets_have(y: Floats) -> None:
    seen = facts(data_part(y=tensor(y)))
    assert starts_fresh(seen, GOAL).verdict is PASSED


def test_a_fresh_start_is_told_from_cards_that_cannot_be_fitted() -> None:
    same = DataSet(np.zeros((5, 1)), np.zeros((5, 1)))
    assert starts_fresh(facts(data_part(same)), GOAL).verdict is PASSED


@pytest.mark.parametrize(
    ("source", "due"),
    [
        ("model.weight.data.fill_(2.05)", Verdict.FAILED),
        ("optimizer.step()", Verdict.FAILED),
        ("w = torch.randn(1).data", Verdict.PASSED),
        ("model = nn.Linear(1, 1)", Verdict.PASSED),
    ],
)
def test_numbers_near_the_goal_are_luck_only_where_they_were_drawn(
    source: str, due: Verdict
) -> None:
    code = Code({1: source, 2: "pass"}, {Step.MODEL: (1,), Step.TRAIN: (2,)})
    near = facts(model_part(Line(2.05, 0.85)), code=code)
    far = facts(model_part(Line(0.0, 0.0)), code=code)
    assert starts_fresh(near, GOAL).verdict is due
    assert starts_fresh(far, GOAL).verdict is Verdict.PASSED
