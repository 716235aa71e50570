"""What a cell that ends Python, or only itself, does to the mark."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.course.assignment import load_assignment
from grader.grading import grade_submission, open_lesson
from grader.models import Outcome
from grader.submission import read_submission
from tests.notebooks import EXACT_LINE, code, lesson, save

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from grader.execution.runner import NotebookRunner
    from grader.grading import Lesson
    from grader.models import GradedSubmission

ROOT = Path(__file__).parents[3]
NAME = "01_exact_line"
BEHIND_SETUP = 1


@pytest.fixture(scope="module")
def exact_line() -> Lesson:
    return open_lesson(load_assignment(ROOT / "assignments" / NAME, ROOT / "solutions" / NAME))


def graded(
    built: NotebookNode, exact_line: Lesson, runner: NotebookRunner, folder: Path
) -> GradedSubmission:
    path = save(built, folder / "anna.ipynb")
    return grade_submission(read_submission(path, "anna", exact_line.handouts), exact_line, runner)


def with_scratch(source: str) -> NotebookNode:
    built = lesson()
    built.cells.insert(BEHIND_SETUP, code(source, id="scratch"))
    return built


@pytest.mark.parametrize(
    "source", ["import os; os._exit(0)", "import os; os.kill(os.getpid(), 11)"]
)
def test_a_scratch_cell_that_ends_python_is_named_and_the_mark_withheld(
    source: str, exact_line: Lesson, runner: NotebookRunner, tmp_path: Path
) -> None:
    found = graded(with_scratch(source), exact_line, runner, tmp_path)
    assert found.outcome is Outcome.KERNEL_DIED
    assert "Python itself ended in cell 2." in str(found.mark.withheld_reason)


@pytest.mark.parametrize("leaving", ["exit()", "quit()", "exit", "import sys\nsys.exit(0)"])
@pytest.mark.parametrize("place", ["scratch", "train"])
def test_a_cell_that_leaves_ends_itself_and_nothing_else(
    place: str, leaving: str, exact_line: Lesson, runner: NotebookRunner, tmp_path: Path
) -> None:
    if place == "scratch":
        built = with_scratch(leaving)
    else:
        built = lesson(train=f"{EXACT_LINE.train}\n{leaving}")
    found = graded(built, exact_line, runner, tmp_path)
    assert found.mark.points == 100
    assert not found.mark.withheld


def test_a_training_that_leaves_before_it_begins_has_trained_nothing(
    exact_line: Lesson, runner: NotebookRunner, tmp_path: Path
) -> None:
    built = lesson(train=f"epochs, losses = 100, []\nexit()\n{EXACT_LINE.train}")
    found = graded(built, exact_line, runner, tmp_path)
    assert found.mark.points <= 60
