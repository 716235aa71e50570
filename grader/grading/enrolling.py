"""Who the students of a download are: by the class list, and by what is already known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.gradebook import Handle, Student
from grader.intake import PLATFORMS, readable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.gradebook import Gradebook, Work
    from grader.intake import Candidate, Known, Listed


def write_roster(book: Gradebook, roster: Sequence[Listed]) -> None:
    """Keep a class list."""
    book.enrol(
        (Student(one.id, one.name or None, one.email or None, one.section or None, True), ())
        for one in roster
    )


def missing_of(book: Gradebook, assignment: str) -> tuple[str, ...]:
    """Those on a class list who handed in nothing for an assignment, by id."""
    handed_in = book.with_work(assignment)
    return tuple(
        student.id
        for student in book.students().values()
        if student.listed and student.id not in handed_in
    )


class Names:
    """What students are called in the gradebook, by their platforms' accounts.

    A new student with the same name as a student with another account gets the account's number
    added to the name: two people never share a mark.
    """

    def __init__(self, book: Gradebook) -> None:
        self._book = book
        self._accounts: dict[tuple[str, str], dict[str, str]] = {}

    def name_of(self, candidate: Candidate, assignment: str) -> str:
        """The name of the student of a candidate for an assignment."""
        known = candidate.known
        if known is None or known.account is None:
            return candidate.student
        scope = _scope(known, assignment)
        students = self._accounts.setdefault(
            (known.platform, scope), self._book.handles(known.platform, scope)
        )
        if known.account not in students:
            taken = candidate.student in students.values()
            students[known.account] = (
                f"{candidate.student} ({known.account})" if taken else candidate.student
            )
        return students[known.account]


def enrol(book: Gradebook, work: Work, known: Known | None) -> None:
    """Keep what a platform says about a student."""
    if known is None:
        return
    scope = _scope(known, work.assignment)
    handles = [Handle(known.platform, known.account, scope)] if known.account else []
    # A platform's name may come from a folder's, whose bytes need not be text.
    name = readable(known.name) if known.name is not None else None
    book.enrol([(Student(work.student, name, known.email), handles)])


def _scope(known: Known, assignment: str) -> str:
    """The assignment for which a platform calls a student so; "" where it does in all."""
    platform = PLATFORMS.get(known.platform)
    return assignment if platform is not None and platform.of_one_assignment else ""
