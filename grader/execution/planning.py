"""Turns a submission into a plan: which cells run, and what is observed after each."""

from __future__ import annotations

import ast
import hashlib
from typing import TYPE_CHECKING

from grader.models import CODE_STEPS, Cell, CellKind, Plan, Step, Transfer
from grader.recipes.recipe import ROLES
from grader.syntax import nodes, parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from grader.models import Submission

GIVEN = -200  # the number of the cell that replaces the handout's own things


def plan_run(
    submission: Submission,
    *,
    seed: int,
    epochs: int,
    formula: str,
    given: str = "",
    roles: Mapping[Step, tuple[str, ...]] = ROLES,
    given_names: tuple[str, ...] = (),
    stand_ins: frozenset[int] = frozenset(),
) -> Plan:
    """What to run of a submission, and what to watch; `formula` gives the transfer's answers.

    What the handout gave and the notebook lacks runs first. If there is `given`, the transfer
    begins with it: it redefines `given_names`, which the handout defined for the student.
    `stand_ins` are the numbers of cells that are the reference's: nobody will look at what such a
    run shows. Of any other, what the steps' own cells show is on a page. Cells that only show what
    was made are not run, unless another cell needs what they define.

    Cells that came with the handout and hold no step are not part of the transfer: what they define
    is already there, and nobody would see what they show.
    """
    cells = _without_looks(
        tuple(c for c in submission.cells if c.kind is CellKind.CODE and c.source.strip()),
        submission.looks,
    )
    last = max((n for numbers in submission.steps.values() for n in numbers), default=0)
    return Plan(
        cells=(*submission.setup, *cells),
        steps=steps_of_cells(submission.steps),
        names=candidate_names(cells, submission.steps, roles, submission.called)
        | {"given": given_names},
        seed=seed,
        probe_seed=int(hashlib.sha256(submission.sha256.encode()).hexdigest()[:8], 16),
        epochs=epochs,
        shown=frozenset(
            n for numbers in submission.steps.values() for n in numbers if not stand_ins
        ),
        stand_ins=stand_ins,
        transfer=Transfer(
            formula,
            (
                *((Cell(GIVEN, CellKind.CODE, given),) if given else ()),
                *(c for c in cells if c.number <= last and c.number not in submission.given),
            ),
        )
        if Step.TRAIN in submission.steps
        else None,
    )


def _without_looks(cells: tuple[Cell, ...], looks: frozenset[int]) -> tuple[Cell, ...]:
    """The cells without those that only show something, except where others read from them."""
    kept = tuple(cell for cell in cells if cell.number not in looks)
    read = {name for cell in kept for name in read_names(cell.source)}
    needed = {
        cell.number
        for cell in cells
        if cell.number in looks and not read.isdisjoint(assigned_names(cell.source))
    }
    # What is needed may need more: rare enough to run them all then.
    return cells if needed else kept


def candidate_names(
    cells: Sequence[Cell],
    steps: Mapping[Step, tuple[int, ...]],
    roles_of: Mapping[Step, tuple[str, ...]] = ROLES,
    called: Mapping[str, str] | None = None,
) -> dict[str, tuple[str, ...]]:
    """The names that each step's cells assign, in order, under every role that they may play.

    Only the one that a role is `called`, where that is known and among them.
    """
    sources = {cell.number: cell.source for cell in cells}
    found: dict[str, tuple[str, ...]] = {}
    for step, roles in roles_of.items():
        names = dict.fromkeys(
            name for number in steps.get(step, ()) for name in _given_names(sources.get(number, ""))
        )
        found |= dict.fromkeys(roles, tuple(names))
        known = {role: name for role, name in (called or {}).items() if role in roles}
        found |= {role: (name,) for role, name in known.items() if name in names}
    return found


def _given_names(source: str) -> tuple[str, ...]:
    """The names that a cell's own statements bind, without those that only loops go through."""
    tree, names = parse(source), assigned_names(source)
    through = {
        target.id
        for loop in nodes(source)
        if isinstance(loop, ast.For)
        for target in ast.walk(loop.target)
        if isinstance(target, ast.Name)
    }
    body = tree.body if tree is not None else []
    others = (ast.For, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    given = {name for each in body if not isinstance(each, others) for name in _bound(each)}
    return tuple(name for name in names if name in given or name not in through) or names


def assigned_names(source: str) -> tuple[str, ...]:
    """The names that a cell's own statements bind, in order; none where it does not parse."""
    tree = parse(source)
    return tuple(dict.fromkeys(_bound(tree))) if tree is not None else ()


def read_names(source: str) -> frozenset[str]:
    """The names that a cell reads anywhere; none where it does not parse."""
    return frozenset(
        node.id
        for node in nodes(source)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    )


def _bound(node: ast.AST) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield child.name
        elif isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
            yield child.id
        elif not isinstance(child, (ast.ClassDef, ast.Lambda, ast.comprehension)):
            yield from _bound(child)


def steps_of_cells(steps: Mapping[Step, tuple[int, ...]]) -> dict[int, tuple[Step, ...]]:
    """Which steps each cell is part of."""
    return {
        number: tuple(step for step in CODE_STEPS if number in steps.get(step, ()))
        for number in sorted({number for numbers in steps.values() for number in numbers})
    }
