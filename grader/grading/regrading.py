"""Marks a class again from what was recorded: no notebook runs, unless it has to."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
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
    from grader.gradebook import Change, Entry, Gradebook, NewMark, Work
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
        desk = _Desk(Ledger.of(book, lessons, seed=seed), pool, on_regraded)
        found, waiting = desk.regrade(
            book.entries(list(lessons), with_runs=False),
            judging or LocalMarking(lessons, None, seed),
            at_once=_BUNCH,
        )
        if waiting and open_runner is not None:
            running = LocalMarking(lessons, open_runner(), seed)
            # A run takes long: each is written down before the next one.
            again, waiting = desk.regrade(iter(waiting), running, at_once=max(1, jobs))
            found += again
    found.sort(key=lambda r: (r.graded.assignment.id, r.graded.submission.student))
    return Regrading(tuple(found), tuple(entry.work for entry in waiting))


_BUNCH: Final = 32  # so many marks are written down together: each time costs some milliseconds


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
    pool: ThreadPoolExecutor
    tell: Callable[[Regraded], None]

    def regrade(
        self, entries: Iterator[Entry], marking: Marking, *, at_once: int
    ) -> tuple[list[Regraded], list[Entry]]:
        """The new marks, and the entries that need a run where `marking` makes none."""
        found: list[Regraded] = []
        waiting: list[Entry] = []
        while bunch := list(islice(entries, at_once)):
            judged = list(self.pool.map(lambda entry: self._judged(entry, marking), bunch))
            if new := [one.new for one in judged if one.new is not None]:
                self.ledger.book.record(*new)
            waiting += [one.entry for one in judged if one.regraded is None]
            for regraded in (one.regraded for one in judged if one.regraded is not None):
                found.append(regraded)
                self.tell(regraded)
        return found, waiting

    def _judged(self, entry: Entry, marking: Marking) -> _Judged:
        ledger, work, old = self.ledger, entry.work, entry.graded
        before = ledger.decided(old, work) if old is not None else None
        if before is not None and (work.content is None or ledger.is_current(entry)):
            return _Judged(entry, Regraded(self._with_run(before, work), before, fresh=False))
        try:
            marked = marking(work, ledger.book.evidence(work))
        except NewEvidenceNeeded:
            return _Judged(entry, None)
        except GradebookError:
            raise
        except Exception as error:
            lesson = ledger.lessons[work.assignment]
            none = broken(_unread(work), lesson, fault_of_ours(error))
            return _Judged(entry, Regraded(none, before))
        new = ledger.new_mark(work, marked, entry)
        now = ledger.decided(marked.graded, work)
        return _Judged(entry, Regraded(now, before, new.changes, ran=bool(marked.made)), new)

    def _with_run(self, graded: GradedSubmission, work: Work) -> GradedSubmission:
        """The mark with what the notebook showed, which its page may have to be written from."""
        entry = self.ledger.book.entry(work)
        known = entry.graded if entry is not None else None
        return replace(graded, execution=known.execution) if known is not None else graded


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
