"""How much a notebook's file may hold, whatever its size: what is read of it has to fit in memory.

A lesson as it was solved has some forty cells of a few kilobytes, and outputs of any size: pictures
are single texts, and the data of an interactive chart are numbers in a few long lists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from grader.errors import SubmissionUnreadable
from grader.language.messages import say
from grader.models import CellKind
from grader.syntax import PARSED_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grader.models import Cell

# An empty list is two characters in the file and a hundred bytes when it is read.
MOST_PARTS: Final = 1_000_000
# Half a minute for those who read and take apart code that was made to take long.
MOST_CODE: Final = 1_000_000


def require_few_parts(content: bytes) -> None:
    """Raise SubmissionUnreadable for a file that would take gigabytes to read as JSON."""
    if has_many_parts(content):
        raise SubmissionUnreadable(
            say(
                "The file holds more than {limit} lists and tables, and was not read. "
                "Ask for the notebook with its outputs cleared.",
                limit=MOST_PARTS,
            )
        )


def has_many_parts(content: bytes) -> bool:
    """Whether there are more lists and tables in a JSON file than are read."""
    if _parts(content) <= MOST_PARTS:
        return False
    # A page or a program that is shown in an output has brackets of its own, inside of a text.
    signs = np.frombuffer(content.replace(rb"\\", b"").replace(rb"\"", b""), dtype=np.uint8)
    inside = np.bitwise_xor.accumulate((signs == ord('"')).view(np.uint8)).view(bool)
    return int((((signs == ord("[")) | (signs == ord("{"))) & ~inside).sum()) > MOST_PARTS


def _parts(content: bytes) -> int:
    return content.count(b"[") + content.count(b"{")


def require_little_code(cells: Iterable[Cell]) -> None:
    """Raise SubmissionUnreadable for more code than can be taken apart in good time.

    Single cells that are so long that they are never taken apart do not count.
    """
    lengths = [len(cell.source) for cell in cells if cell.kind is CellKind.CODE]
    count = sum(length for length in lengths if length <= PARSED_LIMIT)
    if count > MOST_CODE:
        raise SubmissionUnreadable(
            say(
                "The code in the notebook has {count} characters; at most {limit} are read. "
                "Ask for the notebook without the surplus.",
                count=count,
                limit=MOST_CODE,
            )
        )
