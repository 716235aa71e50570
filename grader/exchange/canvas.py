"""Canvas's gradebook CSV.

Form: lib/gradebook_importer.rb of instructure/canvas-lms. The header begins Student, ID, then
optionally SIS User ID and SIS Login ID, then Section; a second row holds the points possible. An
assignment is found by the number in parentheses behind its title, else by its exact title.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Final

from grader.errors import UsageError
from grader.exchange.standing import Exported, Matching, Traits
from grader.grading import points_of
from grader.language.messages import say
from grader.reporting.grades import harmless
from grader.reporting.wording import in_full

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.exchange.sheet import Sheet
    from grader.exchange.standing import Standing
    from grader.language.messages import Message
    from grader.models import Mark

PLATFORM: Final = "canvas"
_NUMBERED: Final = re.compile(r"^(?P<title>.*?)\s*\(\d+\)$")
_POINTS: Final = "Points Possible"
_EXCUSED: Final = "EX"
_READ_ONLY: Final = "(read only)"


def new_sheet(standings: Sequence[Standing], title: str) -> Exported:
    """A file to import; only who came in through Canvas has the ID that Canvas knows them by.

    Canvas makes a new column for a title that it does not know.
    """
    if not any(PLATFORM in one.accounts for one in standings):
        raise UsageError(
            say(
                "Nobody came in through Canvas, so what it calls the students is not known. Export "
                "the gradebook from Canvas and give it with --into."
            )
        )
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["Student", "ID", "SIS User ID", "SIS Login ID", "Section", title])
    most = max((one.graded.mark.max_points for one in standings), default=0)
    rows.writerow([f"    {_POINTS}", "", "", "", "", in_full(most)])
    notes: list[Message] = []
    filled = 0
    for one in standings:
        account, mark = one.accounts.get(PLATFORM), one.graded.mark
        if account is None:
            notes.append(_unknown(one))
            continue
        if mark.withheld:
            notes.append(withheld(one))
        name, section = one.student.name or one.student.id, one.student.section or ""
        score = "" if mark.withheld else in_full(mark.points)
        rows.writerow([harmless(name), account, "", "", harmless(section), score])
        filled += not mark.withheld
    return Exported(text.getvalue().encode(), filled, tuple(notes))


def fill(sheet: Sheet, standings: Sequence[Standing], titles: Sequence[str]) -> Exported:
    """Put the marks into an exported gradebook; what is not ours stays to the byte.

    `titles` are what the assignment's column may be called. Raises UsageError where there is not
    exactly one such column, or the file is no gradebook of Canvas.
    """
    header = sheet.row(0) if len(sheet) else ()
    places = {name.strip().casefold(): place for place, name in enumerate(header)}
    if "student" not in places or "id" not in places:
        raise UsageError(
            say("This is no gradebook exported from Canvas: it has no columns Student and ID.")
        )
    column = _column(header, titles)
    rows = [row for row in range(1, len(sheet)) if _is_student(sheet, row, places["id"])]
    traits = {
        row: Traits(
            account=sheet[row, places["id"]].strip(),
            id=_cell(sheet, row, places.get("sis user id")),
            email=_cell(sheet, row, places.get("sis login id")),
            name=sheet[row, places["student"]].strip(),
        )
        for row in rows
    }
    most = _points_possible(sheet, column)
    matching = Matching(standings, PLATFORM, traits.values())
    notes: list[Message] = []
    seen: set[str] = set()
    filled = 0
    for row in rows:
        one = matching.find(traits[row])
        if one is None:
            notes.append(unmatched(traits[row].name or traits[row].account))
            continue
        seen.add(one.student.id)
        if one.graded.mark.withheld:
            notes.append(withheld(one))
            continue
        if sheet[row, column].strip().upper() == _EXCUSED:
            notes.append(say("{student}: is excused in Canvas; left so.", student=one.student.id))
            continue
        sheet[row, column] = in_full(scaled(one.graded.mark, most))
        filled += 1
    notes += [not_in_it(one) for one in standings if one.student.id not in seen]
    return Exported(sheet.to_bytes(), filled, tuple(notes))


def scaled(mark: Mark, most: float | None) -> float:
    """The points on a platform's own scale."""
    if most is None or not mark.max_points:
        return mark.points
    return round(mark.points * most / mark.max_points, 2)


def unmatched(name: str) -> Message:
    """A row that is nobody's."""
    return say(
        "{name}: no student of the gradebook is meant by this row; left as it was.", name=name
    )


def not_in_it(one: Standing) -> Message:
    """A student without a row."""
    return say("{student}: has a mark, but no row in this file.", student=one.student.id)


def withheld(one: Standing) -> Message:
    """A student whose mark waits for a person."""
    return say("{student}: the mark is withheld; left empty.", student=one.student.id)


def _unknown(one: Standing) -> Message:
    return say(
        "{student}: what Canvas calls this student is not known. Export the gradebook from Canvas "
        "and give it with --into.",
        student=one.student.id,
    )


def _column(header: Sequence[str], titles: Sequence[str]) -> int:
    wanted = {title.casefold() for title in titles}
    found = [
        place
        for place, name in enumerate(header)
        if name.strip().casefold() in wanted
        or ((match := _NUMBERED.match(name.strip())) and match["title"].casefold() in wanted)
    ]
    if len(found) == 1:
        return found[0]
    raise UsageError(
        say(
            "It is not clear which column is meant ({count} fit {titles}). Name it with --column; "
            "there are: {columns}.",
            count=len(found),
            titles=" / ".join(titles),
            columns=", ".join(name for name in header if name.strip()),
        )
    )


def _is_student(sheet: Sheet, row: int, id_: int) -> bool:
    """Rows of students have a number of Canvas's; the two under the header have none."""
    return sheet[row, id_].strip().isdigit()


def _points_possible(sheet: Sheet, column: int) -> float | None:
    for row in range(1, min(3, len(sheet))):
        if sheet[row, 0].strip() == _POINTS:
            if sheet[row, column].strip() == _READ_ONLY:
                raise UsageError(say("Canvas lets nobody write into that column: it is read only."))
            return points_of(sheet[row, column])
    return None


def _cell(sheet: Sheet, row: int, place: int | None) -> str:
    return sheet[row, place].strip() if place is not None else ""
