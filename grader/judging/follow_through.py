"""Marks later steps on their merits: the reference's cell takes the place of a wrong one.

A wrong step is judged where it stands, and then replaced under the student's own names; the steps
behind it are judged in the run with the replacement.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from grader.execution.planning import candidate_names, read_names
from grader.models import CODE_STEPS, Cell, CellKind, Step
from grader.recipes.recipe import ROLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.models import Submission


AGAIN = -100  # the number of a cell that stands in the notebook a second time


def substitute(
    submission: Submission,
    sources: Mapping[Step, str],
    names: Mapping[str, str],
    roles: Mapping[Step, tuple[str, ...]] = ROLES,
) -> Submission:
    """The submission with the reference's `sources` in place of its own cells of those steps.

    `names` are what the student calls X, y, model ..., as far as that was seen; what was not seen
    is taken from what the step's cell assigns. A step without a cell of its own gets one in front
    of the first later step's; cells that a step shares with others stay, and run before it.
    """
    for step, source in sources.items():
        submission = _substitute_one(
            submission, step, source + _aliases(submission, step, names, roles)
        )
    return submission


def stand_ins(changed: Submission, handed_in: Submission) -> frozenset[int]:
    """The numbers of the cells that the student did not write."""
    return frozenset(
        cell.number for cell in changed.cells if cell.source.strip() and cell not in handed_in.cells
    )


def _substitute_one(submission: Submission, step: Step, source: str) -> Submission:
    own = [n for n in submission.steps.get(step, ()) if _only(submission, step, n)]
    number = max(own, default=None)
    if number is not None:
        cells = tuple(
            replace(cell, source=source if cell.number == number else "")
            if cell.number in own
            else cell
            for cell in submission.cells
        )
    else:
        number = -1 - CODE_STEPS.index(step)
        place = _place(submission, step)
        new = Cell(number, CellKind.CODE, source)
        cells = (*submission.cells[:place], new, *submission.cells[place:])
    if step is Step.OPTIMIZER:
        cells = _made_again(cells, submission, source)
    return replace(submission, cells=cells, steps={**submission.steps, step: (number,)})


def _made_again(cells: tuple[Cell, ...], submission: Submission, source: str) -> tuple[Cell, ...]:
    """The optimizer once more in front of the training: the model may have been made anew."""
    train = submission.steps.get(Step.TRAIN, ())
    place = next((p for p, cell in enumerate(cells) if cell.number in train), len(cells))
    again = Cell(AGAIN, CellKind.CODE, source)
    return (*cells[:place], again, *cells[place:])


def _only(submission: Submission, step: Step, number: int) -> bool:
    return not any(
        number in numbers for other, numbers in submission.steps.items() if other is not step
    )


def _place(submission: Submission, step: Step) -> int:
    """In front of the first cell of a later step; else at the end."""
    later = CODE_STEPS[CODE_STEPS.index(step) + 1 :]
    firsts = [min(submission.steps[s]) for s in later if submission.steps.get(s)]
    numbers = [cell.number for cell in submission.cells]
    places = [numbers.index(first) for first in firsts if first in numbers]
    return min(places, default=len(numbers))


def _aliases(
    submission: Submission,
    step: Step,
    names: Mapping[str, str],
    roles_of: Mapping[Step, tuple[str, ...]],
) -> str:
    """Lines that give the reference's results the names that the student's later cells use."""
    roles = roles_of[step]
    assigned = candidate_names(submission.cells, submission.steps, roles_of)[roles[0]]
    places = {role: (0, -1)[place] for place, role in enumerate(roles[:2])}
    lines = []
    for role in roles:
        unsaid = assigned and role in places and role not in assigned
        guess = assigned[places[role]] if unsaid else role
        name = names.get(role, guess)
        if name != role:
            lines.append(f"\n{name} = {role}")
    return "".join(lines) + (_tensors(submission, names) if step is Step.MODEL else "")


def _tensors(submission: Submission, names: Mapping[str, str]) -> str:
    """A line that gives slope and intercept the names of the student's own two tensors, if any.

    For a model that is a function of two tensors, slope first, which later steps use by name.
    """
    made = candidate_names(submission.cells, submission.steps)["model"]
    later = {n for step in (Step.OPTIMIZER, Step.TRAIN) for n in submission.steps.get(step, ())}
    used = {
        name
        for cell in submission.cells
        if cell.number in later
        for name in read_names(cell.source)
    }
    model = names.get("model", "model")
    tensors = [name for name in made if name in used and name != model]
    if len(tensors) != 2:
        return ""
    return f"\n{', '.join(tensors)} = list({model}.parameters())[:2]"
