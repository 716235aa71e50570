"""The gradebook: what was handed in, what was seen, the marks, and what people changed."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from grader.errors import GradebookError
from grader.gradebook import reviewing, tables
from grader.gradebook.entries import Change, Entry, GivenOverride, Handle, Student, Work
from grader.gradebook.opening import identity, open_database, readable, translated
from grader.gradebook.packing import GRADED, as_text, moment, now
from grader.gradebook.reading import batches, entry_of, is_version, selected
from grader.gradebook.writing import connect, enrol, keep_mark, receive
from grader.language.messages import say
from grader.models import Override

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from types import TracebackType
    from typing import Self

    from sqlalchemy import Connection

    from grader.gradebook.entries import Kind, NewMark, Review
    from grader.models import Comment


class Gradebook:
    """One database; each method is one transaction. Raises GradebookError when it cannot be used.

    Safe to use from several threads, and by several graders at once.
    """

    def __init__(self, where: str, *, create: bool = False) -> None:
        self.where = readable(where)
        self._engine = open_database(where, create=create)
        self._file = identity(self._engine)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    # ---- in ------------------------------------------------------------------------------------

    def enrol(self, students: Iterable[tuple[Student, Sequence[Handle]]]) -> None:
        """Write down who students are and what platforms call them; what is known is kept."""
        with self._writing() as connection:
            for student, handles in students:
                enrol(connection, student)
                for handle in handles:
                    connect(connection, handle, student.id)

    def receive(self, works: Iterable[Work]) -> None:
        """Keep these versions; each in turn becomes the one that counts for its student."""
        began = datetime.now(UTC)
        with self._writing() as connection:
            for place, work in enumerate(works):
                receive(connection, work, as_text(began + timedelta(microseconds=place)))

    def record(self, *marks: NewMark, again: bool = False) -> int:
        """Keep marks with the evidence that they were judged from, all of it or nothing.

        Where a mark by the same maker is there already, that one stays, unless `again`. Says how
        many were kept.
        """
        # Two graders that lock the same rows have to do it in the same order.
        in_order = sorted(marks, key=lambda new: (new.work.assignment, new.work.student))
        packed = [GRADED.pack(replace(new.graded, execution=None)) for new in in_order]
        with self._writing() as connection:
            return sum(
                keep_mark(connection, new, detail, again=again)
                for new, detail in zip(in_order, packed, strict=True)
            )

    def override(self, student: str, assignment: str, given: GivenOverride) -> None:
        """Write down points that a person gave; the last ones for a check count."""
        with self._writing() as connection:
            reviewing.give(connection, student, assignment, given)

    def decide(
        self,
        student: str,
        assignment: str,
        kind: Kind,
        words: Comment,
        *,
        seen: str,
        given: GivenOverride | None = None,
    ) -> None:
        """Write down what a person decided who saw the work in the state `seen`.

        Raises DecidedMeanwhile, and writes nothing, where it is in another.
        """
        with self._writing() as connection:
            reviewing.require_state(connection, student, assignment, seen)
            override = reviewing.give(connection, student, assignment, given) if given else None
            reviewing.decide(connection, student, assignment, kind, words, override)

    def choose(
        self,
        student: str,
        assignment: str,
        version: str,
        words: Comment,
        *,
        seen: str | None = None,
    ) -> None:
        """Write down which version of a work counts; `words` name its file. As `decide`."""
        with self._writing() as connection:
            if seen is not None:
                reviewing.require_state(connection, student, assignment, seen)
            reviewing.choose(connection, student, assignment, version, words)

    def undo(self, student: str, assignment: str, by: str, *, seen: str) -> bool:
        """Take back what was decided last; False where nothing stands. As `decide`."""
        with self._writing() as connection:
            reviewing.require_state(connection, student, assignment, seen)
            return reviewing.undo(connection, student, assignment, by)

    @contextmanager
    def at_work(self) -> Iterator[int]:
        """Be at work on this gradebook; says how many other graders seem to be.

        One that was killed seems to be at work for a day.
        """
        t = tables.session
        since = as_text(datetime.now(UTC) - timedelta(days=1))
        with self._writing() as connection:
            others = connection.execute(
                select(func.count()).where(t.c.ended_at.is_(None), t.c.began_at > since)
            ).scalar_one()
            mine = connection.execute(
                t.insert().values(began_at=now()).returning(t.c.id)
            ).scalar_one()
        try:
            yield others
        finally:
            with self._writing() as connection:
                connection.execute(t.update().where(t.c.id == mine).values(ended_at=now()))

    # ---- out -----------------------------------------------------------------------------------

    def entries(
        self,
        assignments: Sequence[str] | None = None,
        *,
        student: str | None = None,
        every_version: bool = False,
        with_runs: bool = True,
    ) -> Iterator[Entry]:
        """The versions that count (or all), by assignment and student, each with its last mark.

        Without runs, what the notebook showed is not in `graded`.
        """
        wanted = selected(assignments, student, every_version=every_version, with_runs=with_runs)
        with self._reading() as connection:
            ids = connection.execute(wanted.with_only_columns(tables.submission.c.id)).scalars()
            parts = list(batches(list(ids)))
        for batch in parts:
            with self._reading() as connection:
                rows = connection.execute(wanted.where(tables.submission.c.id.in_(batch))).all()
            yield from (entry_of(row) for row in rows)

    def count(self, assignments: Sequence[str]) -> int:
        """How many students' works there are."""
        wanted = selected(assignments, None, every_version=False)
        with self._reading() as connection:
            ids = wanted.with_only_columns(tables.submission.c.id).order_by(None).subquery()
            return connection.execute(select(func.count()).select_from(ids)).scalar_one()

    def entry(self, work: Work) -> Entry | None:
        """This version with its last mark; None where it was never received."""
        wanted = selected([work.assignment], work.student, every_version=True)
        with self._reading() as connection:
            row = connection.execute(
                wanted.where(tables.submission.c.version == work.version)
            ).one_or_none()
        return entry_of(row) if row is not None else None

    def evidence(self, work: Work) -> dict[str, bytes]:
        """The packed executions of this version's runs, by key."""
        with self._reading() as connection:
            rows = connection.execute(
                select(tables.evidence.c.key, tables.evidence.c.execution)
                .join(tables.submission)
                .where(is_version(work))
            ).all()
        return {row.key: row.execution for row in rows}

    def overrides(self, assignments: Sequence[str]) -> dict[tuple[str, str], list[GivenOverride]]:
        """What people gave, by student and assignment; for each check only what counts."""
        with self._reading() as connection:
            rows = connection.execute(
                select(tables.override)
                .where(tables.override.c.assignment.in_(assignments))
                .where(
                    ~select(tables.decision.c.id)
                    .where(tables.decision.c.override == tables.override.c.id)
                    .where(tables.decision.c.undone_by.is_not(None))
                    .exists()
                )
                .order_by(tables.override.c.id)
            ).all()
        last = {(row.student, row.assignment, row.check_id): row for row in rows}
        found: dict[tuple[str, str], list[GivenOverride]] = {}
        for (student, assignment, check), row in last.items():
            override = Override(row.points, row.reason, row.by, moment(row.at))
            found.setdefault((student, assignment), []).append(GivenOverride(check, override))
        return found

    def review(self, student: str, assignment: str) -> Review:
        """What people decided about this work."""
        with self._reading() as connection:
            return reviewing.review_of(connection, student, assignment)

    def reviewed(self, assignments: Sequence[str]) -> dict[tuple[str, str], Review]:
        """What people decided, by student and assignment."""
        t = tables.decision.c
        with self._reading() as connection:
            works = connection.execute(
                select(t.student, t.assignment).where(t.assignment.in_(assignments)).distinct()
            ).all()
            return {
                (work.student, work.assignment): reviewing.review_of(
                    connection, work.student, work.assignment
                )
                for work in works
            }

    def changes(self, assignment: str) -> Iterator[tuple[str, datetime, Change]]:
        """Every change that a regrade made: student, when, what; the first one first."""
        t = tables
        with self._reading() as connection:
            rows = connection.execute(
                select(t.submission.c.student, t.mark.c.made_at, t.change)
                .join(t.mark, t.mark.c.id == t.change.c.mark)
                .join(t.submission, t.submission.c.id == t.mark.c.submission)
                .where(t.submission.c.assignment == assignment)
                .order_by(t.change.c.id)
            ).all()
        for row in rows:
            change = Change(row.check_id, row.before, row.after)
            yield row.student, moment(row.made_at), change

    def students(self) -> dict[str, Student]:
        """Everyone, by id."""
        with self._reading() as connection:
            rows = connection.execute(select(tables.student).order_by(tables.student.c.id)).all()
        return {
            row.id: Student(row.id, row.name, row.email, row.section, row.listed) for row in rows
        }

    def with_work(self, assignment: str) -> frozenset[str]:
        """The students who handed in something for an assignment, readable or not."""
        t = tables.submission.c
        with self._reading() as connection:
            rows = connection.execute(
                select(t.student).where(t.assignment == assignment).distinct()
            ).scalars()
            return frozenset(rows)

    def handles(self, platform: str, assignment: str) -> dict[str, str]:
        """The student of each name that a platform uses, for this assignment or everywhere."""
        with self._reading() as connection:
            rows = connection.execute(
                select(tables.handle)
                .where(tables.handle.c.platform == platform)
                .where(tables.handle.c.assignment.in_(["", assignment]))
                .order_by(tables.handle.c.assignment)
            ).all()
        return {row.value: row.student for row in rows}

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        engine = self._engine.execution_options(reads=True)
        with translated(self.where), engine.begin() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        if identity(self._engine) != self._file:
            # Open connections would go on writing into a file that nobody finds again.
            raise GradebookError(
                say(
                    "The gradebook {path} was moved or deleted while it was in use. Put it back "
                    "and give the same command again: it goes on from there.",
                    path=self.where,
                )
            )
        with translated(self.where), self._engine.begin() as connection:
            yield connection
