"""Where each student of a class stands, and who a platform means by a row of its table."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from grader.gradebook import Student
    from grader.language.messages import Message
    from grader.models import GradedSubmission


@dataclass(frozen=True, slots=True)
class Standing:
    """A student with the mark that counts; `accounts` are what platforms call the student."""

    student: Student
    graded: GradedSubmission
    accounts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Exported:
    """A finished file, and what a person has to know of it: who is not in it, and why."""

    content: bytes
    filled: int
    notes: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Traits:
    """What a row of a platform's table says of a student; "" where it says nothing."""

    account: str = ""
    id: str = ""
    email: str = ""
    name: str = ""


class Matching:
    """Finds the student of a row: by account, id or e-mail; by name only where it is unique.

    What does not lead to exactly one student leads to none: nobody's mark is guessed.
    """

    def __init__(
        self, standings: Sequence[Standing], platform: str, rows: Iterable[Traits]
    ) -> None:
        def index(trait: Callable[[Standing], str | None]) -> dict[str, list[Standing]]:
            found: dict[str, list[Standing]] = {}
            for standing in standings:
                if value := trait(standing):
                    found.setdefault(value.casefold(), []).append(standing)
            return found

        self._by_account = index(lambda s: s.accounts.get(platform))
        self._by_id = index(lambda s: s.student.id)
        self._by_email = index(lambda s: s.student.email)
        self._by_name = index(lambda s: s.student.name or s.student.id)
        self._names = Counter(row.name.casefold() for row in rows)

    def find(self, row: Traits) -> Standing | None:
        """The one student that the row is about."""
        found = [
            *self._by_account.get(row.account.casefold(), ()),
            *self._by_id.get(row.id.casefold(), ()),
            *self._by_id.get(row.email.casefold(), ()),
            *self._by_email.get(row.email.casefold(), ()),
        ]
        if not found and self._names[row.name.casefold()] == 1:
            found = self._by_name.get(row.name.casefold(), [])
        who = {standing.student.id for standing in found}
        return found[0] if len(who) == 1 else None
