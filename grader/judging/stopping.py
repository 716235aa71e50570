"""Which steps an exception ended: of those that share a cell, the ones that were not done yet."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from grader.models import Step
from grader.syntax import bound_names, parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence, Set

    from grader.evidence import Evidence
    from grader.models import CellError, Execution, Submission


def stopped_steps(
    submission: Submission,
    execution: Execution,
    evidence: Evidence,
    roles: Mapping[Step, Sequence[str]],
) -> Mapping[Step, CellError]:
    """The first exception in each step's own cells; it does not end what was done before it."""
    errors = {run.cell: run.error for run in reversed(execution.runs) if run.error is not None}
    own = {role: name for part in evidence.parts() for role, name in part.names.items()}
    sources = {cell.number: cell.source for cell in submission.cells}
    return {
        step: errors[number]
        for step, numbers in submission.steps.items()
        for number in reversed(numbers)
        if number in errors
        and not (
            step is not Step.TRAIN
            and _holds_others(submission, step, number)
            and _was_done(
                sources[number],
                {own.get(role, submission.called.get(role, role)) for role in roles[step]},
                errors[number].began,
            )
        )
    }


def _holds_others(submission: Submission, step: Step, number: int) -> bool:
    return any(
        number in numbers for other, numbers in submission.steps.items() if other is not step
    )


def _was_done(source: str, names: Set[str], line: int | None) -> bool:
    """Whether all these names were bound before this line, and the line binds none of them."""
    tree = parse(source)
    if tree is None or line is None:
        return False
    done = set[str]()
    for statement in tree.body:
        bound = names & set(_bound_by(statement))
        if (statement.end_lineno or statement.lineno) >= line:
            return not bound and names <= done
        done |= bound
    return False


def _bound_by(statement: ast.stmt) -> Iterator[str]:
    """What a statement names; the names inside of a function or a class are its own."""
    inside = isinstance(statement, (ast.FunctionDef, ast.ClassDef))
    for node in (statement,) if inside else ast.walk(statement):
        yield from bound_names(node)
