"""Moodle's grading worksheet, filled in place, and its zip of feedback files.

Forms: mod/assign/gradingtable.php, feedback/offline/importgradeslib.php and
feedback/file/importziplib.php of moodle/moodle. Moodle looks for headers and for the word before a
participant's number in the language of whoever imports, so that nothing of it is ever rewritten.
"""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING, Final

from grader.errors import UsageError
from grader.exchange.canvas import not_in_it, scaled, unmatched, withheld
from grader.exchange.standing import Exported, Matching, Traits
from grader.grading import points_of
from grader.language.messages import say
from grader.reporting.wording import in_full

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grader.exchange.sheet import Sheet
    from grader.exchange.standing import Standing
    from grader.language.messages import Message

PLATFORM: Final = "moodle"
_PARTICIPANT: Final = re.compile(r"(\d+)\s*$")
# As Moodle's English and Simplified Chinese call them.
_IDENTIFIER: Final = ("identifier", "标识符", "编号")
_GRADE: Final = ("grade", "成绩", "评分")
_MAXIMUM: Final = ("maximum grade", "最高分", "最高成绩", "最大成绩")
_NAME: Final = ("full name", "姓名", "全名")
_ID: Final = ("id number", "学号", "id号", "编号(id)")
_EMAIL: Final = ("email address", "电子邮件地址", "email地址", "邮箱")
# A fixed moment, so that the same feedback makes the same zip.
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


def fill(sheet: Sheet, standings: Sequence[Standing], column: str | None = None) -> Exported:
    """Put the marks into a worksheet; every other byte stays as it was.

    `column` names the one for the grades, where it has an unusual name. Raises UsageError for what
    is no worksheet.
    """
    header = sheet.row(0) if len(sheet) else ()
    identifier = _place(header, _IDENTIFIER)
    grade = _place(header, (column.casefold(),) if column is not None else _GRADE)
    if identifier is None:
        # A translation of Moodle's that we do not know: the number stands in the first column.
        identifier = 0
    if grade is None:
        raise UsageError(
            say(
                "The worksheet has no column for the grades that is known here. Name it with "
                "--column; there are: {columns}.",
                columns=", ".join(header) or "-",
            )
        )
    name, id_, email = _place(header, _NAME), _place(header, _ID), _place(header, _EMAIL)
    maximum = _place(header, _MAXIMUM)
    rows = [row for row in range(1, len(sheet)) if _PARTICIPANT.search(sheet[row, identifier])]
    traits = {
        row: Traits(
            account=_number(sheet[row, identifier]),
            id=_cell(sheet, row, id_),
            email=_cell(sheet, row, email),
            name=_cell(sheet, row, name),
        )
        for row in rows
    }
    matching = Matching(standings, PLATFORM, traits.values())
    notes: list[Message] = []
    seen: set[str] = set()
    filled = 0
    for row in rows:
        one = matching.find(traits[row])
        if one is None:
            notes.append(unmatched(traits[row].name or sheet[row, identifier]))
            continue
        seen.add(one.student.id)
        if one.graded.mark.withheld:
            notes.append(withheld(one))
            continue
        sheet[row, grade] = in_full(scaled(one.graded.mark, _most(sheet, row, maximum)))
        filled += 1
    notes += [not_in_it(one) for one in standings if one.student.id not in seen]
    return Exported(sheet.to_bytes(), filled, tuple(notes))


def feedback_zip(standings: Sequence[Standing], page: Callable[[Standing], bytes]) -> Exported:
    """A zip of reports to upload as feedback files; only who came in through Moodle is in it."""
    buffer = io.BytesIO()
    notes: list[Message] = []
    filled = 0
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in standings:
            participant = one.accounts.get(PLATFORM)
            if participant is None:
                notes.append(
                    say(
                        "{student}: the number of this participant in Moodle is not known; grade "
                        "the zip that Moodle gives.",
                        student=one.student.id,
                    )
                )
                continue
            # Moodle cuts the name at each underscore; a slash would make a folder of its own.
            name = re.sub(r"[_/\\]+", " ", one.student.name or one.student.id).strip() or "-"
            place = f"{name}_{participant}_assignsubmission_file/feedback.html"
            archive.writestr(zipfile.ZipInfo(place, _EPOCH), page(one), zipfile.ZIP_DEFLATED)
            filled += 1
    return Exported(buffer.getvalue(), filled, tuple(notes))


def _place(header: Sequence[str], names: Sequence[str]) -> int | None:
    found = [place for place, cell in enumerate(header) if cell.strip().casefold() in names]
    return found[0] if found else None


def _number(text: str) -> str:
    match = _PARTICIPANT.search(text)
    return match.group(1) if match is not None else ""


def _cell(sheet: Sheet, row: int, place: int | None) -> str:
    return sheet[row, place].strip() if place is not None else ""


def _most(sheet: Sheet, row: int, place: int | None) -> float | None:
    return points_of(sheet[row, place]) if place is not None else None
