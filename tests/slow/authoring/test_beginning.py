from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.authoring.audit import audit
from grader.authoring.beginning import Kind, begin
from grader.course.assignment import load_assignment
from grader.course.course import Course
from grader.execution.runner import notebook_runner
from grader.grading import open_lesson
from tests.authoring.test_beginning import home

if TYPE_CHECKING:
    from pathlib import Path


each_kind = pytest.mark.parametrize("kind", Kind)


@each_kind
def test_a_new_lesson_passes_its_own_audit(tmp_path: Path, kind: Kind) -> None:
    begin(Course(tmp_path), "05_mine", kind)
    mine = home(tmp_path)
    lesson = open_lesson(load_assignment(mine.assignment, mine.solutions))
    runner = notebook_runner()
    try:
        found = audit(lesson, runner, seeds=(0,))
    finally:
        runner.close()
    assert found.sound
    assert (found.false_passes, found.false_fails) == (0, 0)
    assert found.diagnosed[0] == found.diagnosed[1]
