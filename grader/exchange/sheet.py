"""A CSV file in which single cells are changed, and every other byte stays as it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from grader.errors import UsageError
from grader.language.messages import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_DELIMITERS: Final = (",", ";", "\t")
_BOM: Final = "\ufeff"
_LINE_END: Final = re.compile(r"\r\n|\n|\r")


@dataclass(slots=True)
class _Cell:
    raw: str

    @property
    def text(self) -> str:
        if self.raw.startswith('"'):
            return self.raw[1:].removesuffix('"').replace('""', '"')
        return self.raw


class Sheet:
    """The rows of a CSV file; `sheet[row, column]` reads a cell, and writes it."""

    def __init__(self, text: str, encoding: str) -> None:
        self._encoding = encoding
        self._bom = _BOM if text.startswith(_BOM) else ""
        body = text.removeprefix(_BOM)
        head = body.partition("\n")[0]
        self._delimiter = max(_DELIMITERS, key=head.count)
        self._rows: list[list[_Cell]] = []
        self._ends: list[str] = []
        for cells, end in _records(body, self._delimiter):
            self._rows.append([_Cell(cell) for cell in cells])
            self._ends.append(end)

    @classmethod
    def read(cls, path: Path) -> Self:
        """The sheet in a file: UTF-8, or else GB 18030 as Chinese spreadsheets write it."""
        try:
            raw = path.read_bytes()
        except OSError as error:
            raise UsageError(
                say("{path} cannot be read: {reason}.", path=str(path), reason=error.strerror or "")
            ) from error
        for encoding in ("utf-8", "gb18030"):
            try:
                return cls(raw.decode(encoding), encoding)
            except UnicodeDecodeError:
                continue
        raise UsageError(
            say(
                "{path} is neither in UTF-8 nor in GB 18030. Export it again as UTF-8.",
                path=str(path),
            )
        )

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, place: tuple[int, int]) -> str:
        row, column = place
        cells = self._rows[row]
        return cells[column].text if column < len(cells) else ""

    def __setitem__(self, place: tuple[int, int], text: str) -> None:
        row, column = place
        cells = self._rows[row]
        while len(cells) <= column:
            cells.append(_Cell(""))
        quoted = cells[column].raw.startswith('"') or any(
            sign in text for sign in (self._delimiter, '"', "\n", "\r")
        )
        cells[column] = _Cell('"' + text.replace('"', '""') + '"' if quoted else text)

    def row(self, number: int) -> Sequence[str]:
        """The texts of a row."""
        return [cell.text for cell in self._rows[number]]

    def add_column(self, texts: Sequence[str]) -> int:
        """Put a new column behind the longest row; returns its place."""
        place = max(len(row) for row in self._rows)
        for number, text in enumerate(texts):
            self[number, place] = text
        return place

    def to_bytes(self) -> bytes:
        """The file."""
        rows = (
            self._delimiter.join(cell.raw for cell in cells) + end
            for cells, end in zip(self._rows, self._ends, strict=True)
        )
        return (self._bom + "".join(rows)).encode(self._encoding)


def _records(text: str, delimiter: str) -> Iterator[tuple[list[str], str]]:
    """The raw cells of each record, and what ends it; blank lines are records without cells."""
    cells: list[str] = []
    begin = place = 0
    while place < len(text):
        sign = text[place]
        if sign == '"' and place == begin:
            place = _end_of_quotes(text, place)
        elif sign == delimiter:
            cells.append(text[begin:place])
            place = begin = place + 1
        elif end := _LINE_END.match(text, place):
            yield [*cells, text[begin:place]], end.group()
            cells = []
            place = begin = end.end()
        else:
            place += 1
    if cells or begin < len(text):
        yield [*cells, text[begin:]], ""


def _end_of_quotes(text: str, place: int) -> int:
    """Where a quoted cell is over; doubled quotes stand for one."""
    place += 1
    while place < len(text):
        if text[place] == '"':
            if text[place : place + 2] != '""':
                return place + 1
            place += 1
        place += 1
    return place
