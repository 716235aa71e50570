"""A runner under attack: one tier, the world around it, and what honest work gets there."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grader.execution.cells import Limits
from grader.execution.planning import candidate_names
from grader.execution.runner import notebook_runner
from grader.isolation.tiers import ROOM
from grader.models import CODE_STEPS, Cell, CellKind, Plan, Transfer
from tests.notebooks import EXACT_LINE, SETUP
from tests.slow.attacks.processes import descendants, memory_of, open_files, survivors
from tests.slow.attacks.world import World

if TYPE_CHECKING:
    from grader.models import Execution
    from tests.slow.attacks.attack import Attack

CHECKOUT: Final = Path(__file__).parents[3]
MIB: Final = 1 << 20
FORMULA: Final = "-3.0 * X + 0.5"
ATTACK_CELL: Final = 3
HONEST: Final = Limits(cell_s=20, notebook_s=60)


def lesson(setup: str, *attack: str) -> Plan:
    """The first lesson, solved; the attack comes after its first step."""
    first, *others = CODE_STEPS
    sources = [setup, EXACT_LINE.of(first), *attack, *(EXACT_LINE.of(step) for step in others)]
    cells = tuple(Cell(n, CellKind.CODE, source) for n, source in enumerate(sources, 1))
    numbers = (2, *range(3 + len(attack), 7 + len(attack)))
    places = {step: (number,) for step, number in zip(CODE_STEPS, numbers, strict=True)}
    return Plan(
        cells=cells,
        steps={number: (step,) for step, (number,) in places.items()},
        names=candidate_names(cells, places),
        seed=7,
        probe_seed=1,
        epochs=100,
        transfer=Transfer(FORMULA, tuple(cells[number - 1] for number in numbers)),
    )


class Siege:
    """A runner of one tier under attack, with the world around it and what honest work gets."""

    def __init__(self, tier: str) -> None:
        self.world = World()
        self._others = frozenset(descendants())
        # Where nothing can be covered, no code runs with a course in sight.
        hidden = [self.world.course] if tier == ROOM else []
        self.runner = notebook_runner(tiers=(tier,), hidden=hidden)
        self.tier = tier
        self.honest = self.next_student()
        gc.collect()
        self.memory = memory_of(os.getpid())
        self.files = open_files()

    @property
    def servants(self) -> tuple[int, ...]:
        """The processes that stay from one notebook to the next."""
        return tuple(descendants())

    def next_student(self) -> tuple[str, ...]:
        """What is recorded of a right notebook."""
        return self.runner.run(lesson(SETUP), HONEST).records

    def suffer(self, attack: Attack) -> Execution:
        """Run an attack's notebook."""
        self.world.begin(self.servants)
        plan = lesson(f"{SETUP}\n{self.world.introduction()}\nprint(os.getcwd())", attack.cell)
        return self.runner.run(plan, Limits(attack.cell_s, attack.cell_s + 10))

    def raise_siege(self) -> None:
        """End it all, and see that nothing is left."""
        served_by = [pid for pid in self.servants if pid not in self._others]
        gc.collect()
        grown = memory_of(os.getpid()) - self.memory
        files = open_files() - self.files
        self.runner.close()
        self.world.close()
        assert survivors(served_by, 2) == []
        assert grown < 20 * MIB, f"the grader's memory grew by {grown / MIB:.0f} MiB"
        assert files <= 0, f"{files} descriptors were left open"


def everything_said(execution: Execution) -> str:
    """All that a notebook showed, and all that its errors said."""
    shown = [output.content for run in execution.runs for output in run.outputs]
    errors = [
        f"{run.error.name} {run.error.value} {run.error.traceback}"
        for run in execution.runs
        if run.error is not None
    ]
    return "\n".join([*shown, *errors])
