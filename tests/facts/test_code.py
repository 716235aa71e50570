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


def test_a_list_that_grows_is_told() -> None:
    assert code("for e in range(3):\n    losses.append(str(e))").appends(Step.TRAIN, "losses")
    assert not code("losses = loss.item()\nkept.append(1)").appends(Step.TRAIN, "losses")


@pytest.mark.parametrize(
    ("dealing", "line", "unused"),
    [
        ("for xb, yb in loader", "loss_fn(model(X), y).backward()", True),
        ("for n, (xb, yb) in enumerate(loader)", "loss_fn(model(X), y).backward()", True),
        ("for xb, yb in loader", "loss_fn(model(xb), y).backward()", False),
        ("for part in range(5)", "loss_fn(model(X), y).backward()", False),
        ("for p in model.parameters()", "print(1)", False),
    ],
)
def test_a_loop_whose_batches_nobody_reads_is_told(dealing: str, line: str, unused: bool) -> None:
    source = f"for epoch in range(100):\n    {dealing}:\n        {line}"
    assert code(source).deals_unused(Step.TRAIN) is unused
