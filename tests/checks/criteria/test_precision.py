from __future__ import annotations

import pytest

from grader.checks.criteria.data import inputs_are, targets_are
from grader.checks.criteria.model import is_a_line
from grader.evidence import TrainPart
from grader.models import Verdict
from tests.evidence_factory import (
    CARDS,
    GOAL,
    START,
    bias,
    data_part,
    evidence,
    model_part,
    tensor,
    weight,
)

PASSED, FAILED = Verdict.PASSED, Verdict.FAILED


def verdicts(X: str, y: str, model: str, *, trained: bool) -> tuple[Verdict, Verdict, Verdict]:
    """What becomes of X, of y and of the model, each of a precision of its own."""
    numbers = [
        each.model_copy(update={"dtype": model}) for each in (weight(START.w), bias(START.b))
    ]
    seen = evidence(
        data_part(X=tensor(CARDS.X, dtype=X), y=tensor(CARDS.y, dtype=y)),
        model_part(parameters=numbers),
        without=[] if trained else [TrainPart],
    )
    judged = (
        inputs_are(seen, CARDS.X.reshape(-1)),
        targets_are(seen, GOAL),
        is_a_line(seen),
    )
    inputs, targets, line = (judgement.verdict for judgement in judged)
    return inputs, targets, line


@pytest.mark.parametrize("precision", ["float32", "float64", "float16"])
@pytest.mark.parametrize("trained", [True, False])
def test_one_precision_for_all_is_right(precision: str, trained: bool) -> None:
    assert verdicts(precision, precision, precision, trained=trained) == (PASSED, PASSED, PASSED)


@pytest.mark.parametrize(
    ("X", "y", "model", "due"),
    [
        ("float64", "float64", "float32", (FAILED, FAILED, PASSED)),
        ("float32", "float64", "float32", (PASSED, FAILED, PASSED)),
        ("float64", "float32", "float64", (PASSED, FAILED, PASSED)),
        ("float32", "float32", "float64", (PASSED, PASSED, FAILED)),
        ("float32", "float32", "float16", (PASSED, PASSED, FAILED)),
    ],
)
def test_the_one_that_left_the_usual_precision_is_to_blame(
    X: str, y: str, model: str, due: tuple[Verdict, Verdict, Verdict]
) -> None:
    assert verdicts(X, y, model, trained=False) == due


def test_a_training_that_converted_what_it_was_shown_is_right() -> None:
    assert verdicts("float32", "float32", "float64", trained=True) == (PASSED, PASSED, PASSED)
    assert verdicts("float64", "float64", "float32", trained=True) == (PASSED, PASSED, PASSED)
