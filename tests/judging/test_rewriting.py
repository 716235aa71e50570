from __future__ import annotations

import pytest

from grader.judging.rewriting import (
    kept,
    modules_in,
    self_contained,
    without_gpu,
    without_results,
    without_shadows,
)

RESULTS = frozenset({"X", "y"})
MODULES = frozenset({"torch", "nn"})


def made(source: str) -> dict[str, object]:
    values: dict[str, object] = {}
    exec(source, values)  # noqa: S102
    return values


@pytest.mark.parametrize(
    "line",
    [
        "import math",
        "from math import *",
        "lr, epochs = 0.01, 100",
        "def helper():\n    return 1",
        "class Net:\n    pass",
        "for i in range(3):\n    last = i",
        "try:\n    import math\nexcept ImportError:\n    math = None",
    ],
)
def test_what_a_cell_makes_besides_its_result_is_kept(line: str) -> None:
    assert kept(line, RESULTS, MODULES)


@pytest.mark.parametrize(
    "line",
    ["X = 1", "X, n = 1, 2", "X[0] = 5", "y.a = 3", "y += 1", "torch = 3", "nn = nn.Linear(1, 1)"],
)
def test_the_result_itself_and_other_meanings_of_modules_are_not(line: str) -> None:
    assert kept(line, RESULTS, MODULES) == ""


@pytest.mark.parametrize(
    "line",
    [
        "for card in X:\n    card.requires_grad = False",
        "first = X[0].zero_()",
        "if len(X) > 3:\n    half = X.fill_(0)",
    ],
)
def test_nothing_is_done_to_the_result_that_takes_its_place(line: str) -> None:
    assert kept(line, RESULTS, MODULES) == ""
    assert kept("n = len(X)", RESULTS, MODULES)


def test_what_cannot_be_made_does_not_keep_the_rest_from_being_made() -> None:
    assert made(kept("n = 1 / 0\nlr = 0.01", RESULTS, MODULES))["lr"] == 0.01


def test_a_cell_of_the_reference_needs_no_name_of_the_notebook() -> None:
    source = self_contained(
        "a = math.sqrt(root(4))", ["import math\nfrom math import sqrt as root"]
    )
    assert made(f"math = root = 3\n{source}")["a"] == pytest.approx(2**0.5)


def test_of_a_cell_of_several_steps_only_the_steps_own_statements_are_replaced() -> None:
    source = "a = 1; X = 2\ny = (\n    3\n)\nb = 4"
    changed = without_results(source, RESULTS, "X, y = 7, 8")
    assert changed is not None
    assert changed.split("\n")[-1] == "b = 4"
    assert len(changed.split("\n")) == len(source.split("\n"))
    assert [made(changed)[name] for name in "aXyb"] == [1, 7, 8, 4]


def test_a_loop_that_makes_the_result_anew_stays_a_mistake_of_the_loop() -> None:
    assert without_results("for i in range(3):\n    X = i", RESULTS, "X = 7") is None


def test_a_module_keeps_its_name() -> None:
    assert without_shadows("a = 1\ntorch = 3\nb = 2", MODULES) == "a = 1\npass\nb = 2"
    assert modules_in(["import torch.nn as nn, math", "from a import b as c"]) == {
        *("nn", "math", "c")
    }


def test_what_asks_for_a_graphics_card_takes_the_processor() -> None:
    assert without_gpu("X.cuda().to('cuda:0')") == "X.cpu().to('cpu')"
