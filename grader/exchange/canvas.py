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
from grader.exchange.filling import Table, cell, filled, withheld
from grader.exchange.standing import Exported, Traits
from grader.grading import points_of
from grader.intake import CANVAS
from grader.language.messages import say
from grader.reporting.grades import harmless
from grader.reporting.wording import in_full

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.exchange.sheet import Sheet
    from grader.exchange.standing import Standing
    from grader.language.messages import Message

PLATFORM: Final = CANVAS
_NUMBERED: Final = re.compile(r"^(?P<title>.*?)\s*\(\d+\)$")
_POINTS: Final = "Points Possible"
_EXCUSED: Final = "EX"
_READ_ONLY: Final = "(read only)"


def new_sheet(standings: Sequence[Standing], title: str) -> Exported:
    """A file to import; only students who came through Canvas have their Canvas ID.

    Canvas creates a new column for a title that it does not know.
    """
    if not any(PLATFORM in one.accounts for one in standings):
        raise UsageError(
            say(
                "Nothing was handed in through Canvas, so Canvas's names for the students are "
                "not known. Export the gradebook from Canvas and pass it with --into."
            )
        )
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["Student", "ID", "SIS User ID", "SIS Login ID", "Section", title])
    most = max((one.graded.mark.max_points for one in standings), default=0)
    rows.writerow([f"    {_POINTS}", "", "", "", "", in_full(most)])
    notes: list[Message] = []
    count = 0
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
        count += not mark.withheld
    return Exported(text.getvalue().encode(), count, tuple(notes))


def fill(sheet: Sheet, standings: Sequence[Standing], titles: Sequence[str]) -> Exported:
    """Put the marks into an exported gradebook; what is not ours stays to the byte.

    `titles` are what the assignment's column may be called. Raises UsageError where there is not
    exactly one such column, or the file is no gradebook of Canvas.
    """
    header = sheet.row(0) if len(sheet) else ()
    places = {name.strip().casefold(): place for place, name in enumerate(header)}
    if "student" not in places or "id" not in places:
        raise UsageError(
            say("This is not a gradebook exported from Canvas: it has no columns Student and ID.")
        )
    column = _column(header, titles)
    rows = [row for row in range(1, len(sheet)) if _is_student(sheet, row, places["id"])]
    traits = {
        row: Traits(
            account=sheet[row, places["id"]].strip(),
            id=cell(sheet, row, places.get("sis user id")),
            email=cell(sheet, row, places.get("sis login id")),
            name=sheet[row, places["student"]].strip(),
        )
        for row in rows
    }
    most = _points_possible(sheet, column)

    def left(row: int, one: Standing) -> Message | None:
        if sheet[row, column].strip().upper() != _EXCUSED:
            return None
        return say("{student}: excused in Canvas; left as it is.", student=one.student.id)

    table = Table(PLATFORM, traits, places["id"], column, lambda _row: most, left)
    return filled(sheet, table, standings)


def _unknown(one: Standing) -> Message:
    return say(
        "{student}: Canvas's name for this student is not known. Export the gradebook from "
        "Canvas and pass it with --into.",
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
    """Rows of students have a Canvas number; the two under the header have none."""
    return sheet[row, id_].strip().isdigit()


def _points_possible(sheet: Sheet, column: int) -> float | None:
    for row in range(1, min(3, len(sheet))):
        if sheet[row, 0].strip() == _POINTS:
            if sheet[row, column].strip() == _READ_ONLY:
                raise UsageError(
                    say("Canvas does not allow changes to that column: it is read-only.")
                )
            return points_of(sheet[row, column])
    return None
