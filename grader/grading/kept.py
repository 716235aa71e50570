"""The marks of a class as the gradebook has them, with nothing judged anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.grading.ledger import Ledger
from grader.grading.lesson import open_lesson

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grader.assignment import Assignment
    from grader.gradebook import Gradebook
    from grader.models import GradedSubmission


def marks_of(book: Gradebook, assignments: Sequence[Assignment]) -> Iterator[GradedSubmission]:
    """The marks that count, after overrides and lateness, by assignment and student."""
    lessons = {assignment.id: open_lesson(assignment) for assignment in assignments}
    ledger = Ledger.of(book, lessons)
    for entry in book.entries(list(lessons)):
        if entry.graded is not None:
            yield ledger.decided(entry.graded, entry.work)
