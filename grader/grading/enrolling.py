"""Who the students of a download are: by the class list, and by what is known of them already."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from grader.gradebook import Handle, Student
from grader.intake import readable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grader.gradebook import Gradebook, Work
    from grader.intake import Candidate, Known, Listed

# Moodle numbers its participants anew for each assignment.
_FOR_ONE_ASSIGNMENT: Final = frozenset({"moodle"})


def write_roster(book: Gradebook, roster: Sequence[Listed]) -> None:
    """Keep a class list."""
    book.enrol(
        (Student(one.id, one.name or None, one.email or None, one.section or None), ())
        for one in roster
    )


def told_apart(book: Gradebook, candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The candidates under the names that the gradebook has for their accounts.

    Someone new who is called like a student with another account gets the account's number into
    the name: two people never share a mark.
    """
    return tuple(_told_apart(book, candidates))


def _told_apart(book: Gradebook, candidates: Sequence[Candidate]) -> Iterator[Candidate]:
    accounts: dict[str, dict[str, str]] = {}
    for candidate in candidates:
        known = candidate.known
        if known is None or known.account is None or known.platform in _FOR_ONE_ASSIGNMENT:
            yield candidate
            continue
        of_platform = accounts.setdefault(known.platform, book.handles(known.platform, ""))
        if known.account in of_platform:
            yield replace(candidate, student=of_platform[known.account])
        elif candidate.student in of_platform.values():
            yield replace(candidate, student=f"{candidate.student} ({known.account})")
        else:
            yield candidate


def enrol(book: Gradebook, work: Work, known: Known | None) -> None:
    """Keep what a platform says of a student."""
    if known is None:
        return
    assignment = work.assignment if known.platform in _FOR_ONE_ASSIGNMENT else ""
    handles = [Handle(known.platform, known.account, assignment)] if known.account else []
    # A platform's name may come from a folder's, whose bytes need not be text.
    name = readable(known.name) if known.name is not None else None
    book.enrol([(Student(work.student, name, known.email), handles)])
