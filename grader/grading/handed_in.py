"""Opens what was found: from a candidate to a submission, and to what is kept of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from grader.errors import SubmissionUnreadable
from grader.gradebook import Work
from grader.intake import read_member, readable
from grader.language.messages import say
from grader.submission import parse_submission, read_file, without_personal_data

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from grader.course.lesson import Lesson
    from grader.intake import Candidate, Known
    from grader.language.messages import Message
    from grader.models import GradedSubmission, Submission


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A submission, and the form in which it is kept."""

    submission: Submission
    work: Work
    known: Known | None = None

    def of(self, student: str) -> HandedIn:
        """The same, of a student who is called so."""
        return replace(
            self,
            submission=replace(self.submission, student=student),
            work=replace(self.work, student=student),
        )


def open_candidate(candidate: Candidate, lessons: Mapping[str, Lesson]) -> HandedIn:
    """Read a candidate; raises SubmissionUnreadable for a file that no mark can be given for.

    OtherLesson, where it is for another lesson than the one that its drop box takes.
    """
    if candidate.problem is not None:
        raise SubmissionUnreadable(candidate.problem)
    if candidate.member is not None:
        content = read_member(candidate.path, candidate.member)
    else:
        content = read_file(candidate.path)
    handouts = [handout for lesson in lessons.values() for handout in lesson.handouts]
    read = parse_submission(
        content,
        candidate.shown,
        candidate.student,
        handouts,
        candidate.assignment,
        drop_box=candidate.drop_box,
    )
    read = replace(
        read,
        remarks=(*read.remarks, *_remarks(candidate)),
        handed_in_at=candidate.handed_in_at or _file_time(candidate, lessons[read.assignment]),
        attempt=candidate.attempt,
    )
    work = Work(
        student=read.student,
        assignment=read.assignment,
        version=read.sha256,
        name=readable(str(candidate.shown)),
        content=without_personal_data(content),
        handed_in_at=read.handed_in_at,
        marked_late=candidate.marked_late,
    )
    return HandedIn(read, work, candidate.known)


def _remarks(candidate: Candidate) -> Iterator[Message]:
    if candidate.remark is not None:
        yield candidate.remark
    if candidate.beside:
        yield say(
            "Handed in beside the notebook, and not looked at: {files}.",
            files=", ".join(candidate.beside),
        )


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
        name=readable(str(submission.path)),
    )


def _file_time(candidate: Candidate, lesson: Lesson) -> datetime | None:
    deadline = lesson.assignment.table.deadline
    if deadline is None or not deadline.file_times or candidate.member is not None:
        return None
    return datetime.fromtimestamp(candidate.path.stat().st_mtime, UTC)
