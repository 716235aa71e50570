"""Trainings that were made up, in every lesson: no point unearned, or a person looks."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

from grader.authoring.bank import Entry, build
from grader.course.assignment import load_assignment
from grader.grading import Lesson, grade_submission, open_lesson
from grader.models import Verdict
from grader.submission import read_submission
from tests.slow.attacks.corpus.forging import ISSUE, Forgery
from tests.slow.attacks.corpus.forging_more import MORE
from tests.slow.attacks.corpus.honest import HONEST

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grader.execution.runner import NotebookRunner
    from grader.models import GradedSubmission, Mark

ROOT = Path(__file__).parents[3]
# The steps before the training, and its loop's count of rounds and true losses.
MOST = 80.0


def in_each_lesson(forgeries: Iterable[Forgery]) -> list[object]:
    return [
        pytest.param(each, lesson, id=f"{lesson[:2]}-{each.does.replace(' ', '-')}")
        for each in forgeries
        for lesson in each.lessons
    ]


@cache
def opened(lesson: str) -> tuple[Lesson, nbformat.NotebookNode]:
    solutions = ROOT / "solutions" / lesson
    assignment = load_assignment(ROOT / "assignments" / lesson, solutions)
    return open_lesson(assignment), nbformat.read(solutions / "reference.en.ipynb", 4)


def graded(forgery: Forgery, lesson: str, runner: NotebookRunner, folder: Path) -> GradedSubmission:
    known, reference = opened(lesson)
    path = folder / "forger.ipynb"
    entry = Entry(name="made_up", about=forgery.does, write=forgery.cells(lesson))
    nbformat.write(build(entry, reference), path)
    return grade_submission(read_submission(path, "forger", known.handouts), known, runner)


def is_right(mark: Mark) -> bool:
    return mark.withheld_reason is None and mark.points == mark.max_points


@pytest.mark.parametrize(("forgery", "lesson"), in_each_lesson((*ISSUE, *MORE)))
def test_what_was_made_up_earns_nothing_or_is_withheld(
    forgery: Forgery, lesson: str, runner: NotebookRunner, tmp_path: Path
) -> None:
    mark = graded(forgery, lesson, runner, tmp_path).mark
    assert forgery.told in str(mark.withheld_reason)
    if mark.withheld_reason is None:
        verdicts = {step.step: step.verdict for step in mark.steps}
        assert all(verdicts[step] is not Verdict.PASSED for step in forgery.fails)
        assert mark.points <= MOST or len(forgery.fails) == 1


@pytest.mark.parametrize(("honest", "lesson"), in_each_lesson(HONEST))
def test_honest_work_that_looks_like_it_keeps_everything(
    honest: Forgery, lesson: str, runner: NotebookRunner, tmp_path: Path
) -> None:
    assert is_right(graded(honest, lesson, runner, tmp_path).mark)
