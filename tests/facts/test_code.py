from __future__ import annotations

import pytest

from grader.facts.code import Code
from grader.models import Step

CELL = 5


def code(source: str, step: Step = Step.TRAIN) -> Code:
    return Code({CELL: source}, {step: (CELL,)})


@pytest.mark.parametrize(
    "source",
    [
        "accuracy = 0.98",
        "accuracy = 196 / 200",
        "accuracy = float(0.98)",
        "accuracy = 0\naccuracy = 1 - 0.02",
        "accuracy: float = 0.98",
    ],
)
def test_a_number_that_is_written_down_is_told(source: str) -> None:
    assert code(source).writes_down("accuracy")


@pytest.mark.parametrize(
    "source",
    [
        "accuracy = right / 200",
        "accuracy = 0.0\nfor a, b in pairs:\n    accuracy += a == b",
        "accuracy = 0.0\naccuracy = count(model)",
        "accuracy = ...",
        "if right:\n    accuracy = right / 200\nelse:\n    accuracy = 0.0",
        "accuracy, shares = 0.0, [score(model) for _ in range(3)]",
        "accuracy = (model(X) > 0).mean()",
        "share = 0.98",
    ],
)
def test_a_number_that_is_worked_out_is_not(source: str) -> None:
    assert not code(source).writes_down("accuracy")


def test_steps_share_a_cell_or_not() -> None:
    apart = Code({1: "model = 1", 2: "pass"}, {Step.MODEL: (1,), Step.TRAIN: (2,)})
    together = Code({1: "model = 1"}, {Step.MODEL: (1,), Step.TRAIN: (1, 2)})
    assert not apart.shares_a_cell(Step.MODEL, Step.TRAIN)
    assert together.shares_a_cell(Step.MODEL, Step.TRAIN)
    assert Code().shares_a_cell(Step.MODEL, Step.TRAIN)
