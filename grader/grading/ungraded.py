"""Notebooks that no mark can be given for: listed for a person, with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.errors import GraderError
from grader.messages import Message, say
from grader.models import AssignmentInfo, GradedSubmission, Mark, Outcome, Submission
from grader.story import Story

if TYPE_CHECKING:
    from grader.intake import Candidate
    from grader.judging.lesson import Lesson

NO_ASSIGNMENT = AssignmentInfo("", {"en": ""})


def unreadable(candidate: Candidate, lesson: Lesson | None, reason: Message) -> GradedSubmission:
    """A file that no mark can be given for, under the lesson that it was handed in for, if any."""
    info = lesson.assignment.info if lesson is not None else NO_ASSIGNMENT
    submission = Submission(
        student=candidate.student,
        assignment=info.id,
        language="",
        path=candidate.shown,
        sha256="",
        cells=(),
        steps={},
    )
    mark = Mark((), withheld_reason=reason)
    return GradedSubmission(submission, info, Outcome.UNREADABLE, mark, Story())


def broken(submission: Submission, lesson: Lesson, reason: Message) -> GradedSubmission:
    """A submission that the grader broke on: our fault, never a silent zero."""
    mark = Mark((), withheld_reason=reason)
    return GradedSubmission(submission, lesson.assignment.info, Outcome.COMPLETED, mark, Story())


def fault_of_ours(error: Exception) -> Message:
    """What is said of a notebook that the grader itself broke on."""
    if isinstance(error, GraderError):
        return error.message
    return say(
        "The grader broke on this notebook; a person will look at it. {error}",
        error=f"{type(error).__name__}: {error}",
    )
