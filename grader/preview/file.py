"""Looks at a notebook file: runs it once and judges what was observed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.judging.judged_run import run_and_judge
from grader.preview.verdicts import preview_of
from grader.submission import read_submission

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from grader.course.lesson import Lesson
    from grader.judging.judged_run import Runs
    from grader.preview.verdicts import Preview


def preview_notebook(
    path: Path,
    lessons: Mapping[str, Lesson],
    runner: Runs,
    *,
    assignment: str | None = None,
    seed: int | None = None,
) -> Preview:
    """What can be said of a notebook; raises SubmissionUnreadable where it is none."""
    handouts = [handout for lesson in lessons.values() for handout in lesson.handouts]
    submission = read_submission(path, path.stem, handouts, assignment)
    lesson = lessons[submission.assignment]
    return preview_of(run_and_judge(submission, lesson.assignment, runner, seed), lesson)
