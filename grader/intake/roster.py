"""The class list: who is who, whatever a learning platform calls them."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from grader.errors import UsageError
from grader.language.messages import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from grader.intake.candidate import Candidate, Known

_COLUMNS: Final = {
    "id": ("student id", "student_id", "id", "student", "sid", "学号"),
    "name": ("name", "full name", "姓名", "名字"),
    "email": ("e-mail", "email", "email address", "邮箱", "电子邮件"),
    "section": ("section", "class", "group", "班级", "班"),
}


@dataclass(frozen=True, slots=True)
class Listed:
    """Someone on the class list."""

    id: str
    name: str = ""
    email: str = ""
    section: str = ""


def read_roster(path: Path) -> tuple[Listed, ...]:
    """The class list in a CSV file; raises UsageError where it cannot be used."""
    text = _text(path)
    rows = list(csv.reader(io.StringIO(text), delimiter=_delimiter(text)))
    header = [cell.strip().casefold() for cell in rows[0]] if rows else []
    places = {
        trait: next((place for place, cell in enumerate(header) if cell in names), None)
        for trait, names in _COLUMNS.items()
    }
    if places["id"] is None:
        raise UsageError(
            say(
                "{path} has no column for the student id. Its first line has to name the columns: "
                "student id, name, e-mail, section.",
                path=str(path),
            )
        )
    listed = [Listed(**_traits(row, places)) for row in rows[1:] if any(map(str.strip, row))]
    twice = [id_ for id_, count in Counter(one.id for one in listed).items() if count > 1]
    if twice or any(not one.id for one in listed):
        raise UsageError(
            say(
                "{path} needs one line with an id for each student; twice or without: {ids}.",
                path=str(path),
                ids=", ".join(twice) or "-",
            )
        )
    return tuple(listed)


def identified(
    candidates: Sequence[Candidate], roster: Sequence[Listed]
) -> tuple[tuple[Candidate, ...], tuple[Candidate, ...]]:
    """The candidates under their ids in the class list, and those who are not on it.

    An id, login or e-mail decides; a name only where one person on the list, and one in the
    download, is called so. Who is not on the list keeps the name that the platform gave.
    """
    finders = (
        _unique(roster, lambda one: one.id),
        _unique(roster, lambda one: one.email),
        _unique(roster, lambda one: _plain(one.name)),
    )
    called = Counter(
        name for name, _ in {(_plain(_name(c)), c.known and c.known.account) for c in candidates}
    )
    found, strangers = [], []
    for candidate in candidates:
        listed = _find(candidate, finders, called)
        if listed is None:
            strangers.append(candidate)
        found.append(candidate if listed is None else replace(candidate, student=listed.id))
    return tuple(found), tuple(strangers)


def _find(
    candidate: Candidate, finders: Sequence[Mapping[str, Listed]], called: Mapping[str, int]
) -> Listed | None:
    by_id, by_email, by_name = finders
    known = candidate.known
    traits = [candidate.student, *_accounts(known)]
    sure = [
        finder[trait.casefold()]
        for trait in traits
        for finder in (by_id, by_email)
        if trait.casefold() in finder
    ]
    if sure:
        return sure[0] if len({one.id for one in sure}) == 1 else None
    name = _plain(_name(candidate))
    return by_name.get(name) if called[name] == 1 else None


def _accounts(known: Known | None) -> Iterable[str]:
    """What identifies a person; Canvas's and Moodle's numbers are of no list but their own."""
    if known is None:
        return ()
    return [trait for trait in (known.login, known.email) if trait]


def _name(candidate: Candidate) -> str:
    known = candidate.known
    return known.name if known is not None and known.name else candidate.student


def _plain(name: str) -> str:
    """A name as Canvas writes it into file names: letters and digits only, in small letters."""
    return "".join(c for c in name.casefold() if c.isalnum())


def _unique(roster: Sequence[Listed], trait: Callable[[Listed], str]) -> dict[str, Listed]:
    count = Counter(trait(one).casefold() for one in roster)
    return {
        trait(one).casefold(): one
        for one in roster
        if trait(one) and count[trait(one).casefold()] == 1
    }


def _traits(row: Sequence[str], places: Mapping[str, int | None]) -> dict[str, str]:
    return {
        trait: row[place].strip() if place is not None and place < len(row) else ""
        for trait, place in places.items()
    }


def _delimiter(text: str) -> str:
    """What stands between the columns: where a comma is the decimal point it is a semicolon."""
    header = text.partition("\n")[0]
    return max((",", ";", "\t"), key=header.count)


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UsageError(
            say("{path} cannot be read: {reason}.", path=str(path), reason=error.strerror or "")
        ) from error
    # Excel's "Unicode text" is UTF-16, with a mark that says so.
    marked = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UsageError(
        say("{path} is neither in UTF-8 nor in GB 18030. Export it again as UTF-8.", path=str(path))
    )
