"""Puts each graded submission where its reports belong; nothing is ever written over another's."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Final

from grader.errors import UsageError
from grader.gradebook import GRADED
from grader.messages import say
from grader.models import Outcome
from grader.reporting import Unplaced, is_reported, write_class, write_overview, write_report

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Executor, Future
    from pathlib import Path

    from grader.models import GradedSubmission


_SECOND: Final = say("The same student has another notebook for this assignment.")


@dataclass(slots=True)
class Publisher:
    """Writes a student's page as soon as it is graded, and the class pages at the end.

    A file without a page of its own (no known assignment, or a second one of that student) is
    listed on the overview with the reason. An `executor` writes the students' pages elsewhere.
    """

    out: Path
    language: str | None = None
    executor: Executor | None = None
    _pages: list[Future[None]] = field(default_factory=list)
    _placed: dict[tuple[str, str], GradedSubmission] = field(default_factory=dict)
    _waiting: list[GradedSubmission] = field(default_factory=list)

    def publish(self, graded: GradedSubmission) -> None:
        """Write the student's page; an unreadable file waits, so that a readable one goes first."""
        if graded.outcome is Outcome.UNREADABLE or not self._place(graded):
            self._waiting.append(graded)

    def keep(self, graded: GradedSubmission) -> None:
        """The same where nothing changed: a page that says so already is not written again."""
        if graded.assignment.id and is_reported(graded, self.out, self.language):
            self._placed.setdefault(_place_of(graded), graded)
        else:
            self.publish(graded)

    def finish(self) -> Path:
        """Write the class pages and the overview; return the overview."""
        unplaced = [
            Unplaced(graded.submission.path.name, graded.mark.withheld_reason or _SECOND)
            for graded in self._waiting
            if not self._place(graded)
        ]
        in_order = sorted(self._placed.values(), key=_place_of)
        groups = [list(g) for _, g in groupby(in_order, key=lambda graded: graded.assignment.id)]
        classes = [(members[0].assignment, members) for members in groups]
        with _writing(self.out):
            # Others may be writing pages meanwhile.
            for assignment, members in classes:
                write_class(assignment, members, self.out, self.language)
            for page in self._pages:
                page.result()
            return write_overview(classes, self.out, self.language, unplaced)

    def _place(self, graded: GradedSubmission) -> bool:
        place = _place_of(graded)
        if not graded.assignment.id or place in self._placed:
            return False
        if self.executor is None:
            with _writing(self.out):
                write_report(graded, self.out, self.language)
        else:
            packed = GRADED.pack(graded)
            self._pages.append(self.executor.submit(_write, packed, self.out, self.language))
        self._placed[place] = graded
        return True


def _write(packed: bytes, out: Path, language: str | None) -> None:
    graded = GRADED.unpack(packed)
    if graded is not None:
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
