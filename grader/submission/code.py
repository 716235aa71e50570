"""What a cell's code does at its top level, read from its syntax alone; nothing is run."""

from __future__ import annotations

import ast
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.remembering import remembered_if_short
from grader.syntax import parse

if TYPE_CHECKING:
    from collections.abc import Iterable

# Gradients may also be worked out by hand, for a step of an optimizer.
_TRAINING_CALLS = frozenset({"backward", "grad", "step"})


@dataclass(frozen=True, slots=True)
class CellCode:
    """The names a cell sets, leaves open (`X = ...`), and reads before it sets them.

    `changes` are the names of objects of which it sets a part, as in `group["lr"] = 1`, and of
    those that hold them.
    `loops` says that it has a loop, `trains` that it asks for gradients or steps as well; `shape`
    is equal for cells that differ in comments and spacing only, and None if the cell is not Python.
    """

    sets: frozenset[str] = frozenset()
    leaves_open: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()
    loops: bool = False
    trains: bool = False
    shape: str | None = None
    is_empty: bool = False


@remembered_if_short
def read_code(source: str) -> CellCode:
    """What the cell does; nothing, if its source is not Python."""
    try:
        tree = parse(source)
        if tree is None:
            return CellCode()
        names = _Names()
        names.visit(tree)
        nodes = tuple(ast.walk(tree))
        loops = any(map(_is_loop, nodes))
        return CellCode(
            sets=frozenset(names.sets),
            leaves_open=frozenset(names.leaves_open - names.sets),
            reads=frozenset(names.reads),
            changes=_changed(nodes),
            loops=loops,
            trains=loops and any(_trains(node) for node in nodes),
            shape=hashlib.sha256(ast.dump(tree).encode("utf-8", "replace")).hexdigest(),
            is_empty=not tree.body,
        )
    except RecursionError:
        return CellCode()


def _is_loop(node: ast.AST) -> bool:
    """Whether a node does something again and again, as a list of so many rounds does as well."""
    match node:
        case ast.For() | ast.While():
            return True
        case ast.comprehension(iter=ast.Call(func=ast.Name(id="range" | "trange"))):
            return True
    return False


def _trains(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _TRAINING_CALLS
    )


def _changed(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """The names of the objects of which a part is set, also of what a loop goes through."""
    through: dict[str, str] = {}
    found = set[str]()
    for node in nodes:
        if isinstance(node, ast.For) and isinstance(node.target, ast.Name):
            through[node.target.id] = _root(node.iter)
        elif isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store):
            found.add(_root(node))
    return frozenset({*found, *(through[name] for name in found if name in through)} - {""})


def _root(whole: ast.expr) -> str:
    """The name that an expression such as optimizer.param_groups[0] begins with, or nothing."""
    while isinstance(whole, ast.Attribute | ast.Subscript):
        whole = whole.value
    return whole.id if isinstance(whole, ast.Name) else ""


def _is_open(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Tuple):
        return all(_is_open(part) for part in value.elts)
    return isinstance(value, ast.Constant) and value.value is ...


class _Names(ast.NodeVisitor):
    """Walks in the order in which Python runs: values before the names they are given to."""

    def __init__(self) -> None:
        self.sets: set[str] = set()
        self.leaves_open: set[str] = set()
        self.reads: set[str] = set()
        self._counters: set[str] = set()

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self.sets.add(node.id)
        elif node.id not in self.sets and node.id not in self._counters:
            self.reads.add(node.id)

    def visit_Assign(self, node: ast.Assign) -> None:
        self._give(node.targets, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._give([node.target], node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.visit(ast.Name(node.target.id, ast.Load()))
        self._give([node.target], node.value)

    def visit_For(self, node: ast.For) -> None:
        self.visit(node.iter)
        self._counters |= {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)}
        for statement in (*node.body, *node.orelse):
            self.visit(statement)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.sets.add(node.name)
        inner = _Names()
        inner.generic_visit(node)
        self.reads |= inner.reads - inner.sets - self.sets

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.sets.add(node.name)

    def visit_alias(self, node: ast.alias) -> None:
        self.sets.add((node.asname or node.name).partition(".")[0])

    def _give(self, targets: list[ast.expr], value: ast.expr) -> None:
        self.visit(value)
        is_open = _is_open(value)  # once: `a = b = c = ...` may have very many targets
        for target in targets:
            if is_open:
                self.leaves_open |= {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}
            else:
                self.visit(target)
