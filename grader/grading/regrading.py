"""Marks a class again from what was recorded: no notebook runs, unless it has to."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Final

from grader.course.lesson import open_lesson
from grader.errors import GradebookError
from grader.grading.ledger import Ledger
from grader.grading.marker import LocalMarker
from grader.grading.recorded import NewEvidenceNeeded
from grader.grading.ungraded import TO_BE_RUN, broken, fault_of_ours, unread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Executor, Future

    from grader.course.assignment import Assignment
    from grader.gradebook import Change, Entry, Gradebook, NewMark, Work
    from grader.grading.marker import Marker
    from grader.judging.judged_run import Runs
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
    """A whole class regraded; `left` are those that need a run and did not get it."""

    regraded: tuple[Regraded, ...]
    left: tuple[Regraded, ...] = ()


def regrade_class(
    book: Gradebook,
    assignments: Sequence[Assignment],
    *,
    open_runner: Callable[[], Runs] | None = None,
    judging: Marker | None = None,
    jobs: int = 1,
    seed: int | None = None,
    on_regraded: Callable[[Regraded], None] = lambda _: None,
    on_fault: Callable[[str, Exception], None] = lambda _where, _error: None,
) -> Regrading:
    """Make the mark of every version that counts anew, where the assignment or the grader changed.

    What was recorded is judged first, by `judging` if it is given. Then those that it does not
    suffice for are run again with the runner that `open_runner` gives, called only if there are
    any; without it they keep their marks. Where the grader breaks on one, that mark is withheld and
    `on_fault` gets whose it is and the exception. Raises GradebookError.
    """
    lessons = {assignment.id: open_lesson(assignment) for assignment in assignments}
    with book.at_work():
        desk = _Desk(Ledger.of(book, lessons, seed=seed), on_regraded, on_fault)
        entries = book.entries(list(lessons), with_runs=False)
        recorded = judging or LocalMarker(lessons, None, seed)
        # While one waits for its evidence, another is judged.
        found, waiting = desk.regrade(entries, recorded, jobs=2 * jobs, at_once=_BUNCH)
        if waiting and open_runner is not None:
            running = LocalMarker(lessons, open_runner(), seed)
            # A run takes long: each is written down as soon as it is done.
            again, waiting = desk.regrade(iter(waiting), running, jobs=jobs, at_once=1)
            found += again
        left = [desk.left(entry) for entry in waiting]
    return Regrading(_in_order(found), _in_order(left))


_BUNCH: Final = 32  # so many marks are written down together: each time costs some milliseconds


def _in_order(regraded: list[Regraded]) -> tuple[Regraded, ...]:
    def place(one: Regraded) -> tuple[str, str]:
        return one.graded.assignment.id, one.graded.submission.student

    return tuple(sorted(regraded, key=place))


@dataclass(frozen=True, slots=True)
class _Judged:
    """What became of an entry: a mark to be written down, one that stays, or neither."""

    entry: Entry
    regraded: Regraded | None
    new: NewMark | None = None


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where marks are made again."""

    ledger: Ledger
    tell: Callable[[Regraded], None]
    on_fault: Callable[[str, Exception], None]

    def regrade(
        self, entries: Iterator[Entry], marker: Marker, *, jobs: int, at_once: int
    ) -> tuple[list[Regraded], list[Entry]]:
        """The new marks, and the entries that need a run where `marking` makes none."""
        found: list[Regraded] = []
        waiting: list[Entry] = []
        with ThreadPoolExecutor(max_workers=max(1, jobs)) as pool:
            judged = self._ahead(pool, entries, marker, max(jobs, at_once))
            while bunch := list(islice(judged, at_once)):
                if new := [one.new for one in bunch if one.new is not None]:
                    self.ledger.book.record(*new)
                waiting += [one.entry for one in bunch if one.regraded is None]
                for regraded in (one.regraded for one in bunch if one.regraded is not None):
                    found.append(regraded)
                    self.tell(regraded)
        return found, waiting

    def left(self, entry: Entry) -> Regraded:
        """The mark that stays, since the notebook was not run again; withheld if there is none."""
        work, old = entry.work, entry.graded
        if old is None:
            lesson = self.ledger.lessons[work.assignment]
            return Regraded(broken(unread(work), lesson, TO_BE_RUN), None, fresh=False)
        before = self.ledger.decided(old, work)
        return Regraded(self._with_run(before, work), before, fresh=False)

    def _ahead(
        self, pool: Executor, entries: Iterator[Entry], marker: Marker, ahead: int
    ) -> Iterator[_Judged]:
        """What became of each entry in turn, while so many more are judged."""
        begun: deque[Future[_Judged]] = deque()
        for entry in entries:
            begun.append(pool.submit(self._judged, entry, marker))
            if len(begun) > ahead:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()

    def _judged(self, entry: Entry, marker: Marker) -> _Judged:
        ledger, work, old = self.ledger, entry.work, entry.graded
        before = ledger.decided(old, work) if old is not None else None
        if before is not None and (work.content is None or ledger.is_current(entry)):
            return _Judged(entry, Regraded(self._with_run(before, work), before, fresh=False))
        try:
            marked = marker(work, ledger.book.evidence(work))
        except NewEvidenceNeeded:
            return _Judged(entry, None)
        except GradebookError:
            raise
        except Exception as error:
            self.on_fault(f"{work.assignment}, {work.student}", error)
            lesson = ledger.lessons[work.assignment]
            none = broken(unread(work), lesson, fault_of_ours(error))
            new = ledger.no_mark(work, none)
            return _Judged(entry, Regraded(ledger.decided(none, work), before), new)
        new = ledger.new_mark(work, marked, entry)
        now = ledger.decided(marked.graded, work)
        return _Judged(entry, Regraded(now, before, new.changes, ran=bool(marked.made)), new)

    def _with_run(self, graded: GradedSubmission, work: Work) -> GradedSubmission:
        """The mark with what the notebook showed, which its page may have to be written from."""
        entry = self.ledger.book.entry(work)
        known = entry.graded if entry is not None else None
        return replace(graded, execution=known.execution) if known is not None else graded
