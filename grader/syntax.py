"""Parses the code of a cell as Python, magics included; nothing is run."""

from __future__ import annotations

import ast
import re
import threading
import tokenize
import warnings
from typing import Final

from grader.remembering import remembered_if_short

_MAGIC = re.compile(r"^([ \t]*)[%!].*$", re.MULTILINE)
_BODY_RUNS: Final = frozenset({"capture", "prun", "time"})
_CELL_MAGIC = re.compile(r"\A\s*%%(\w+)[^\n]*")
# IPython reads the whole cell anew for each of its signs.
_MOST_SIGNS_BY_LENGTH: Final = 200_000
# CPython 3.11 counts the depth of all threads' trees together (gh-106905): two at once can fail.
_ONE_AT_A_TIME = threading.Lock()
_NO_PYTHON: Final = (SyntaxError, ValueError, RuntimeError, MemoryError, tokenize.TokenError)
PARSED_LIMIT = 100_000  # characters; the parser takes minutes over some longer lines


@remembered_if_short
def parse(source: str) -> ast.Module | None:
    """The cell's syntax tree, IPython's own syntax translated; None where it is no Python.

    Cells that are short share their tree: nobody may change it.
    """
    if len(source) > PARSED_LIMIT:
        return None
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a "\d" in a student's string is not our concern
        for read in (str, _python, _without_magics):
            try:
                return ast.parse(read(source))
            except _NO_PYTHON:
                continue
    return None


def _python(source: str) -> str:
    """What IPython makes of a cell; the body of `%%time` and the like stays code."""
    signs = sum(map(source.count, "%!?"))
    if signs * len(source) > _MOST_SIGNS_BY_LENGTH:
        return _without_magics(source)
    # Loaded for the few cells that are no plain Python: it takes a tenth of a second.
    from IPython.core.inputtransformer2 import TransformerManager

    cell_magic = _CELL_MAGIC.match(source)
    if cell_magic is not None and cell_magic[1] in _BODY_RUNS:
        source = source[: cell_magic.start(1) - 2] + "pass" + source[cell_magic.end() :]
    return str(TransformerManager().transform_cell(source))  # type: ignore[no-untyped-call]


def _without_magics(source: str) -> str:
    """The source with `%` and `!` lines taken as `pass`."""
    return _MAGIC.sub(r"\1pass", source)


def nodes(source: str) -> tuple[ast.AST, ...]:
    """All nodes of the cell's syntax tree; none where it is no Python."""
    tree = parse(source)
    return tuple(ast.walk(tree)) if tree is not None else ()


def bound_names(node: ast.AST) -> tuple[str, ...]:
    """The names that this node itself gives to anything."""
    match node:
        case ast.Name(id=name, ctx=ast.Store()):
            return (name,)
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
            return (name,)
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return tuple((each.asname or each.name).partition(".")[0] for each in names)
    return ()
