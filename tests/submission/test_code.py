from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.submission.code import CellCode, read_code


@pytest.mark.parametrize(
    ("source", "sets"),
    [
        ("X = 1", {"X"}),
        ("X, (y, *z) = 1, (2, 3)", {"X", "y", "z"}),
        ("X: int = 1", {"X"}),
        ("X: int", set()),
        ("if a:\n    X = 1\nelse:\n    y = 2", {"X", "y"}),
        ("with f() as g:\n    X = 1", {"g", "X"}),
        ("for epoch in range(3):\n    loss = 1", {"loss"}),
        ("def loss_fn(a, b):\n    inner = a - b\n    return inner", {"loss_fn"}),
        ("class Model:\n    x = 1", {"Model"}),
        ("from torch import nn as n\nimport torch.optim", {"n", "torch"}),
        ("model.weight = 1\nX[0] = 2", set()),
        ("%matplotlib inline\n!ls\nX = 1", {"X"}),
        ('print("%d"\n  % n)\nX = 1', {"X"}),
        ("X = ...", set()),
        ("X = ...\nX = 1", {"X"}),
    ],
)
def test_the_names_that_a_cell_sets(source: str, sets: set[str]) -> None:
    assert read_code(source).sets == sets


@pytest.mark.parametrize(
    ("source", "changes"),
    [
        ('optimizer.param_groups[0]["lr"] = 1', {"optimizer"}),
        ('for group in optimizer.param_groups:\n    group["lr"] = 1', {"optimizer", "group"}),
        ("model.weight.data[0, 0] += 1", {"model"}),
        ("x = model.weight", set()),
    ],
)
def test_the_objects_of_which_a_cell_sets_a_part(source: str, changes: set[str]) -> None:
    assert read_code(source).changes == changes


@pytest.mark.parametrize("source", ["X = ...\ny = ...", "X = y = ...", "X, y = ..., ..."])
def test_the_names_that_a_cell_leaves_open(source: str) -> None:
    assert read_code(source).leaves_open == {"X", "y"}


@pytest.mark.parametrize(
    ("source", "is_read"),
    [
        ("X = 1\ny = X", False),
        ("X = X + 1", True),
        ("X += 1", True),
        ("for X in range(3):\n    print(X)", False),
        ("for i in X:\n    X = i", True),
        ("def f():\n    return X", True),
        ("X = 1\ndef f():\n    return X", False),
    ],
)
def test_a_name_is_read_if_it_was_not_set_before(source: str, is_read: bool) -> None:
    assert ("X" in read_code(source).reads) is is_read


@pytest.mark.parametrize(
    ("source", "trains"),
    [
        ("for _ in range(3):\n    loss.backward()", True),
        ("while True:\n    torch.autograd.grad(loss, w)", True),
        ("loss.backward()", False),
        ("for _ in range(3):\n    pass", False),
    ],
)
def test_training_is_a_loop_that_asks_for_gradients(source: str, trains: bool) -> None:
    assert read_code(source).trains is trains


def test_comments_and_spacing_do_not_change_the_shape() -> None:
    assert read_code("# so\n\nX  =  1").shape == read_code("X = 1  # there").shape


def test_a_string_that_python_warns_of_is_read_in_silence() -> None:
    assert read_code(r'X = "\d"').sets == {"X"}


@given(st.text())
def test_any_text_can_be_read(source: str) -> None:
    assert isinstance(read_code(source), CellCode)
