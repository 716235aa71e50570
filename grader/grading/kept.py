"""The marks of a class as the gradebook has them, with nothing judged anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.grading.ledger import Ledger
from grader.grading.ungraded import broken, unread
from grader.judging.lesson import open_lesson
from grader.messages import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grader.assignment import Assignment
    from grader.gradebook import Entry, Gradebook
    from grader.judging.lesson import Lesson
    from grader.models import GradedSubmission


def mark_of(book: Gradebook, lesson: Lesson, student: str) -> GradedSubmission | None:
    """One student's mark that counts, as `marks_of` gives it; None where there is none."""
    name = lesson.assignment.id
    ledger = Ledger(
        book,
        {name: lesson},
        makers={},
        overrides=book.overrides([name]),
        reviewed={(student, name): book.review(student, name)},
    )
    entries = book.entries([name], student=student)
    return next((_mark_in(entry, ledger) for entry in entries), None)


def marks_of(book: Gradebook, assignments: Sequence[Assignment]) -> Iterator[GradedSubmission]:
    """The marks that count, after overrides and lateness, by assignment and student."""
    lessons = {assignment.id: open_lesson(assignment) for assignment in assignments}
    ledger = Ledger.of(book, lessons)
    for entry in book.entries(list(lessons)):
        yield _mark_in(entry, ledger)


def _mark_in(entry: Entry, ledger: Ledger) -> GradedSubmission:
    """The mark of an entry; one that has none, or none that can be read, is withheld."""
    graded = entry.graded
    if graded is None:
        lesson = ledger.lessons[entry.work.assignment]
        reason = say("This notebook has no mark yet: `grader regrade` runs and marks it.")
        graded = broken(unread(entry.work), lesson, reason)
    return ledger.decided(graded, entry.work)
