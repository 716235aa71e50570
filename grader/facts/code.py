"""The notebook's own code: which cells are which step, where names are bound, where cells stopped.

A place is a cell's number and a line in it, both counted from 1; None where it is not known.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from grader.models import Step
from grader.syntax import bound_names, nodes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from grader.models import CellError

Place = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class Code:
    """The cells' sources by number, the cells of each step, and the errors that ended a step's own;
    which cells are the reference's, in place of the student's.

    Empty where only the evidence is at hand.
    """

    sources: Mapping[int, str] = field(default_factory=dict)
    steps: Mapping[Step, tuple[int, ...]] = field(default_factory=dict)
    stopped: Mapping[Step, CellError] = field(default_factory=dict)
    stand_ins: frozenset[int] = frozenset()

    def error_says(self, step: Step, *texts: str) -> bool:
        """Whether the step's cell stopped with an exception that says one of these."""
        error = self.stopped.get(step)
        return error is not None and any(text in f"{error.name}: {error.value}" for text in texts)

    def binding_place(self, step: Step, *names: str) -> Place:
        """Where a step last binds one of these names; else its last cell."""
        numbers = self.steps.get(step, ())
        for number in reversed(numbers):
            line = _binding_line(self.sources.get(number, ""), names)
            if line is not None:
                return number, line
        return (numbers[-1] if numbers else None), None

    def reads(self, step: Step, name: str) -> bool:
        """Whether a step's own code uses a name without setting it."""
        return any(
            isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
            for node in self.nodes(step)
        )

    def names(self, step: Step) -> frozenset[str]:
        """The names and attributes that a step's own code mentions."""
        return frozenset(
            node.id if isinstance(node, ast.Name) else node.attr
            for node in self.nodes(step)
            if isinstance(node, (ast.Name, ast.Attribute))
        )

    def shares_a_cell(self, one: Step, other: Step) -> bool:
        """Whether one cell holds code of both steps; taken for granted where that is not known."""
        if one not in self.steps or other not in self.steps:
            return True
        return not set(self.steps[one]).isdisjoint(self.steps[other])

    def writes_down(self, name: str) -> bool:
        """Whether all that the notebook binds a name to are numbers that stand in its code."""
        bound = [value for n in self.sources.values() for value in _values(nodes(n), name)]
        return bool(bound) and all(value is not None and _is_reckoned(value) for value in bound)

    def appends(self, step: Step, name: str) -> bool:
        """Whether a step's own code appends to what has this name."""
        return any(
            isinstance(node, ast.Attribute)
            and node.attr in ("append", "extend", "insert")
            and isinstance(node.value, ast.Name)
            and node.value.id == name
            for node in self.nodes(step)
        )

    def deals_unused(self, step: Step) -> bool:
        """Whether a step has a loop in its loop that computes gradients, and uses nothing that it
        deals out."""
        inner = [
            node
            for outer in self.nodes(step)
            if isinstance(outer, ast.For)
            for node in ast.walk(outer)
            if isinstance(node, ast.For) and node is not outer
        ]
        return any(_leaves_idle(loop) for loop in inner)

    def contains(self, step: Step, *kinds: type[ast.AST]) -> bool:
        """Whether there is syntax of these kinds in a step's own code."""
        return any(isinstance(node, kinds) for node in self.nodes(step))

    def subtracts_from_one(self, step: Step) -> bool:
        """Whether a step's own code has 1 - something."""
        return any(
            isinstance(node, ast.BinOp)
            and isinstance(node.op, ast.Sub)
            and isinstance(node.left, ast.Constant)
            and node.left.value == 1
            for node in self.nodes(step)
        )

    def known_names(self) -> frozenset[str]:
        """Every name that is bound anywhere in the notebook."""
        return frozenset(
            name
            for source in self.sources.values()
            for node in nodes(source)
            for name in bound_names(node)
        )

    def uncalled(self, step: Step, *methods: str) -> Place:
        """Where one of these methods stands without its brackets, alone or handed to a call."""
        for number in self.steps.get(step, ()):
            for node in nodes(self.sources.get(number, "")):
                for method in _without_brackets(node):
                    if method.attr in methods:
                        return number, method.lineno
        return None, None

    def idle_function(self, step: Step) -> Place:
        """Where a step defines a function that computes gradients, and that nothing ever uses."""
        used = {
            node.id
            for source in self.sources.values()
            for node in nodes(source)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        }
        for number in self.steps.get(step, ()):
            for node in nodes(self.sources.get(number, "")):
                if isinstance(node, ast.FunctionDef) and node.name not in used and _trains(node):
                    return number, node.lineno
        return None, None

    def loop_place(self) -> Place:
        """Where the training's first loop begins."""
        for number in self.steps.get(Step.TRAIN, ()):
            lines = [
                node.lineno
                for node in nodes(self.sources.get(number, ""))
                if isinstance(node, (ast.For, ast.While))
            ]
            if lines:
                return number, min(lines)
        return self.binding_place(Step.TRAIN)

    def breaks_off(self) -> bool:
        """Whether the training cell has a way out of its loop."""
        return any(isinstance(node, (ast.Break, ast.Return)) for node in self.nodes(Step.TRAIN))

    def stop_place(self, step: Step) -> Place:
        """Where a step's cell stopped."""
        error = self.stopped.get(step)
        return (error.cell, error.line) if error is not None else (None, None)

    def nodes(self, step: Step) -> tuple[ast.AST, ...]:
        """All nodes of the syntax trees of a step's own cells."""
        numbers = self.steps.get(step, ())
        return tuple(node for n in numbers for node in nodes(self.sources.get(n, "")))


