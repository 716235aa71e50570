"""What students wrote, made safe for a page or a file: no control characters, no broken text."""

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
_LINE_ENDS: Final = re.compile("[\n\t\u2028\u2029]+")


def printable(text: str) -> str:
    """The text without terminal colours; every other unprintable character becomes U+FFFD."""
    if text.isprintable():  # most of what is printed, and quick to detect
        return text
    return _UNPRINTABLE.sub("\ufffd", _TERMINAL_CODES.sub("", text).replace("\r\n", "\n"))


def on_one_line(text: str) -> str:
    """The same where a line is a line: nothing in it can pretend to be the next one."""
    return _LINE_ENDS.sub("\ufffd", printable(text))


def printable_code(source: str) -> str:
    """The same for Python, to which a carriage return ends a line: none of it hides another."""
    return printable(source.replace("\r\n", "\n").replace("\r", "\n"))


def printable_output(text: str) -> str:
    """The same for what a terminal would show.

    After a carriage return a line is overwritten from its beginning, as progress bars do; what is
    not overwritten stays.
    """
    if "\r" not in text:
        return printable(text)
    plain = _TERMINAL_CODES.sub("", text).replace("\r\n", "\n")
    return printable("\n".join(map(_written_over, plain.split("\n"))))


def printable_html(html: str) -> str:
    """The same for HTML, to which a carriage return is white space."""
    return printable(html.replace("\r\n", "\n").replace("\r", "\n"))


def _written_over(line: str) -> str:
    shown: list[str] = []
    for part in line.split("\r"):
        shown[: len(part)] = part
    return "".join(shown)
