"""Puts each graded submission where its reports belong; nothing is ever written over another's."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Final

from grader.errors import UsageError
from grader.gradebook import GRADED
from grader.grading import marks_of, missing_of, settle_page
from grader.language.messages import say
from grader.models import Outcome
from grader.reporting import (
    NOT_OF_ONE,
    Unplaced,
    if_drawn,
    is_undrawn,
    says_already,
    write_overview,
    write_report,
    write_some_class,
    write_some_report,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Executor, Future
    from pathlib import Path

    from grader.course.assignment import Assignment
    from grader.gradebook import Gradebook
    from grader.models import GradedSubmission


_SECOND: Final = say("The same student has another notebook for this assignment.")


@dataclass(slots=True)
class Publisher:
    """Writes a student's page as soon as it is graded, and the class pages at the end.

    A file without a page of its own (no known assignment, or a second one of that student) is
    listed on the overview with the reason. An `executor` writes the students' pages elsewhere.
    Whoever's page cannot be drawn is withheld, there and in the `book`; `on_fault` gets the reason.
    """

    out: Path
    language: str | None = None
    executor: Executor | None = None
    book: Gradebook | None = None
    on_fault: Callable[[str, Exception], None] = lambda _where, _error: None
    _pages: list[tuple[GradedSubmission, Future[None]]] = field(default_factory=list)
    _placed: dict[tuple[str, str], GradedSubmission] = field(default_factory=dict)
    _waiting: list[GradedSubmission] = field(default_factory=list)

    def publish(self, graded: GradedSubmission) -> None:
        """Write the student's page; an unreadable file waits, so that a readable one goes first."""
        if graded.outcome is Outcome.UNREADABLE or not self._place(graded):
            self._waiting.append(graded)

    def keep(self, graded: GradedSubmission) -> None:
        """The same where nothing changed: a page that says so already is not written again."""
        with _writing(self.out):
            said = bool(graded.assignment.id) and says_already(graded, self.out, self.language)
        # What was withheld for its page alone is tried again: the fault may be mended.
        if said and not is_undrawn(graded):
            self._placed.setdefault(_place_of(graded), graded)
        else:
            self.publish(graded)

    def finish(self) -> Path:
        """Write the class pages and the overview; return the overview."""
        unplaced = [
            Unplaced(
                f"{graded.submission.student}: {graded.submission.path}",
                graded.mark.withheld_reason or _SECOND,
            )
            for graded in self._waiting
            if not self._place(graded)
        ]
        with _writing(self.out):
            # Others may be writing pages meanwhile.
            for graded, page in self._pages:
                self._wait_for(graded, page)
            classes = [
                (members[0].assignment, self._class_of(members)) for members in self._classes()
            ]
            return write_overview(classes, self.out, self.language, unplaced)

    def told(self, graded: Sequence[GradedSubmission]) -> tuple[GradedSubmission, ...]:
        """The same submissions as their pages tell of them: some may be withheld there."""
        return tuple(self._told(one) for one in graded)

    def _told(self, graded: GradedSubmission) -> GradedSubmission:
        placed = self._placed.get(_place_of(graded), graded)
        return placed if placed.submission.path == graded.submission.path else graded

    def _classes(self) -> list[list[GradedSubmission]]:
        in_order = sorted(self._placed.values(), key=_place_of)
        return [list(g) for _, g in groupby(in_order, key=lambda graded: graded.assignment.id)]

    def _class_of(self, members: Sequence[GradedSubmission]) -> tuple[GradedSubmission, ...]:
        assignment = members[0].assignment
        missing = self._missing(assignment.id)
        told = write_some_class(
            assignment, members, self.out, self.language, self.on_fault, missing=missing
        )
        for before, now in zip(members, told, strict=True):
            if now is not before:
                self._settle(before, now)
        return told

    def _missing(self, assignment: str) -> Sequence[str]:
        return missing_of(self.book, assignment) if self.book is not None else ()

    def _place(self, graded: GradedSubmission) -> bool:
        place = _place_of(graded)
        if not graded.assignment.id or place in self._placed:
            return False
        wanted = if_drawn(graded)
        if self.executor is None:
            self._draw(graded, wanted)
        else:
            packed = GRADED.pack(wanted)
            page = self.executor.submit(_write, packed, self.out, self.language)
            self._placed[place] = graded
            self._pages.append((graded, page))
        return True

    def _draw(self, graded: GradedSubmission, wanted: GradedSubmission) -> None:
        with _writing(self.out):
            told = write_some_report(wanted, self.out, self.language, self.on_fault)
        self._settle(graded, told)

    def _wait_for(self, graded: GradedSubmission, page: Future[None]) -> None:
        try:
            page.result()
        except NOT_OF_ONE:
            raise
        except Exception:
            # Here it is known whether it is the page that breaks, or the process that drew it.
            self._draw(graded, if_drawn(graded))
        else:
            self._settle(graded, if_drawn(graded))

    def _settle(self, before: GradedSubmission, told: GradedSubmission) -> None:
        self._placed[_place_of(told)] = told
        if self.book is not None and is_undrawn(before) != is_undrawn(told):
            settle_page(self.book, told)


def keep_the_others(
    publisher: Publisher,
    book: Gradebook,
    lessons: Sequence[Assignment],
    graded: Sequence[GradedSubmission],
) -> None:
    """Keep those of the same classes who were graded before: late ones join their class's page."""
    for lesson in lessons:
        now = {one.submission.student for one in graded if one.assignment.id == lesson.id}
        if now and book.with_work(lesson.id) - now:
            for other in marks_of(book, [lesson]):
                if other.submission.student not in now:
                    publisher.keep(other)


@dataclass(frozen=True, slots=True)
class Republished:
    """A class's pages after one student's mark changed: the overview, and the student.

    `mark` is the student's mark as it is in the gradebook, `told` as the page tells of it.
    """

    overview: Path
    mark: GradedSubmission
    told: GradedSubmission


def republish(
    publisher: Publisher, book: Gradebook, lesson: Assignment, student: str
) -> Republished:
    """Write the pages that a change in a student's mark changes."""
    for graded in marks_of(book, [lesson]):
        if graded.submission.student == student:
            publisher.publish(graded)
            mark = graded
        else:
            publisher.keep(graded)
    overview = publisher.finish()
    (told,) = publisher.told([mark])
    return Republished(overview, mark, told)


def _write(packed: bytes, out: Path, language: str | None) -> None:
    graded = GRADED.unpack(packed)
    if graded is None:
        raise RuntimeError("this process runs another grader")
    write_report(graded, out, language)


def _place_of(graded: GradedSubmission) -> tuple[str, str]:
    return graded.assignment.id, graded.submission.student


@contextmanager
def _writing(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(
            say(
                "The reports cannot be written to {path}: {reason}. "
                "Choose another folder with --out.",
                path=str(out),
                reason=error.strerror or type(error).__name__,
            )
        ) from error
