"""Why nothing of a step can be judged: no cell, a text cell, a line that undoes the work."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from grader.language.messages import Message, say
from grader.models import CODE_STEPS, Diagnosis, Step
from grader.syntax import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from grader.models import Submission


def absent(submission: Submission) -> Mapping[Step, Message]:
    """What is said of such steps in place of what was observed."""
    return {step: said for step in CODE_STEPS if (said := _said(submission, step)) is not None}


def not_found(submission: Submission, step: Step) -> Diagnosis | None:
    """The same as a diagnosis, for a step without a cell of its own."""
    said = None if step in submission.steps else _said(submission, step)
    if said is None:
        return None
    cell = submission.texts.get(step)
    hint = (
        say("Make it a code cell again, run it, and look at what it shows.")
        if cell is not None
        else say(
            "Was the cell deleted, or does it give its result another name? The handout shows "
            "where it belongs and what it is called."
        )
    )
    return Diagnosis("not_found", step, said, hint, cell)


def _said(submission: Submission, step: Step) -> Message | None:
    if step not in submission.steps:
        if step in submission.texts:
            return say(
                "The code of this step is in cell {cell}, which is text and not code: "
                "it was not run.",
                cell=submission.texts[step],
            )
        return say("No cell of this step was found in the notebook.")
    for cell in submission.cells:
        if cell.number in submission.steps[step] and step not in submission.unchanged:
            for name, line in _undone(cell.source):
                return say(
                    "Line {line} of cell {cell} sets `{name}` to `...`, as in the handout. It "
                    "stands below your work, and undoes it: delete this line.",
                    line=line,
                    cell=cell.number,
                    name=name,
                )
    return None


def _undone(source: str) -> Iterator[tuple[str, int]]:
    """The names that a cell gives something, and leaves open after that, with the line."""
    tree, given, undone = parse(source), set[str](), dict[str, int]()
    for statement in tree.body if tree is not None else ():
        if not isinstance(statement, ast.Assign):
            continue
        names = {n.id for t in statement.targets for n in ast.walk(t) if isinstance(n, ast.Name)}
        if isinstance(statement.value, ast.Constant) and statement.value.value is ...:
            undone |= dict.fromkeys(names & given, statement.lineno)
        else:
            given |= names
            undone = {name: line for name, line in undone.items() if name not in names}
    yield from undone.items()
