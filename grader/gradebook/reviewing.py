"""What people decide in a review, within the transaction that the store has begun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from grader.errors import DecidedMeanwhile
from grader.gradebook import tables
from grader.gradebook.entries import Choice, Decision, Kind, Review
from grader.gradebook.packing import as_text, moment, now
from grader.gradebook.reading import is_of
from grader.language.messages import say

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from grader.gradebook.entries import GivenOverride
    from grader.models import Comment


def review_of(connection: Connection, student: str, assignment: str) -> Review:
    """Everything that was decided about this work."""
    t = tables
    rows = connection.execute(
        select(t.decision, t.override.c.check_id, t.override.c.points)
        .outerjoin(t.override, t.override.c.id == t.decision.c.override)
        .where(t.decision.c.student == student, t.decision.c.assignment == assignment)
        .order_by(t.decision.c.id)
    ).all()
    decisions = tuple(
        Decision(
            kind=Kind(row.kind),
            by=row.by,
            at=moment(row.at),
            text=row.text,
            check=row.check_id,
            points=row.points,
            undone_by=row.undone_by,
            choice=Choice(row.version, frozenset(row.among.split())) if row.version else None,
        )
        for row in rows
    )
    return Review(decisions, _state(connection, student, assignment, decisions))


def require_state(connection: Connection, student: str, assignment: str, seen: str) -> None:
    """Raise DecidedMeanwhile where the work is no longer as it was seen."""
    # Whoever decides about a student waits here, until the other has done so.
    connection.execute(
        select(tables.student.c.id).where(tables.student.c.id == student).with_for_update()
    )
    review = review_of(connection, student, assignment)
    if review.state == seen:
        return
    last = review.decisions[-1] if review.decisions else None
    if last is None:
        raise DecidedMeanwhile(
            say(
                "{student} was marked anew meanwhile. Nothing was written: look at it, and decide "
                "again.",
                student=student,
            )
        )
    raise DecidedMeanwhile(
        say(
            "{by} decided about {student} meanwhile. Nothing was written: look at it, and decide "
            "again.",
            by=last.undone_by or last.by,
            student=student,
        )
    )


def give(connection: Connection, student: str, assignment: str, given: GivenOverride) -> int:
    """Write an override down; its id."""
    override = given.override
    row = connection.execute(
        tables.override.insert()
        .values(
            student=student,
            assignment=assignment,
            check_id=given.check,
            points=override.points,
            reason=override.reason,
            by=override.by,
            at=as_text(override.at),
        )
        .returning(tables.override.c.id)
    )
    return int(row.scalar_one())


def decide(
    connection: Connection,
    student: str,
    assignment: str,
    kind: Kind,
    words: Comment,
    override: int | None = None,
) -> None:
    """Write a decision down."""
    connection.execute(
        tables.decision.insert().values(
            student=student,
            assignment=assignment,
            kind=kind.value,
            override=override,
            text=words.text,
            by=words.by,
            at=as_text(words.at),
        )
    )


def undo(connection: Connection, student: str, assignment: str, by: str) -> bool:
    """Take back the last decision that stands; False where there is none."""
    t = tables.decision
    last = connection.execute(
        select(t)
        .where(t.c.student == student, t.c.assignment == assignment, t.c.undone_by.is_(None))
        .order_by(t.c.id.desc())
        .limit(1)
    ).one_or_none()
    if last is None:
        return False
    connection.execute(t.update().where(t.c.id == last.id).values(undone_by=by))
    if last.version is not None:
        connection.execute(
            tables.submission.update()
            .where(is_of(student, assignment, last.version))
            .values(doubt=last.doubt)
        )
    return True


def choose(
    connection: Connection, student: str, assignment: str, version: str, words: Comment
) -> None:
    """Write down which version counts, among all that there are; it is in doubt no longer."""
    work = tables.submission.c
    rows = connection.execute(
        select(work.version, work.doubt)
        .where(work.student == student, work.assignment == assignment)
        .order_by(work.seen_at, work.id)
    ).all()
    connection.execute(
        tables.decision.insert().values(
            student=student,
            assignment=assignment,
            kind=Kind.CHOICE.value,
            text=words.text,
            by=words.by,
            at=as_text(words.at),
            version=version,
            among=" ".join(row.version for row in rows),
            doubt=rows[-1].doubt,
        )
    )
    connection.execute(
        tables.submission.update()
        .where(is_of(student, assignment, version))
        .values(doubt=None, seen_at=now())
    )


def _state(
    connection: Connection, student: str, assignment: str, decisions: tuple[Decision, ...]
) -> str:
    t = tables
    override = connection.execute(
        select(func.max(t.override.c.id)).where(
            t.override.c.student == student, t.override.c.assignment == assignment
        )
    ).scalar()
    mark = connection.execute(
        select(func.max(t.mark.c.id))
        .join(t.submission, t.submission.c.id == t.mark.c.submission)
        .where(t.submission.c.student == student, t.submission.c.assignment == assignment)
    ).scalar()
    undone = sum(decision.undone_by is not None for decision in decisions)
    return f"{mark or 0}-{override or 0}-{len(decisions)}-{undone}"
