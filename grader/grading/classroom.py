"""Grades many submissions at once; one that breaks never stops the others."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from grader.course.lesson import open_lesson
from grader.errors import GradebookError, SubmissionUnreadable
from grader.gradebook import Gradebook
from grader.grading.drop_boxes import Opened, sorted_into_boxes
from grader.grading.enrolling import Names, enrol
from grader.grading.handed_in import HandedIn, open_candidate, open_kept, unreadable_work
from grader.grading.ledger import Ledger
from grader.grading.marker import LocalMarker, Marked
from grader.grading.remote import RemoteMarker
from grader.grading.ungraded import broken, fault_of_ours, unread, unreadable
from grader.intake import Settled, choose
from grader.language.messages import say
from grader.submission import OtherLesson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Executor

    from grader.course.assignment import Assignment
    from grader.course.lesson import Lesson
    from grader.grading.marker import Marker
    from grader.intake import Candidate, Chosen
    from grader.judging.judged_run import Runs
    from grader.language.messages import Message
    from grader.models import GradedSubmission


def grade_class(
    candidates: Sequence[Candidate],
    *,
    assignments: Sequence[Assignment],
    runner: Runs | None = None,
    executor: Executor | None = None,
    shut_in: bool = False,
    book: Gradebook | None = None,
    jobs: int = 1,
    seed: int | None = None,
    force: bool = False,
    on_graded: Callable[[GradedSubmission], None] = lambda _: None,
    on_fault: Callable[[str, Exception], None] = lambda _where, _error: None,
    on_note: Callable[[str, Message], None] = lambda _student, _note: None,
) -> tuple[GradedSubmission, ...]:
    """Grade every candidate, `jobs` at a time, and tell `on_graded` of each as it is done.

    What `book` has a mark for is not run again, unless the notebook, the assignment or the grader
    changed since, or with `force`; each new mark is in it before anyone is told. Notebooks run
    here, with `runner`; or wherever `executor` takes them, with kernels of each worker's own, and
    not at all where `shut_in` is asked for and a worker cannot shut students' code in. The order
    of the result is that of assignments and students. What cannot be read and what breaks is part
    of the result, withheld, with the reason; of what breaks, `on_fault` gets whose it is and the
    exception. `on_note` gets why a student's notebook was taken and not another one. Raises
    GradebookError where the gradebook cannot be read or written.
    """
    lessons = {assignment.id: open_lesson(assignment) for assignment in assignments}
    with _opened(book) as kept, kept.at_work() as others:
        ledger = Ledger.of(kept, lessons, seed=seed, force=force)
        desk = _Desk(
            ledger,
            RemoteMarker(executor, lessons, seed=seed, shut_in=shut_in)
            if executor is not None
            else LocalMarker(lessons, runner, seed),
            on_fault,
            on_note,
        )
        graded: list[GradedSubmission] = []
        handed_in: list[HandedIn] = []
        names = Names(kept)
        for one in sorted_into_boxes([desk.open(candidate) for candidate in candidates]):
            if one.handed_in is not None:
                student = names.name_of(one.candidate, one.handed_in.work.assignment)
                handed_in.append(one.handed_in.of(student))
            else:
                graded.append(desk.list_unread(one, names))
                on_graded(graded[-1])
        students = _by_student(handed_in)
        if others:
            # Whoever is at work already began at the beginning: the two meet in the middle.
            students.reverse()
        with ThreadPoolExecutor(max_workers=max(1, jobs)) as pool:
            waiting = [pool.submit(desk.grade, versions) for versions in students]
            try:
                for done in as_completed(waiting):
                    graded.append(done.result())
                    on_graded(graded[-1])
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    return tuple(sorted(graded, key=lambda g: (g.assignment.id, g.submission.student)))


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where one student's notebooks are read, graded and written down."""

    ledger: Ledger
    marker: Marker
    on_fault: Callable[[str, Exception], None]
    on_note: Callable[[str, Message], None]

    def open(self, candidate: Candidate) -> Opened:
        """Open a candidate, or find out why no mark can be given for it."""
        try:
            return Opened(candidate, open_candidate(candidate, self.ledger.lessons))
        except OtherLesson as error:
            return Opened(candidate, reason=error.message, elsewhere=True)
        except SubmissionUnreadable as error:
            return Opened(candidate, reason=error.message)
        except Exception as error:
            self.on_fault(str(candidate.shown), error)
            return Opened(candidate, reason=fault_of_ours(error))

    def list_unread(self, one: Opened, names: Names) -> GradedSubmission:
        """List what has no mark; it is kept in the gradebook where its lesson is known."""
        reason = one.reason or say("This notebook could not be read.")
        candidate, lesson = one.candidate, self._lesson_of(one, names)
        if lesson is None:
            return unreadable(candidate, None, reason)
        student = names.name_of(candidate, lesson.assignment.id)
        graded = unreadable(replace(candidate, student=student), lesson, reason)
        work = unreadable_work(graded)
        self.ledger.book.receive([work])
        enrol(self.ledger.book, work, candidate.known)
        self.ledger.record(work, Marked(graded, None, {}), None)
        return self.ledger.decided(graded, work)

    def _lesson_of(self, one: Opened, names: Names) -> Lesson | None:
        """The lesson that an unread file was handed in for; a guess never touches a mark."""
        lessons, candidate = self.ledger.lessons, one.candidate
        if one.elsewhere:
            return None
        only = next(iter(lessons)) if len(lessons) == 1 else None
        for name in (candidate.drop_box, candidate.assignment, only):
            if name is not None and name in lessons:
                return lessons[name]
        if one.likely is None:
            return None
        student = names.name_of(candidate, one.likely)
        has_mark = any(self.ledger.book.entries([one.likely], student=student))
        return None if has_mark else lessons[one.likely]

    def grade(self, versions: Sequence[HandedIn]) -> GradedSubmission:
        """Grade the version of a student's work that counts; keep them all.

        Where that is in doubt each gets a mark, so that a person who chooses need not wait.
        """
        try:
            return self._grade(versions)
        except GradebookError:
            raise
        except Exception as error:
            return self._broken(versions[-1], error)

    def _grade(self, versions: Sequence[HandedIn]) -> GradedSubmission:
        work = versions[0].work
        if self.ledger.lessons[work.assignment].assignment.table.attempts.counts == "best":
            return self._best_of(versions)
        chosen = self._chosen(versions)
        last = next(v for v in versions if v.submission is chosen.submission)
        if chosen.remark is not None:
            self.on_note(work.student, chosen.remark)
            remarks = (*last.submission.remarks, chosen.remark)
            last = replace(last, submission=replace(last.submission, remarks=remarks))
        last = replace(last, work=replace(last.work, doubt=chosen.doubt))
        others = {v.work.version: v for v in versions if v.work.version != last.work.version}
        if chosen.doubt is not None:
            for version in others.values():
                self._mark(version)
        self.ledger.book.receive([*(v.work for v in others.values()), last.work])
        enrol(self.ledger.book, last.work, last.known)
        return self._mark(last)

    def _chosen(self, versions: Sequence[HandedIn]) -> Chosen:
        work = versions[0].work
        owner = (work.student, work.assignment)
        review = self.ledger.reviewed.get(owner)
        choice = review.choice if review is not None else None
        settled = {owner: Settled(choice.version, choice.among)} if choice is not None else {}
        (chosen,) = choose([version.submission for version in versions], settled)
        return chosen

    def _best_of(self, versions: Sequence[HandedIn]) -> GradedSubmission:
        """The best mark of all versions, also of those that were handed in before."""
        book, work = self.ledger.book, versions[0].work
        book.receive([version.work for version in versions])
        enrol(book, versions[-1].work, versions[-1].known)
        now = {version.work.version for version in versions}
        before = [
            open_kept(entry.work, self.ledger.lessons)
            for entry in book.entries([work.assignment], student=work.student, every_version=True)
            if entry.work.version not in now and entry.work.content is not None
        ]
        marked = [(version, self._mark(version)) for version in (*before, *versions)]
        # While one of them could not be judged, nobody knows which is the best.
        unknown = [one for one in marked if not one[1].mark.steps]
        best, graded = max(
            unknown or marked, key=lambda one: (not one[1].mark.withheld, one[1].mark.points)
        )
        book.receive([best.work])
        return graded

    def _mark(self, version: HandedIn) -> GradedSubmission:
        """The version's mark; a fault of ours withholds it and leaves the others alone."""
        try:
            return self.ledger.mark(version, self.marker)
        except GradebookError:
            raise
        except Exception as error:
            return self._broken(version, error)

    def _broken(self, version: HandedIn, error: Exception) -> GradedSubmission:
        """The mark withheld, here and in the gradebook; the next grading tries it again."""
        work = version.work
        self.on_fault(f"{work.assignment}, {work.student}", error)
        lesson = self.ledger.lessons[work.assignment]
        graded = broken(version.submission, lesson, fault_of_ours(error))
        kept = replace(graded, submission=unread(work))
        self.ledger.book.record(self.ledger.no_mark(work, kept))
        return self.ledger.decided(graded, work)


def _by_student(handed_in: Sequence[HandedIn]) -> list[tuple[HandedIn, ...]]:
    """All that one student handed in for one assignment, in the order of students."""

    def owner(one: HandedIn) -> tuple[str, str]:
        return one.work.student, one.work.assignment

    return [tuple(versions) for _, versions in groupby(sorted(handed_in, key=owner), key=owner)]


@contextmanager
def _opened(book: Gradebook | None) -> Iterator[Gradebook]:
    """The gradebook; without one, one that is forgotten afterwards."""
    if book is not None:
        yield book
    else:
        with Gradebook("sqlite://", create=True) as forgotten:
            yield forgotten
