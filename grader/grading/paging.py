"""Records in the gradebook that a mark is withheld only because its page cannot be drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from grader.reporting import UNDRAWN, is_undrawn

if TYPE_CHECKING:
    from grader.gradebook import Gradebook
    from grader.models import GradedSubmission


def settle_page(book: Gradebook, told: GradedSubmission) -> None:
    """Withhold a mark whose page could not be drawn, or release one whose page now can.

    The doubt about the work says so: the mark itself stays as it was judged, and any other doubt
    takes precedence.
    """
    student, assignment = told.submission.student, told.assignment.id
    entry = next(book.entries([assignment], student=student, with_runs=False), None)
    if entry is None:
        return
    doubt = UNDRAWN if is_undrawn(told) else None
    if entry.work.doubt in (None, UNDRAWN) and entry.work.doubt != doubt:
        book.receive([replace(entry.work, doubt=doubt)])
