"""Hand-ins of kinds that were graded untruly once, each with what it must get."""

from __future__ import annotations

import html
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader.course.assignment import load_assignment
from grader.grading import grade_submission, open_lesson
from grader.models import Verdict
from grader.reporting import write_report
from grader.submission import read_submission

if TYPE_CHECKING:
    from grader.execution.runner import NotebookRunner
    from grader.grading import Lesson
    from grader.models import GradedSubmission

ROOT, HERE = Path(__file__).parents[3], Path(__file__).parent
LESSONS = {
    "lesson1": "01_exact_line",
    "lesson2": "02_noisy_line",
    "lesson3": "03_big_or_small",
    "lesson4": "04_cat_or_not",
}
DUE: dict[str, dict[str, dict[str, Any]]] = tomllib.loads((HERE / "due.toml").read_text("utf-8"))
CASES = [(folder, name) for folder, cases in DUE.items() for name in cases]
# Near a limit a mark could hang on the machine: these are graded a second time.
TWICE = [("lesson1", "endless_recursion_in_a_cell_of_ones_own"), ("lesson1", "compiled_model")]


@cache
def lesson_of(folder: str) -> Lesson:
    id_ = LESSONS[folder]
    return open_lesson(load_assignment(ROOT / "assignments" / id_, ROOT / "solutions" / id_))


def graded(folder: str, name: str, runner: NotebookRunner) -> GradedSubmission:
    lesson = lesson_of(folder)
    path = HERE / "notebooks" / folder / f"{name}.ipynb"
    submission = read_submission(path, name, lesson.handouts, lesson.assignment.id)
    return grade_submission(submission, lesson, runner)


@pytest.mark.parametrize(("folder", "name"), CASES)
def test_a_hand_in_gets_what_it_must(
    folder: str, name: str, runner: NotebookRunner, tmp_path: Path
) -> None:
    due = DUE[folder][name]
    found = graded(folder, name, runner)
    mark = found.mark
    assert mark.withheld == due.get("withheld", False)
    lost = [step.step.value for step in mark.steps if step.verdict is not Verdict.PASSED]
    assert lost == due.get("loses", [])
    assert mark.points == due["points"]
    assert [each.id for each in mark.diagnoses][:1] == ([due["named"]] if "named" in due else [])
    write_report(found, tmp_path)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    pages = html.unescape(" ".join(path.read_text("utf-8") for path in files))
    assert due.get("says", "") in pages
    assert due.get("never_says", "\0") not in pages


@pytest.mark.parametrize(("folder", "name"), TWICE)
def test_what_comes_near_a_limit_gets_the_same_mark_again(
    folder: str, name: str, runner: NotebookRunner
) -> None:
    assert graded(folder, name, runner).mark.points == DUE[folder][name]["points"]


def test_every_notebook_is_due_something() -> None:
    files = {(path.parent.name, path.stem) for path in (HERE / "notebooks").rglob("*.ipynb")}
    assert files == set(CASES)
