"""Rewrites the code of cells for a run in which the reference takes the place of a step's result.

What else the student's cell made stays: imports, functions, settings. The reference brings what it
needs of other modules under names of its own, so that it works whatever the student's names mean.
"""

from __future__ import annotations

import ast
import copy
import re
from typing import TYPE_CHECKING, Final

from grader.execution.planning import assigned_names, read_names
from grader.syntax import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

_OWN: Final = "_reference_{name}"
_ON_A_GPU: Final = re.compile(r"""(?P<sign>["'])(?:cuda|mps)(?::\d+)?(?P=sign)""")
_TO_A_GPU: Final = re.compile(r"\.cuda\((?:\d*|[\w.=]*)\)")
_LOOPS: Final = (ast.For, ast.AsyncFor, ast.While)


def self_contained(source: str, everything: Iterable[str]) -> str:
    """A cell of the reference with its imports, which stand in `everything` of the reference."""
    imports = {
        name: line
        for cell in everything
        for statement in _statements(cell)
        for name, line in _imports(statement)
    }
    needed = sorted(read_names(source) & imports.keys())
    renamed = renamed_names(source, {name: _OWN.format(name=name) for name in needed})
    return "\n".join([*(imports[name] for name in needed), renamed])


def _imports(statement: ast.stmt) -> Iterator[tuple[str, str]]:
    """What an import binds, and the line that binds the same to a name of the reference's own."""
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            name = alias.asname or alias.name.partition(".")[0]
            own = _OWN.format(name=name)
            if alias.asname:
                yield name, f"import {alias.name} as {own}"
            else:
                yield name, f"{own} = __import__({alias.name!r})"
    elif isinstance(statement, ast.ImportFrom) and statement.module:
        for alias in statement.names:
            name = alias.asname or alias.name
            yield name, f"from {statement.module} import {alias.name} as {_OWN.format(name=name)}"


def renamed_names(source: str, names: Mapping[str, str]) -> str:
    """The source with other names for what it reads; what it assigns keeps its own."""
    tree = parse(source)
    if tree is None or not names:
        return source
    # A tree that was parsed is shared: this one is ours.
    return ast.unparse(_Renaming(names).visit(copy.deepcopy(tree)))


class _Renaming(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        if isinstance(node.ctx, ast.Load):
            node.id = self._names.get(node.id, node.id)
        return node


def with_tensors(source: str, model: str, tensors: Sequence[str]) -> str:
    """The source with these tensors for `model.parameters()`, which a function does not have."""
    return source.replace(f"{model}.parameters()", f"[{', '.join(tensors)}]")


def without_gpu(source: str) -> str:
    """The source as it would be written for a machine without a graphics card."""
    return _TO_A_GPU.sub(".cpu()", _ON_A_GPU.sub(r"\g<sign>cpu\g<sign>", source))


def kept(source: str, results: Set[str], modules: Set[str]) -> str:
    """What a cell makes besides its `results`, each statement tried by itself.

    What gives another meaning to the name of one of the `modules` is left out.
    """
    return "\n".join(
        f"try:\n{_indented(ast.unparse(statement))}\nexcept Exception:\n    pass"
        for statement in _statements(source)
        if _is_kept(statement, results, modules)
    )


def _is_kept(statement: ast.stmt, results: Set[str], modules: Set[str]) -> bool:
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return not any(
            (alias.asname or alias.name.partition(".")[0]) in results for alias in statement.names
        )
    made = _made(statement)
    if not made or isinstance(statement, ast.While | ast.Expr):
        return any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(statement))
    if not made.isdisjoint(results) or not made.isdisjoint(modules):
        return False
    defines = isinstance(statement, ast.FunctionDef | ast.ClassDef)
    return defines or not _may_change(statement, results)


def _may_change(statement: ast.stmt, results: Set[str]) -> bool:
    """Whether a statement may do something to the step's result, as freezing a part of it."""
    if read_names(ast.unparse(statement)).isdisjoint(results):
        return False
    return not isinstance(statement, ast.Assign | ast.AnnAssign) or any(
        isinstance(node, ast.Attribute) and node.attr.endswith("_") for node in ast.walk(statement)
    )


def without_results(source: str, results: Set[str], instead: str) -> str | None:
    """A cell of several steps with `instead` in place of the statements that make these results.

    Every line keeps its number; None where no statement makes them.
    """
    lines = source.split("\n")
    found = [
        statement
        for statement in _statements(source)
        if not isinstance(statement, _LOOPS) and not _made(statement).isdisjoint(results)
    ]
    for place, statement in reversed(list(enumerate(found))):
        # In one line, for the numbers of those that follow.
        put(lines, statement, f"exec({instead!r})" if place == 0 else "pass")
    return "\n".join(lines) if found else None


def without_shadows(source: str, modules: Set[str]) -> str:
    """The source without the statements that give the name of a module another meaning."""
    lines = source.split("\n")
    for statement in reversed(_statements(source)):
        if isinstance(statement, ast.Assign) and not _made(statement).isdisjoint(modules):
            put(lines, statement, "pass")
    return "\n".join(lines)


def modules_in(sources: Iterable[str]) -> frozenset[str]:
    """The names that cells give to what they import."""
    return frozenset(
        name for source in sources for stmt in _statements(source) for name, _ in _imports(stmt)
    )


def put(lines: list[str], statement: ast.stmt, instead: str) -> None:
    """Put something else in place of a statement; the lines below keep their numbers."""
    first, last = statement.lineno - 1, (statement.end_lineno or statement.lineno) - 1
    # The syntax tree counts columns in UTF-8 bytes.
    before = lines[first].encode()[: statement.col_offset].decode(errors="replace")
    after = lines[last].encode()[statement.end_col_offset :].decode(errors="replace")
    lines[first : last + 1] = [f"{before}{instead}{after}", *[""] * (last - first)]


def _statements(source: str) -> list[ast.stmt]:
    tree = parse(source)
    return tree.body if tree is not None else []


def _made(statement: ast.stmt) -> Set[str]:
    """The names that a statement binds, and those of the objects that it changes from outside."""
    changed = {
        root.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store)
        for root in ast.walk(node.value)
        if isinstance(root, ast.Name)
    }
    return {*assigned_names(ast.unparse(statement)), *_classes(statement), *changed}


def _classes(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.ClassDef):
        yield statement.name


def _indented(source: str) -> str:
    return "\n".join(f"    {line}" for line in source.split("\n"))
