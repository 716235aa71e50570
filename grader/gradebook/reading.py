"""The queries to a gradebook's database, and what a row says."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, null, select

from grader.gradebook import tables
from grader.gradebook.entries import Entry, Work
from grader.gradebook.packing import EXECUTION, GRADED, MESSAGE, moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import ColumnElement, Row, Select, Subquery

_BATCH = 50  # details are large: so many of them are in memory at once


def batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """The ids, so many at a time."""
    return (ids[first : first + _BATCH] for first in range(0, len(ids), _BATCH))


def last_marks() -> Subquery:
    """For each submission the id of its last mark."""
    mark = tables.mark
    return (
        select(mark.c.submission, func.max(mark.c.id).label("id"))
        .group_by(mark.c.submission)
        .subquery("last_mark")
    )


def selected(
    assignments: Sequence[str] | None,
    student: str | None,
    *,
    every_version: bool,
    with_runs: bool = True,
) -> Select[Any]:
    """The versions that count (or all), with what they hold, their last mark and its run."""
    work, last, t = tables.submission, last_marks(), tables
    wanted = (
        select(
            work,
            t.notebook.c.content,
            t.mark.c.maker,
            t.mark.c.made_at,
            t.mark.c.points,
            t.mark.c.detail,
            t.evidence.c.execution if with_runs else null().label("execution"),
        )
        .outerjoin(t.notebook, t.notebook.c.sha256 == work.c.sha256)
        .outerjoin(last, last.c.submission == work.c.id)
        .outerjoin(t.mark, t.mark.c.id == last.c.id)
        .order_by(work.c.assignment, work.c.student, work.c.seen_at, work.c.id)
    )
    if with_runs:
        wanted = wanted.outerjoin(
            t.evidence,
            and_(t.evidence.c.submission == work.c.id, t.evidence.c.key == t.mark.c.run),
        )
    if assignments is not None:
        wanted = wanted.where(work.c.assignment.in_(assignments))
    if student is not None:
        wanted = wanted.where(work.c.student == student)
    if not every_version:
        later = work.alias("later")
        wanted = wanted.where(
            ~select(later.c.id)
            .where(
                and_(
                    later.c.student == work.c.student,
                    later.c.assignment == work.c.assignment,
                    (later.c.seen_at > work.c.seen_at)
                    | ((later.c.seen_at == work.c.seen_at) & (later.c.id > work.c.id)),
                )
            )
            .exists()
        )
    return wanted


def entry_of(row: Row[Any]) -> Entry:
    """What a row of `selected` says."""
    work = Work(
        student=row.student,
        assignment=row.assignment,
        version=row.version,
        name=row.name,
        content=zlib.decompress(row.content) if row.content is not None else None,
        handed_in_at=moment(row.handed_in_at) if row.handed_in_at else None,
        marked_late=row.marked_late,
        doubt=MESSAGE.unpack(row.doubt) if row.doubt else None,
    )
    graded = GRADED.unpack(row.detail) if row.detail is not None else None
    if graded is not None and row.execution is not None:
        run = EXECUTION.unpack(row.execution)
        # The recorder's answers are needed only for judging.
        graded = replace(graded, execution=replace(run, records=()) if run is not None else None)
    return Entry(
        work=work,
        maker=row.maker,
        graded=graded,
        made_at=moment(row.made_at) if row.made_at else None,
        points=row.points,
    )


def is_version(work: Work) -> ColumnElement[bool]:
    """Whether a submission is this version."""
    return is_of(work.student, work.assignment, work.version)


def is_of(student: str, assignment: str, version: str) -> ColumnElement[bool]:
    """Whether a submission is that version of a student's work."""
    t = tables.submission.c
    return and_(t.student == student, t.assignment == assignment, t.version == version)
