from __future__ import annotations

import ast
from concurrent.futures import ThreadPoolExecutor

from grader.syntax import parse

NESTED = "x = " + "[" * 40 + "1 + 2" + "]" * 40


def test_magics_are_passed_over() -> None:
    tree = parse("%matplotlib inline\nx = 1\n!ls")
    assert tree is not None
    assert [type(node) for node in tree.body] == [ast.Pass, ast.Assign, ast.Pass]


def test_what_is_no_python_has_no_tree() -> None:
    assert parse("for epoch in range(100)") is None
    assert parse("x = '\0'") is None


def test_a_line_that_would_take_minutes_is_not_read() -> None:
    assert parse("x = " + "1 + " * 100_000 + "1") is None


def test_many_cells_can_be_read_at_once() -> None:
    with ThreadPoolExecutor(8) as readers:
        assert all(readers.map(parse, [f"{NESTED}\n" * 20] * 400))
