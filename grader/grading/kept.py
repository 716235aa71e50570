"""The marks of a class as the gradebook has them, with nothing judged anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.course.lesson import open_lesson
from grader.grading.ledger import Ledger
from grader.grading.ungraded import TO_BE_RUN, broken, unread

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grader.course.assignment import Assignment
    from grader.course.lesson import Lesson
    from grader.gradebook import Entry, Gradebook
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
    for entry in book.entries([name], student=student):
        return _standing(ledger, entry)
    return None


def marks_of(book: Gradebook, assignments: Sequence[Assignment]) -> Iterator[GradedSubmission]:
    """The marks that count, after overrides and lateness, by assignment and student."""
    lessons = {assignment.id: open_lesson(assignment) for assignment in assignments}
    ledger = Ledger.of(book, lessons)
    for entry in book.entries(list(lessons)):
        yield _standing(ledger, entry)


def _standing(ledger: Ledger, entry: Entry) -> GradedSubmission:
    """The mark that counts; what was handed in and has none is withheld, never left out."""
    work = entry.work
    if entry.graded is not None:
        return ledger.decided(entry.graded, work)
    lesson = ledger.lessons[work.assignment]
    return ledger.decided(broken(unread(work), lesson, TO_BE_RUN), work)