def _without_brackets(node: ast.AST) -> tuple[ast.Attribute, ...]:
    match node:
        case ast.Expr(value=ast.Attribute() as method):
            return (method,)
        case ast.Call(args=handed):
            return tuple(each for each in handed if isinstance(each, ast.Attribute))
    return ()


def _trains(function: ast.FunctionDef) -> bool:
    return any(
        isinstance(node, ast.Attribute) and node.attr in ("backward", "step")
        for node in ast.walk(function)
    )


def _leaves_idle(loop: ast.For) -> bool:
    """Whether a loop with gradients in it reads none of its own names, and does not only count."""
    body = [node for line in loop.body for node in ast.walk(line)]
    read = {n.id for n in body if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    dealt = {n.id for n in ast.walk(loop.target) if isinstance(n, ast.Name)}
    counts = any(isinstance(n, ast.Name) and n.id == "range" for n in ast.walk(loop.iter))
    pulls = any(isinstance(n, ast.Attribute) and n.attr == "backward" for n in body)
    return pulls and not counts and dealt.isdisjoint(read)


def _binding_line(source: str, names: tuple[str, ...]) -> int | None:
    lines = [
        node.lineno
        for node in nodes(source)
        if (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in names)
        or (isinstance(node, ast.FunctionDef) and node.name in names)
    ]
    return max(lines, default=None)


def _values(nodes: tuple[ast.AST, ...], name: str) -> Iterator[ast.expr | None]:
    """What is bound to a name; None for what is bound in any other way than by `=`."""
    assigned = {
        id(target): node.value
        for node in nodes
        if isinstance(node, (ast.Assign, ast.AnnAssign))
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    }
    for node in nodes:
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store):
            yield assigned.get(id(node))


def _is_reckoned(value: ast.expr) -> bool:
    """Whether a value is a number, or comes from numbers by reckoning alone."""
    kinds = (ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.expr_context, ast.Call)
    return all(
        isinstance(node, kinds)
        or (isinstance(node, ast.Constant) and isinstance(node.value, (int, float)))
        or (isinstance(node, ast.Name) and node.id in ("float", "int", "round"))
        for node in ast.walk(value)
    )
