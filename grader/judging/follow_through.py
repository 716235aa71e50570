"""Marks later steps on their own merits: the reference takes the place of a wrong step's result.

A wrong step is judged as it is; then what it should have made is made by the reference, under the
student's own names, and the steps after it are judged in a run with that. All else that the
student's cell made stays.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from grader.execution.planning import candidate_names, read_names
from grader.judging import rewriting
from grader.models import CODE_STEPS, Cell, CellKind, Step
from grader.recipes.recipe import ROLES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from grader.models import Submission


AGAIN = -100  # the number of a cell that appears in the notebook a second time


@dataclass(frozen=True, slots=True)
class Seen:
    """What the first run showed of the student's own objects.

    `names` are what the student calls X, y, model ..., as far as that was seen; `tensors` the
    names of what a model that is a function learns; `wants_gpu`: a cell stopped for want of one.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    tensors: tuple[str, ...] = ()
    wants_gpu: bool = False


def substitute(
    submission: Submission,
    sources: Mapping[Step, str],
    seen: Seen,
    roles: Mapping[Step, tuple[str, ...]] = ROLES,
) -> Submission:
    """The submission with what the reference's `sources` make in place of its own results.

    What was not seen of the student's names is taken from what the step's cell assigns. A step
    without a cell of its own gets one before the first later step's; in a cell that a step shares
    with others, only its own statements are replaced.
    """
    plan = _Replacing(submission, sources, seen, roles)
    changed = plan.repaired()
    for step in sources:
        changed = _substitute_one(changed, step, plan.reference(step), plan.modules)
    return changed


def stand_ins(changed: Submission, handed_in: Submission) -> frozenset[int]:
    """The numbers of the cells that the student did not write."""
    return frozenset(
        cell.number for cell in changed.cells if cell.source.strip() and cell not in handed_in.cells
    )


@dataclass(frozen=True, slots=True)
class _Reference:
    """What makes a step's result: its source, and the names that hold it then."""

    source: str
    results: frozenset[str]


@dataclass(frozen=True)
class _Replacing:
    """The steps whose results are replaced, in one notebook."""

    submission: Submission
    sources: Mapping[Step, str]
    seen: Seen
    roles: Mapping[Step, tuple[str, ...]]

    @cached_property
    def modules(self) -> frozenset[str]:
        """The names under which the notebook knows what it imports."""
        cells = (*self.submission.setup, *self.submission.cells)
        return rewriting.modules_in(cell.source for cell in cells if cell.kind is CellKind.CODE)

    @cached_property
    def called(self) -> Mapping[str, str]:
        """What the student's cells call the result of each role."""
        submission = self.submission
        candidates = candidate_names(submission.cells, submission.steps, self.roles)
        called: dict[str, str] = {}
        for roles in self.roles.values():
            assigned = candidates[roles[0]]
            places = {role: (0, -1)[place] for place, role in enumerate(roles[:2])}
            for role in roles:
                unsaid = assigned and role in places and role not in assigned
                read = submission.called.get(role, assigned[places[role]] if unsaid else role)
                called[role] = self.seen.names.get(role, read)
        return called

    def reference(self, step: Step) -> _Reference:
        """The reference's source of a step, with the student's names in it."""
        source, roles = self.sources[step], self.roles[step]
        if Step.MODEL not in self.sources and self.seen.tensors:
            source = rewriting.with_tensors(source, "model", self.seen.tensors)
        others = {role: name for role, name in self.called.items() if role not in roles}
        aliases = {role: self.called[role] for role in roles if self.called[role] != role}
        tensors = _tensors(self.submission, self.called.values()) if step is Step.MODEL else ()
        lines = [rewriting.renamed_names(source, others)]
        lines += [f"{name} = {role}" for role, name in aliases.items()]
        if tensors:
            lines.append(f"{', '.join(tensors)} = list(model.parameters())[:2]")
        return _Reference("\n".join(lines), frozenset({*roles, *aliases.values(), *tensors}))

    def repaired(self) -> Submission:
        """The notebook, mended where no step is to blame: other meanings of modules, a GPU."""
        steps = {number for numbers in self.submission.steps.values() for number in numbers}

        def mended(cell: Cell) -> Cell:
            if cell.kind is not CellKind.CODE:
                return cell
            source = rewriting.without_gpu(cell.source) if self.seen.wants_gpu else cell.source
            if cell.number not in steps:
                source = rewriting.without_shadows(source, self.modules)
            return replace(cell, source=source)

        return replace(self.submission, cells=tuple(map(mended, self.submission.cells)))


def _substitute_one(
    submission: Submission, step: Step, reference: _Reference, modules: frozenset[str]
) -> Submission:
    numbers = submission.steps.get(step, ())
    own = [n for n in numbers if _only(submission, step, n)]
    sources = {cell.number: cell.source for cell in submission.cells}
    stays = [rewriting.kept(sources[n], reference.results, modules) for n in own if n in sources]
    new = dict.fromkeys(own, "")
    for number in numbers:
        if number not in own and number in sources:
            instead = "pass" if own or new else reference.source
            changed = rewriting.without_results(sources[number], reference.results, instead)
            if changed is not None:
                new[number] = changed
    if own:
        new[max(own)] = "\n".join([reference.source, *stays])
    cells = tuple(replace(c, source=new.get(c.number, c.source)) for c in submission.cells)
    number = max(new, default=-1 - CODE_STEPS.index(step))
    if not new:
        place = _place(submission, step)
        cells = (*cells[:place], Cell(number, CellKind.CODE, reference.source), *cells[place:])
    if step is Step.OPTIMIZER:
        cells = _made_again(cells, submission, reference.source)
    return replace(submission, cells=cells, steps={**submission.steps, step: (number,)})


def _made_again(cells: tuple[Cell, ...], submission: Submission, source: str) -> tuple[Cell, ...]:
    """The optimizer once more before the training: the model may have been created again."""
    train = submission.steps.get(Step.TRAIN, ())
    place = next((p for p, cell in enumerate(cells) if cell.number in train), len(cells))
    again = Cell(AGAIN, CellKind.CODE, source)
    return (*cells[:place], again, *cells[place:])


def _only(submission: Submission, step: Step, number: int) -> bool:
    return not any(
        number in numbers for other, numbers in submission.steps.items() if other is not step
    )


def _place(submission: Submission, step: Step) -> int:
    """Before the first cell of a later step; else at the end."""
    later = CODE_STEPS[CODE_STEPS.index(step) + 1 :]
    firsts = [min(submission.steps[s]) for s in later if submission.steps.get(s)]
    numbers = [cell.number for cell in submission.cells]
    places = [numbers.index(first) for first in firsts if first in numbers]
    return min(places, default=len(numbers))


def _tensors(submission: Submission, results: Collection[str]) -> tuple[str, ...]:
    """The names of the student's own two tensors, if any: what slope and intercept are called.

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
    tensors = tuple(name for name in made if name in used and name not in results)
    return tensors if len(tensors) == 2 else ()
