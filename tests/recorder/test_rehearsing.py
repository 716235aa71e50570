from __future__ import annotations

from typing import Any

import pytest
import torch
from IPython.core.inputtransformer2 import TransformerManager

from grader.recorder.rehearsing import HOOK, AnotherTarget, retarget

# The part of IPython's shell that turns a cell with magics into Python.
SHELL = TransformerManager()  # type: ignore[no-untyped-call]


def run(source: str, formula: str = "-3.0 * X + 0.5") -> dict[str, Any]:
    namespace: dict[str, Any] = {"torch": torch, HOOK: AnotherTarget(formula)}
    exec(retarget(SHELL, source, "X", "y"), namespace)  # noqa: S102
    return namespace


CARDS = "X = torch.arange(3.).view(-1, 1)\n"
OTHER = [[0.5], [-2.5], [-5.5]]


@pytest.mark.parametrize(
    "source",
    [
        CARDS + "y = 2 * X + 1",
        CARDS + "y: torch.Tensor = 2 * X + 1",
        CARDS + "y = 2 * X\ny += 1",
        CARDS + "y = torch.zeros(3, 1)\ny[:] = 2 * X + 1",
        CARDS + "y = torch.zeros(3, 1)\nfor i in range(3):\n    y[i] = 2 * X[i] + 1",
        CARDS + "if True:\n    y = 2 * X + 1",
        "X, y = torch.arange(3.).view(-1, 1), torch.ones(3, 1)",
        "y = X = torch.arange(3.).view(-1, 1)",
    ],
    ids=["=", "annotated", "+=", "in place", "one by one", "in a branch", "a pair", "a chain"],
)
def test_other_answers_are_put_on_the_cards_however_y_is_made(source: str) -> None:
    assert run(source)["y"].tolist() == OTHER


def test_a_y_of_a_functions_own_is_left_alone() -> None:
    found = run(CARDS + "y = X\ndef double(x):\n    y = 2 * x\n    return y\ndoubled = double(X)")
    assert found["doubled"].tolist() == [[0.0], [2.0], [4.0]]


def test_a_source_without_y_stays_as_it_is() -> None:
    assert retarget(SHELL, "X = 1", "X", "y") == "X = 1"


@pytest.mark.parametrize("source", ["y = ", "y = 1\n  X = 2", "y = '\0'"])
def test_a_source_that_is_no_python_stays_to_fail_as_it_did(source: str) -> None:
    assert retarget(SHELL, source, "X", "y") == source


def test_magics_become_python() -> None:
    assert "get_ipython" in retarget(SHELL, "%matplotlib inline\ny = 1", "X", "y")


@pytest.mark.parametrize(
    "y", [torch.zeros(3), torch.zeros(1, 3), torch.zeros(3, 1, dtype=torch.float64)]
)
def test_other_answers_keep_the_shape_and_type_of_the_old_ones(y: torch.Tensor) -> None:
    target = AnotherTarget("X + 1")(torch.arange(3.0), y)
    assert (target.shape, target.dtype) == (y.shape, y.dtype)
    assert target.reshape(-1).tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("y", [torch.zeros(2), torch.zeros(3, 3), ..., None])
def test_where_other_answers_do_not_fit_the_old_ones_stay(y: Any) -> None:
    assert AnotherTarget("X + 1")(torch.arange(3.0), y) is y
