from __future__ import annotations

import ast
from concurrent.futures import ThreadPoolExecutor

import pytest

from grader.syntax import parse

NESTED = "x = " + "[" * 40 + "1 + 2" + "]" * 40


def sets(source: str) -> list[str]:
    tree = parse(source)
    nodes = ast.walk(tree) if tree is not None else ()
    return [n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]


@pytest.mark.parametrize(
    "source",
    [
        "%matplotlib inline\nx = 1\n!ls",
        "torch.tensor?\nx = 1",
        "?torch\nx = 1",
        "x = !ls",
        ">>> x = 1",
        "  x = 1\n  !pwd",
        "%%time\nx = 1",
        "%%capture out\n!pip list\nx = 1",
        "x = %timeit -o 1 + 1",
        "if True:\n    !ls\n    x = 1",
    ],
)
def test_ipythons_own_syntax_is_read_as_ipython_does(source: str) -> None:
    assert sets(source) == ["x"]


@pytest.mark.parametrize("magic", ["timeit", "bash", "writefile a.py", "html"])
def test_what_is_no_code_of_the_notebook_sets_nothing(magic: str) -> None:
    assert sets(f"%%{magic}\nx = 1") == []


def test_very_many_signs_are_read_in_good_time() -> None:
    assert sets("!ls\n" * 5_000 + "x = 1") == ["x"]


def test_what_is_no_python_has_no_tree() -> None:
    assert parse("for epoch in range(100)") is None
    assert parse("x = '\0'") is None


def test_a_line_that_would_take_minutes_is_not_read() -> None:
    assert parse("x = " + "1 + " * 100_000 + "1") is None


def test_many_cells_can_be_read_at_once() -> None:
    with ThreadPoolExecutor(8) as readers:
        assert all(readers.map(parse, [f"{NESTED}\n" * 20] * 400))
