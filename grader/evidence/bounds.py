"""How much of anything the recorder may tell: what goes beyond is cut, or its record refused.

A notebook can speak in the recorder's place. So the bounds are the recorder's own (`inside`), with
some room, and they are all here: on each text and number where it is read, and on a run's records
together, before they are read (`Room`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, ValidationInfo

from grader.evidence.packed import MOST_NUMBERS, unpacked

LONGEST_WORD: Final = 200
LONGEST_TEXT: Final = 1_000
LARGEST: Final = 1 << 53

# Of a run, which has eight parts at most: of its texts, of what stands between two commas or
# brackets in them, and of the numbers that are packed in them. 4,000 updates of a network of a
# thousand numbers take three million characters and a quarter of a million numbers.
MOST_CHARS: Final = 24_000_000
MOST_ENTRIES: Final = 1_500_000
MOST_UNPACKED: Final = 1_500_000


@dataclass(slots=True)
class Room:
    """What is left of the bounds on one run's records; `refused`: some record did not fit."""

    chars: int = MOST_CHARS
    entries: int = MOST_ENTRIES
    numbers: int = MOST_UNPACKED
    refused: bool = False

    def holds(self, record: str) -> bool:
        """Whether there is room for this record's text; if so, it is taken.

        Behind a record that did not fit there is none: no time is spent on what will not be read.
        """
        entries = sum(record.count(sign) for sign in ",[{")
        self.refused |= len(record) > self.chars or entries > self.entries
        self.chars -= len(record)
        self.entries -= entries
        return not self.refused

    def unpack(self, value: object) -> object:
        """The numbers, where they are packed; raises ValueError where there is no room for them."""
        if self.refused:
            raise ValueError("more packed numbers than a run may have")
        found = unpacked(value)
        if found is not value and isinstance(found, tuple):
            self.numbers -= len(found)
            self.refused = self.numbers < 0
        return found


def _cut(longest: int) -> BeforeValidator:
    """Cuts a text, visibly; anything else stays as it is."""

    def cut(value: object) -> object:
        if isinstance(value, str) and len(value) > longest:
            return value[:longest] + " …"
        return value

    return BeforeValidator(cut)


def _setting(value: object) -> object:
    """A hyper-parameter; a whole number beyond all bounds is as good as infinite."""
    if isinstance(value, int) and abs(value) > LARGEST:
        return float("inf") if value > 0 else float("-inf")
    return value


def _counted(value: object) -> object:
    """How often something was; beyond all bounds it is as often as there is a number for.

    A student may name any number, 10**18 epochs with a `break`: that takes no record away.
    """
    if isinstance(value, int | float) and abs(value) > LARGEST:
        return LARGEST if value > 0 else -LARGEST
    return value


def _numbers(value: object, info: ValidationInfo) -> object:
    return info.context.unpack(value) if isinstance(info.context, Room) else unpacked(value)


# A name of something, a sentence about something, and how often or where something was.
Word = Annotated[str, _cut(LONGEST_WORD)]
Text = Annotated[str, _cut(LONGEST_TEXT)]
Count = Annotated[int, BeforeValidator(_counted)]
Size = Annotated[int, Field(ge=0, le=LARGEST)]
Setting = Annotated[bool | int | float | str | None, _cut(LONGEST_WORD), BeforeValidator(_setting)]
# Many numbers come packed, see `grader.evidence.packed`; a list would be five times as long.
Numbers = Annotated[tuple[float, ...], BeforeValidator(_numbers), Field(max_length=MOST_NUMBERS)]
Shape = Annotated[tuple[Size, ...], Field(max_length=64)]
