from __future__ import annotations

import sys

import pytest

from grader.recorder.silent import silence


@pytest.fixture(autouse=True)
def silenced(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "grader"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "grader", None)
    silence()


def test_what_students_ask_gives_nothing() -> None:
    from grader import check, hint

    assert check() is None
    assert check("data", lesson="01_exact_line") is None
    assert hint("train") is None


@pytest.mark.parametrize("module", ["grader.kernels", "grader.course.assignment", "grader.preview"])
def test_nothing_else_of_the_grader_can_be_imported(module: str) -> None:
    with pytest.raises(ModuleNotFoundError):
        __import__(module)


def test_names_for_authors_are_not_there() -> None:
    with pytest.raises(ImportError):
        from grader.checks import recipe_beside  # noqa: F401
