"""Parses the code of a cell as Python, magics included; nothing is run."""

from __future__ import annotations

import ast
import re
import threading
import warnings

_MAGIC = re.compile(r"^([ \t]*)[%!].*$", re.MULTILINE)
# CPython 3.11 counts the depth of all threads' trees together (gh-106905): two at once can fail.
_ONE_AT_A_TIME = threading.Lock()
PARSED_LIMIT = 100_000  # characters; the parser takes minutes over some longer lines


def parse(source: str) -> ast.Module | None:
    """The cell's syntax tree, `%` and `!` lines taken as `pass`; None if it is not Python."""
    if len(source) > PARSED_LIMIT:
        return None
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a "\d" in a student's string is not our concern
        for text in (source, _MAGIC.sub(r"\1pass", source)):
            try:
                return ast.parse(text)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
    return None
