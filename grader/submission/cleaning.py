"""Removes from a cell what only works on the student's machine; every line keeps its number."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from grader.syntax import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

_INSTALLER = re.compile(
    r"^([ \t]*)(?:!|%)[ \t]*(?:sudo[ \t]+)?(?:python3?[ \t]+-m[ \t]+)?"
    r"(?:pip3?|uv|conda|mamba|apt|apt-get|tensorflow_version)\b.*$",
    re.MULTILINE,
)
_COLAB_CALLS = frozenset(
    {"drive.mount", "drive.flush_and_unmount", "files.upload", "files.download"}
)


def clean(source: str) -> str:
    """The source with installations and Colab's own calls replaced by `pass`."""
    source = _INSTALLER.sub(r"\1pass", source)
    if "colab" not in source and not any(call in source for call in _COLAB_CALLS):
        return source
    tree = parse(source)
    if tree is None:
        return source
    lines = source.split("\n")
    # From the last to the first, so that the columns of those before stay right.
    for statement in sorted(_colab_statements(tree), key=_start, reverse=True):
        _pass_over(lines, statement)
    return "\n".join(lines)


def _colab_statements(tree: ast.Module) -> Iterator[ast.stmt]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names) if all(_is_colab(alias.name) for alias in names):
                yield node
            case ast.ImportFrom(module=str(module)) if _is_colab(module):
                yield node
            case ast.Expr(value=ast.Call(func=called)) | ast.Assign(value=ast.Call(func=called)):
                if _dotted(called) in _COLAB_CALLS:
                    yield node


def _dotted(called: ast.expr) -> str | None:
    """A short dotted name such as drive.mount, None for anything else."""
    match called:
        case ast.Attribute(value=ast.Name(id=owner), attr=name):
            return f"{owner}.{name}"
        case _:
            return None


def _is_colab(module: str) -> bool:
    return module == "google.colab" or module.startswith("google.colab.")


def _start(node: ast.stmt) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _pass_over(lines: list[str], node: ast.stmt) -> None:
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    # The syntax tree counts columns in UTF-8 bytes.
    before = lines[first].encode()[: node.col_offset].decode()
    after = lines[last].encode()[node.end_col_offset :].decode()
    lines[first : last + 1] = [f"{before}pass{after}", *[""] * (last - first)]
