"""Puts marks into the rows of a table that a platform exported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.exchange.standing import Exported, Matching
from grader.language.messages import say
from grader.reporting.wording import in_full

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from grader.exchange.sheet import Sheet
    from grader.exchange.standing import Standing, Traits
    from grader.language.messages import Message
    from grader.models import Mark


@dataclass(frozen=True, slots=True)
class Table:
    """What a platform's sheet is: who is in its rows, and where their marks belong.

    `identifier` is the column with the platform's own name for a student; `most` are the points
    that a row's mark is out of, None where the sheet does not say; `left` says why a row is to be
    left as it is.
    """

    platform: str
    rows: Mapping[int, Traits]
    identifier: int
    column: int
    most: Callable[[int], float | None]
    left: Callable[[int, Standing], Message | None] = lambda _row, _one: None


def filled(sheet: Sheet, table: Table, standings: Sequence[Standing]) -> Exported:
    """The sheet with the marks in it; what is not ours stays to the byte."""
    matching = Matching(standings, table.platform, table.rows.values())
    notes: list[Message] = []
    seen: set[str] = set()
    count = 0
    for row, said in table.rows.items():
        one = matching.find(said)
        if one is None:
            notes.append(_unmatched(said.name or sheet[row, table.identifier].strip()))
            continue
        seen.add(one.student.id)
        note = withheld(one) if one.graded.mark.withheld else table.left(row, one)
        if note is not None:
            notes.append(note)
            continue
        sheet[row, table.column] = in_full(_scaled(one.graded.mark, table.most(row)))
        count += 1
    notes += [_not_in_it(one) for one in standings if one.student.id not in seen]
    return Exported(sheet.to_bytes(), count, tuple(notes))


def cell(sheet: Sheet, row: int, column: int | None) -> str:
    """What stands in a cell; "" where the sheet has no such column."""
    return sheet[row, column].strip() if column is not None else ""


def withheld(one: Standing) -> Message:
    """A student whose mark is withheld."""
    return say("{student}: the mark is withheld; left empty.", student=one.student.id)


def _scaled(mark: Mark, most: float | None) -> float:
    """The points on a platform's own scale."""
    if most is None or not mark.max_points:
        return mark.points
    return round(mark.points * most / mark.max_points, 2)


def _unmatched(name: str) -> Message:
    return say("{name}: no student in the gradebook matches this row; left as it was.", name=name)


def _not_in_it(one: Standing) -> Message:
    return say("{student}: has a mark, but no row in this file.", student=one.student.id)
