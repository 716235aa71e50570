"""Marks a class again from what was recorded: no notebook runs, unless it has to."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grader.errors import GradebookError
from grader.grading.ledger import Ledger
from grader.grading.marking import LocalMarking
from grader.grading.recorded import NewEvidenceNeeded
from grader.grading.ungraded import broken, fault_of_ours
from grader.judging.lesson import open_lesson
from grader.models import Submission

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from grader.assignment import Assignment
    from grader.gradebook import Change, Entry, Gradebook, Work
    from grader.grading.marking import Marking
    from grader.judging.run import Runs
    from grader.models import GradedSubmission


@dataclass(frozen=True, slots=True)
class Regraded:
    """One student's mark before and now, and the checks that made the difference.

    Both are the marks that count, after overrides and lateness; `ran` says that the notebook had
    to be run again. `fresh` is False where nothing had changed and the mark was left alone.
    """

    graded: GradedSubmission
    before: GradedSubmission | None
    changes: tuple[Change, ...] = ()
    ran: bool = False
    fresh: bool = True

    @property
    def gained(self) -> float:
        """By how many points the mark changed."""
        return self.graded.mark.points - (self.before.mark.points if self.before else 0.0)


@dataclass(frozen=True, slots=True)
class Regrading:
    """A whole class regraded; `waiting` are works that need a run and did not get it."""

    regraded: tuple[Regraded, ...]
    waiting: tuple[Work, ...] = ()


def regrade_class(
    book: Gradebook,
    assignments: Sequence[Assignment],
    *,
    open_runner: Callable[[], Runs] | None = None,
    judging: Marking | None = None,
    jobs: int = 1,
    seed: int | None = None,
    on_regraded: Callable[[Regraded], None] = lambda _: None,
) -> Regrading:
    """Make the mark of every version that counts anew, where the assignment or the grader changed.

    What was recorded is judged first, by `judging` if it is given. Then those that it does not
    suffice for are run again with the runner that `open_runner` gives, called only if there are
    any; without it they keep their marks. Raises GradebookError.
    """
    lessons = {assignment.id: open_lesson(assignment) for assignment in assignments}
    with book.at_work(), ThreadPoolExecutor(max_workers=max(1, jobs)) as pool:
        desk = _Desk(Ledger.of(book, lessons, seed=seed), on_regraded)
        first = judging or LocalMarking(lessons, None, seed)
        found: list[Regraded] = []
        waiting: list[Entry] = []
        for entries in _bunches(book.entries(list(lessons))):
            judged = pool.map(lambda entry: desk.regrade(entry, first), entries)
            for entry, regraded in zip(entries, judged, strict=True):
                if regraded is None:
                    waiting.append(entry)
                else:
                    found.append(regraded)
        if waiting and open_runner is not None:
            running = LocalMarking(lessons, open_runner(), seed)
            again = pool.map(lambda entry: desk.regrade(entry, running), waiting)
            found += [regraded for regraded in again if regraded is not None]
            waiting = []
    found.sort(key=lambda r: (r.graded.assignment.id, r.graded.submission.student))
    return Regrading(tuple(found), tuple(entry.work for entry in waiting))


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where one mark is made again."""

    ledger: Ledger
    tell: Callable[[Regraded], None]

    def regrade(self, entry: Entry, marking: Marking) -> Regraded | None:
        """The new mark; None where it needs a run, and `marking` makes none."""
        regraded = self._regraded(entry, marking)
        if regraded is not None:
            self.tell(regraded)
        return regraded

    def _regraded(self, entry: Entry, marking: Marking) -> Regraded | None:
        ledger, work, old = self.ledger, entry.work, entry.graded
        before = ledger.decided(old, work) if old is not None else None
        if before is not None and (work.content is None or ledger.is_current(entry)):
            return Regraded(before, before, fresh=False)
        try:
            marked = marking(work, ledger.book.evidence(work))
            changes = ledger.record(work, marked, entry)
        except NewEvidenceNeeded:
            return None
        except GradebookError:
            raise
        except Exception as error:
            lesson = ledger.lessons[work.assignment]
            return Regraded(broken(_unread(work), lesson, fault_of_ours(error)), before)
        now = ledger.decided(marked.graded, work)
        return Regraded(now, before, changes, ran=bool(marked.made))


def _unread(work: Work) -> Submission:
    return Submission(
        student=work.student,
        assignment=work.assignment,
        language="",
        path=Path(work.name),
        sha256=work.version,
        cells=(),
        steps={},
    )


_BUNCH: Final = 64  # so many notebooks are in memory at once


def _bunches(entries: Iterator[Entry]) -> Iterator[list[Entry]]:
    while bunch := list(islice(entries, _BUNCH)):
        yield bunch
