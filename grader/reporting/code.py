"""A student's cell as numbered, coloured lines of HTML; everything in it is escaped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from pygments.token import Comment, String, is_token_subtype

from grader.remembering import remembered_if_short
from grader.reporting.printable import printable_code

if TYPE_CHECKING:
    from collections.abc import Collection

    from pygments.token import _TokenType

# Colouring uses regular expressions, and a student's text could be crafted to keep them busy.
_LONGEST_COLOURED: Final = 20_000
_LONGEST_SHOWN: Final = 100_000
_MOST_LINES: Final = 5_000
_EXCERPT: Final = 7
_BEFORE: Final = 4


@dataclass(frozen=True, slots=True)
class CodeLine:
    """One line: its number in the cell, its HTML, and whether a diagnosis points at it."""

    number: int
    html: Markup
    marked: bool


def code_lines(source: str, marked: Collection[int] = ()) -> tuple[CodeLine, ...]:
    """The lines of `source`; the numbers in `marked` are pointed at."""
    text = printable_code(source)[:_LONGEST_SHOWN].rstrip()
    plain = len(text) > _LONGEST_COLOURED
    lines = (escape(text).split("\n") if plain else _coloured(text))[:_MOST_LINES]
    return tuple(CodeLine(n, Markup(line), n in marked) for n, line in enumerate(lines, 1))  # noqa: S704


def anonymous(source: str) -> str:
    """The code without what a student wrote in it for people: comments, and the text of strings."""
    tokens = PythonLexer(stripnl=False, ensurenl=False).get_tokens(printable_code(source))
    return "".join(_without_words(kind, text) for kind, text in tokens)


def _without_words(kind: _TokenType, text: str) -> str:
    lines = "\n" * text.count("\n")
    if is_token_subtype(kind, Comment):
        return lines
    if is_token_subtype(kind, String) and text.strip("\"'\n"):
        return "\u2026" + lines
    return text


def lines_around(source: str, line: int | None) -> tuple[CodeLine, ...]:
    """A few lines of `source` with `line` among them and marked; without a line, the first few."""
    lines = code_lines(source, () if line is None else (line,))
    first = max(0, min((line or 1) - 1 - _BEFORE, len(lines) - _EXCERPT))
    return lines[first : first + _EXCERPT]


@remembered_if_short
def _coloured(text: str) -> tuple[str, ...]:
    html: str = highlight(
        text, PythonLexer(stripnl=False, ensurenl=False), HtmlFormatter(nowrap=True)
    )
    return tuple(html.removesuffix("\n").split("\n"))
