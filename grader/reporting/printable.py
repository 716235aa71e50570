"""What students wrote, made fit for a page or a file: no control characters, no broken text."""

from __future__ import annotations

import re
from typing import Final

_TERMINAL_CODES: Final = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])"
)
# Everything that HTML forbids, and the marks that turn the reading direction of what follows.
_UNPRINTABLE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]"
)


def printable(text: str) -> str:
    """The text without terminal colours; every other unprintable character becomes U+FFFD."""
    if text.isprintable():  # most of all that is printed, and found out in no time
        return text
    lines = _TERMINAL_CODES.sub("", text).replace("\r\n", "\n")
    return _UNPRINTABLE.sub("\ufffd", _last_on_each_line(lines))


def _last_on_each_line(text: str) -> str:
    # A progress bar writes its line again and again after a carriage return: the last one is seen.
    if "\r" not in text:
        return text
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
