"""Opens what was found: from a candidate to a submission, and to what is kept of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from grader.gradebook import Work
from grader.intake import read_member
from grader.submission import parse_submission, read_file, without_personal_data

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.intake import Candidate, Known
    from grader.judging.lesson import Lesson
    from grader.models import GradedSubmission, Submission


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A submission, and the form in which it is kept."""

    submission: Submission
    work: Work
    known: Known | None = None


def open_candidate(candidate: Candidate, lessons: Mapping[str, Lesson]) -> HandedIn:
    """Read a candidate; raises SubmissionUnreadable for a file that no mark can be given for."""
    if candidate.member is not None:
        content = read_member(candidate.path, candidate.member)
    else:
        content = read_file(candidate.path)
    handouts = [handout for lesson in lessons.values() for handout in lesson.handouts]
    read = parse_submission(
        content, candidate.shown, candidate.student, handouts, candidate.assignment
    )
    read = replace(
        read,
        handed_in_at=candidate.handed_in_at or _file_time(candidate, lessons[read.assignment]),
        attempt=candidate.attempt,
    )
    work = Work(
        student=read.student,
        assignment=read.assignment,
        version=read.sha256,
        name=str(candidate.shown),
        content=without_personal_data(content),
        handed_in_at=read.handed_in_at,
        marked_late=candidate.marked_late,
    )
    return HandedIn(read, work, candidate.known)


def open_kept(work: Work, lessons: Mapping[str, Lesson]) -> HandedIn:
    """Read what is kept of a work, by the lesson's handouts as they are now."""
    if work.content is None:
        raise ValueError(f"nothing is kept of {work.name}")
    handouts = lessons[work.assignment].handouts
    read = parse_submission(work.content, Path(work.name), work.student, handouts, work.assignment)
    # Without personal data the bytes may be others, but it is the same work.
    read = replace(read, sha256=work.version, handed_in_at=work.handed_in_at)
    return HandedIn(read, work)


def unreadable_work(graded: GradedSubmission) -> Work:
    """What is kept of a file that no mark can be given for: that it was there, and why."""
    submission, reason = graded.submission, graded.mark.withheld_reason
    return Work(
        student=submission.student,
        assignment=submission.assignment,
        version=hashlib.sha256(f"{submission.path}: {reason}".encode()).hexdigest(),
        name=str(submission.path),
    )


def _file_time(candidate: Candidate, lesson: Lesson) -> datetime | None:
    deadline = lesson.assignment.table.deadline
    if deadline is None or not deadline.file_times or candidate.member is not None:
        return None
    return datetime.fromtimestamp(candidate.path.stat().st_mtime, UTC)
