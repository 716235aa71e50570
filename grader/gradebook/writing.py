"""How rows get into a gradebook, within the transaction that the store has begun."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from sqlalchemy import and_, select
from sqlalchemy.exc import IntegrityError

from grader.gradebook import tables
from grader.gradebook.entries import Student
from grader.gradebook.packing import MESSAGE, as_text, now, storable
from grader.gradebook.reading import is_version

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

    from grader.gradebook.entries import Handle, NewMark, Work


def id_of(connection: Connection, work: Work, *, lock: bool = False) -> int:
    """The submission's id; it is received if it was not."""
    wanted = select(tables.submission.c.id).where(is_version(work))
    found = connection.execute(wanted.with_for_update() if lock else wanted).scalar()
    if found is None:
        receive(connection, work, now())
        found = connection.execute(wanted).scalar_one()
    return int(found)


def receive(connection: Connection, work: Work, time: str) -> None:
    """Keep a version, as the one that counts from `time` on."""
    enrol(connection, Student(work.student))
    if work.content is not None:
        insert(
            connection, tables.notebook, sha256=work.version, content=zlib.compress(work.content)
        )
    values = {
        "name": storable(work.name),
        "handed_in_at": as_text(work.handed_in_at) if work.handed_in_at else None,
        "marked_late": work.marked_late,
        "doubt": MESSAGE.pack(work.doubt) if work.doubt is not None else None,
        "seen_at": time,
    }
    new = insert(
        connection,
        tables.submission,
        student=work.student,
        assignment=work.assignment,
        version=work.version,
        sha256=work.version if work.content is not None else None,
        **values,
    )
    if not new:
        connection.execute(tables.submission.update().where(is_version(work)).values(**values))


def enrol(connection: Connection, student: Student) -> None:
    """Write down what is known of a student, and keep what was known."""
    insert(connection, tables.student, id=student.id)
    known: dict[str, str | bool] = {
        column: storable(value)
        for column in ("name", "email", "section")
        if (value := getattr(student, column)) is not None
    }
    if student.listed:
        known["listed"] = True
    if known:
        connection.execute(
            tables.student.update().where(tables.student.c.id == student.id).values(**known)
        )


def connect(connection: Connection, handle: Handle, student: str) -> None:
    """Write down whom a platform means by a name."""
    place = {
        "platform": handle.platform,
        "assignment": handle.assignment,
        "value": storable(handle.value),
    }
    if not insert(connection, tables.handle, **place, student=student):
        same = and_(*(tables.handle.c[name] == value for name, value in place.items()))
        connection.execute(tables.handle.update().where(same).values(student=student))


def keep_mark(connection: Connection, new: NewMark, detail: bytes, *, again: bool) -> bool:
    """Keep a mark, packed in `detail`, and its evidence.

    False if the last mark is by the same maker: that one stays, unless `again`.
    """
    submission = id_of(connection, new.work, lock=True)
    last = connection.execute(
        select(tables.mark.c.maker)
        .where(tables.mark.c.submission == submission)
        .order_by(tables.mark.c.id.desc())
        .limit(1)
    ).scalar()
    if last == new.maker.digest and not again:
        return False
    for key, execution in new.evidence.items():
        keep_evidence(connection, submission, key, execution)
    mark = connection.execute(
        tables.mark.insert()
        .values(
            submission=submission,
            maker=new.maker.digest,
            assignment_digest=new.maker.assignment_digest,
            grader_version=new.maker.grader_version,
            made_at=now(),
            points=new.graded.mark.points,
            max_points=new.graded.mark.max_points,
            withheld=new.graded.mark.withheld,
            detail=detail,
            run=new.run,
        )
        .returning(tables.mark.c.id)
    ).scalar_one()
    for change in new.changes:
        connection.execute(
            tables.change.insert().values(
                mark=mark, check_id=change.check, before=change.before, after=change.after
            )
        )
    return True


def keep_evidence(connection: Connection, submission: int, key: str, execution: bytes) -> None:
    """Keep a run, in place of an earlier one of the same."""
    table = tables.evidence
    if not insert(connection, table, submission=submission, key=key, execution=execution):
        connection.execute(
            table.update()
            .where(and_(table.c.submission == submission, table.c.key == key))
            .values(execution=execution)
        )


def insert(connection: Connection, table: Table, **values: object) -> bool:
    """Insert a row; False if one with its key already exists."""
    try:
        with connection.begin_nested():
            connection.execute(table.insert().values(**values))
    except IntegrityError:
        return False
    return True
