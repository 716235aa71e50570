"""Parses the code of a cell as Python, magics included; nothing is run."""

from __future__ import annotations

import ast
import re
import threading
import warnings

from grader.remembering import remembered_if_short

_MAGIC = re.compile(r"^([ \t]*)[%!].*$", re.MULTILINE)
# CPython 3.11 counts the depth of all threads' trees together (gh-106905): two at once can fail.
_ONE_AT_A_TIME = threading.Lock()
PARSED_LIMIT = 100_000  # characters; the parser takes minutes over some longer lines


@remembered_if_short
def parse(source: str) -> ast.Module | None:
    """The cell's syntax tree, `%` and `!` lines taken as `pass`; None where it is no Python.

    Cells that are short share their tree: nobody may change it.
    """
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


def nodes(source: str) -> tuple[ast.AST, ...]:
    """All nodes of the cell's syntax tree; none where it is no Python."""
    tree = parse(source)
    return tuple(ast.walk(tree)) if tree is not None else ()
