"""Which cells of a live notebook have run, and which of them hold which step.

A notebook's file is out of sight from within: its cells are known by what was run, the latest
version of each. A cell's number is the one that Jupyter shows beside it, In [n].
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from grader.execution.planning import candidate_names, steps_of_cells
from grader.models import Cell, CellKind, Step, complete_after
from grader.recipes.recipe import ROLES
from grader.submission import Found, MarkedCell, clean, find_steps, own_marks, template_of, trimmed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grader.recipes.recipe import Recipe
    from grader.submission import Handout

# What has to be made before a step's cell runs, and is made anew when it runs again.
NEEDS: Mapping[Step, tuple[Step, ...]] = {
    Step.OPTIMIZER: (Step.MODEL,),
    Step.TRAIN: (Step.DATA, Step.MODEL, Step.LOSS, Step.OPTIMIZER),
}


@dataclass(frozen=True, slots=True)
class Ran:
    """A cell that has run; `watched`: from its beginning, by the recorder."""

    marked: MarkedCell
    key: object
    watched: bool
    again: bool = False

    @property
    def number(self) -> int:
        """The number beside it, In [n]."""
        return self.marked.cell.number


@dataclass
class Following:
    """The cells of one live notebook, as far as they have run."""

    handouts: Sequence[Handout]
    recipes: Mapping[str, Recipe]
    named: str | None = None
    ran: list[Ran] = field(default_factory=list)
    found: Found | None = None

    def run(self, source: str, number: int, cell_id: str | None, *, watched: bool) -> Ran:
        """A cell runs: it takes the place of the version of it that ran before."""
        marked = MarkedCell(Cell(number, CellKind.CODE, clean(source)))
        key = cell_id or own_marks(marked) or trimmed(source)
        again = any(one.key == key for one in self.ran)
        this = Ran(marked, key, watched, again)
        self.ran = [one for one in self.ran if one.key != key] + [this]
        self.found = find_steps([one.marked for one in self.ran], template_of(self._likely()))
        return this

    @property
    def lesson(self) -> str | None:
        """The lesson that was named, else the one whose own cells have run; None if unclear."""
        if self.named is not None:
            return self.named
        most = {handout.assignment for handout in self._likely()}
        return most.pop() if len(most) == 1 else None

    @property
    def recipe(self) -> Recipe | None:
        """The numbers of that lesson."""
        return self.recipes.get(self.lesson or "")

    @property
    def language(self) -> str | None:
        """The language of the handout whose cells have run."""
        likely = [one for one in self._likely() if self.lesson in (None, one.assignment)]
        tongues = {one.language for one in likely}
        return tongues.pop() if len(tongues) == 1 else None

    @property
    def steps(self) -> Mapping[Step, tuple[int, ...]]:
        """The cells of each step."""
        return self.found.steps if self.found is not None else {}

    def steps_of(self, number: int) -> tuple[Step, ...]:
        """The steps that a cell has code of."""
        return self.steps_of_cells().get(number, ())

    def steps_of_cells(self) -> dict[int, tuple[Step, ...]]:
        """The steps that each cell has code of."""
        return steps_of_cells(self.steps)

    def complete_after(self, number: int) -> tuple[Step, ...]:
        """The steps whose last cell this is."""
        return complete_after(self.steps_of_cells(), number)

    def names(self) -> dict[str, tuple[str, ...]]:
        """The names that each step's cells assign, by the role that they may play."""
        given = {name for recipe in self.recipes.values() for name in recipe.given}
        cells = [one.marked.cell for one in self.ran]
        return candidate_names(cells, self.steps, self._roles()) | {"given": tuple(sorted(given))}

    def unwatched(self) -> frozenset[Step]:
        """Steps that have a cell which ran before anybody looked."""
        blind = {one.number for one in self.ran if not one.watched}
        return frozenset(s for s, numbers in self.steps.items() if not blind.isdisjoint(numbers))

    def outdated(self) -> dict[Step, Step]:
        """Steps whose cell has not run since a step that it needs was made anew."""
        anew = {one.number for one in self.ran if one.again}
        return {
            step: needed
            for step, needs in NEEDS.items()
            for needed in needs
            for number in self.steps.get(needed, ())
            if number in anew and number > max(self.steps.get(step, (number,)))
        }

    def _likely(self) -> tuple[Handout, ...]:
        """The handouts that share the most cells with what has run."""
        if self.named is not None:
            return tuple(one for one in self.handouts if one.assignment == self.named)
        sources = {trimmed(one.marked.cell.source) for one in self.ran}
        likeness = [
            sum(trimmed(marked.cell.source) in sources for marked in one.cells)
            for one in self.handouts
        ]
        best = max(likeness, default=0)
        return tuple(one for one, like in zip(self.handouts, likeness, strict=True) if like == best)

    def _roles(self) -> Mapping[Step, tuple[str, ...]]:
        recipe = self.recipe
        return recipe.roles if recipe is not None else ROLES
