"""Notebooks that no mark can be given for: listed for a person, with the reason."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from grader.errors import GraderError
from grader.language.messages import Message, say
from grader.models import AssignmentInfo, Figures, GradedSubmission, Mark, Outcome, Submission

if TYPE_CHECKING:
    from grader.course.lesson import Lesson
    from grader.gradebook import Work
    from grader.intake import Candidate

TO_BE_RUN: Final = say("This notebook has to be run again before it can be marked.")
# A student reads it, and an exception of ours may tell of all that it was about.
_LONGEST: Final = 200

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
    return GradedSubmission(submission, info, Outcome.UNREADABLE, mark, Figures())


def broken(submission: Submission, lesson: Lesson, reason: Message) -> GradedSubmission:
    """A submission that the grader broke on: our fault, never a silent zero."""
    mark = Mark((), withheld_reason=reason)
    return GradedSubmission(submission, lesson.assignment.info, Outcome.COMPLETED, mark, Figures())


def unread(work: Work) -> Submission:
    """A work of which no more is to be known than that it was handed in."""
    return Submission(
        student=work.student,
        assignment=work.assignment,
        language="",
        path=Path(work.name),
        sha256=work.version,
        cells=(),
        steps={},
    )


def fault_of_ours(error: Exception) -> Message:
    """What is said of a notebook that the grader itself broke on."""
    if isinstance(error, GraderError):
        return error.message
    return say(
        "The grader broke on this notebook; a person will look at it. {error}",
        error=_cut(f"{type(error).__name__}: {error}"),
    )


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"
