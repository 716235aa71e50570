"""Removes from a cell what only works on the student's machine; every line keeps its number."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from grader.syntax import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

_INSTALLER: Final = re.compile(
    r"^(?P<before>[ \t]*(?:\w+[ \t]*=[ \t]*)?)(?:!!?|%)[ \t]*(?:sudo[ \t]+)?"
    r"(?:(?:python3?|\{sys\.executable\})[ \t]+-m[ \t]+)?"
    r"(?:pip3?|uv|conda|mamba|apt|apt-get|tensorflow_version)\b(?:.*\\\n)*.*$",
    re.MULTILINE,
)
_MAGIC_OVER_LINES: Final = re.compile(r"^[ \t]*[%!](?:.*\\\n)+.*$", re.MULTILINE)
_INDENT: Final = re.compile(r"[ \t]+(?=\S)")
_COLAB: Final = "google.colab"
_COLAB_CALLS: Final = frozenset(
    {"drive.mount", "drive.flush_and_unmount", "files.upload", "files.download"}
)
_SHELLS: Final = frozenset(
    {
        *("os.system", "subprocess.run", "subprocess.call"),
        *("subprocess.check_call", "subprocess.check_output"),
    }
)
# A value of the standard library that answers whatever is asked of it, and does nothing.
_ANSWERS_ALL: Final = "from unittest.mock import call as {name}"


def clean(source: str) -> str:
    """The source without installations, and with Colab's own modules replaced by silent ones.

    Where the notebook itself asks whether it is in Colab, with `try`, it is not.
    """
    if indent := _INDENT.match(source):  # as IPython does, which then counts other columns
        source = "\n".join(line.removeprefix(indent[0]) for line in source.split("\n"))
    source = _MAGIC_OVER_LINES.sub(_on_one_line, _INSTALLER.sub(_passed_over, source))
    if not any(sign in source for sign in ("colab", *_COLAB_CALLS, *_SHELLS, ".system(")):
        return source
    tree = parse(source)
    if tree is None:
        return source
    lines = source.split("\n")
    # From the last to the first, so that the columns of those before stay right.
    for statement, instead in sorted(_replaced(tree), key=_start, reverse=True):
        _put(lines, statement, instead)
    return "\n".join(lines)


def _passed_over(found: re.Match[str]) -> str:
    before = found["before"]
    return f"{before}{'[]' if '=' in before else 'pass'}" + "\n" * found[0].count("\n")


def _on_one_line(found: re.Match[str]) -> str:
    """IPython joins such lines, and would count those below from there."""
    return found[0].replace("\\\n", " ") + "\n" * found[0].count("\n")


def _replaced(tree: ast.Module) -> Iterator[tuple[ast.stmt, str]]:
    """The statements that cannot work here, and what takes their place."""
    asked = {id(node) for node in ast.walk(tree) if _asks(node) for node in _inside(node)}
    own = {name for node in ast.walk(tree) for name in _colab_names(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom) and id(node) not in asked:
            if _names_colab(node):
                yield node, _without_colab(node)
        elif isinstance(node, ast.Expr | ast.Assign) and isinstance(node.value, ast.Call):
            called = ast.unparse(node.value.func)
            colab = called in _COLAB_CALLS and called.partition(".")[0] not in own
            if colab or (isinstance(node, ast.Expr) and _installs(called, node.value)):
                yield node, "pass"


def _asks(node: ast.AST) -> bool:
    """Whether the code has its own way where an import fails."""
    if isinstance(node, ast.With):
        return any("suppress" in ast.unparse(item.context_expr) for item in node.items)
    return isinstance(node, ast.Try) and bool(node.handlers)


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    for statement in getattr(node, "body", ()):
        yield from ast.walk(statement)


def _colab_names(node: ast.AST) -> Iterator[str]:
    """The names that an import gives to Colab's modules."""
    match node:
        case ast.Import(names=names):
            yield from (a.asname or "google" for a in names if _is_colab(a.name))
        case ast.ImportFrom(module="google", names=names):
            yield from (a.asname or a.name for a in names if a.name == "colab")
        case ast.ImportFrom(module=str(module), names=names) if _is_colab(module):
            yield from (a.asname or a.name for a in names if a.name != "*")


def _names_colab(node: ast.Import | ast.ImportFrom) -> bool:
    star = isinstance(node, ast.ImportFrom) and _is_colab(node.module or "")
    return star or any(True for _ in _colab_names(node))


def _without_colab(node: ast.Import | ast.ImportFrom) -> str:
    """The import of everything else, and silent values for what it takes from Colab."""
    colab = list(dict.fromkeys(_colab_names(node)))
    parts = [_ANSWERS_ALL.format(name=name) for name in colab]
    others = (
        [a for a in node.names if not _is_colab(a.name)]
        if isinstance(node, ast.Import)
        else [a for a in node.names if node.module == "google" and a.name != "colab"]
    )
    if others:
        kept = ast.Import(others) if isinstance(node, ast.Import) else None
        parts.append(ast.unparse(kept or ast.ImportFrom("google", others, 0)))
    return "; ".join(parts) or "pass"


def _installs(called: str, call: ast.Call) -> bool:
    """Whether a call runs an installer in a shell."""
    if called not in _SHELLS and not called.endswith(".system"):
        return False
    words = {
        word
        for node in ast.walk(call)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for word in node.value.split()
    }
    return "install" in words and not words.isdisjoint({"pip", "pip3", "apt", "apt-get", "conda"})


def _is_colab(module: str) -> bool:
    return module == _COLAB or module.startswith(f"{_COLAB}.")


def _start(replaced: tuple[ast.stmt, str]) -> tuple[int, int]:
    return replaced[0].lineno, replaced[0].col_offset


def _put(lines: list[str], node: ast.stmt, instead: str) -> None:
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    # The syntax tree counts columns in UTF-8 bytes.
    before = lines[first].encode()[: node.col_offset].decode(errors="replace")
    after = lines[last].encode()[node.end_col_offset :].decode(errors="replace")
    replaced = [f"{before}{instead}{after}", *[""] * (last - first)]
    changed = [*lines[:first], *replaced, *lines[last + 1 :]]
    # A cell that IPython translates first may have its statements elsewhere.
    if parse("\n".join(changed)) is not None:
        lines[:] = changed
