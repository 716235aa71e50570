"""Finds the line of an entry in a TOML file, to tell an author where to look."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_TABLE = re.compile(r"^\s*\[+([^\]]+)\]+")
_KEY = re.compile(r"""^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*[\w-]+)*)\s*=""")


def line_of(text: str, place: Sequence[int | str]) -> int | None:
    """The line (from 1) of the entry at `place`, else of the nearest one around it, or None.

    An entry within an inline table is on the line where that table begins.
    """
    wanted = [str(part) for part in place]
    best, found, table = 0, None, list[str]()
    for number, line in enumerate(text.splitlines(), 1):
        if match := _TABLE.match(line):
            here = table = _parts(match[1])
        elif match := _KEY.match(line):
            here = [*table, *_parts(match[1])]
        else:
            continue
        if len(here) > best and wanted[: len(here)] == here:
            best, found = len(here), number
    return found


def _parts(name: str) -> list[str]:
    return [part.strip().strip("\"'") for part in name.split(".")]
