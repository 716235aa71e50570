"""Hostile notebooks: none gets at anything, each end has its name, the next mark is right."""

from __future__ import annotations

import gc
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.evidence import DataPart, read_evidence
from grader.execution import Limits, notebook_runner
from grader.kernels.tiers import LANDLOCK, LEFT_OPEN, NONE, ROOM
from grader.models import CODE_STEPS, Cell, CellKind, Plan, Transfer
from grader.planning import candidate_names
from tests.attacks.corpus import CORPUS
from tests.attacks.processes import descendants, gone_within, memory_of, open_files, watched
from tests.attacks.world import World
from tests.kernels.running import linux_only
from tests.notebooks import EXACT_LINE, SETUP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.execution import NotebookRunner
    from grader.models import Execution
    from tests.attacks.attack import Attack

pytestmark = [pytest.mark.kernel, pytest.mark.environment, linux_only]

MIB = 1 << 20
FORMULA = "-3.0 * X + 0.5"
RECORDS = 8
ATTACK_CELL = 3
HONEST = Limits(cell_s=20, notebook_s=60)


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
        self.runner = notebook_runner(tiers=(tier,))
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
        served_by = self.servants
        gc.collect()
        grown = memory_of(os.getpid()) - self.memory
        files = open_files() - self.files
        self.runner.close()
        self.world.close()
        assert gone_within(2, *served_by), "processes of the runner outlived it"
        assert grown < 20 * MIB, f"the grader's memory grew by {grown / MIB:.0f} MiB"
        assert files <= 0, f"{files} descriptors were left open"


@pytest.fixture(scope="module")
def siege(request: pytest.FixtureRequest) -> Iterator[Siege]:
    siege = Siege(request.param)
    if siege.runner.isolation.tier != request.param:
        reason = siege.runner.isolation.why
        siege.raise_siege()
        pytest.skip(f"no {request.param} can be had here: {reason}")
    yield siege
    siege.raise_siege()


CASES = [
    pytest.param(tier, attack, id=f"{tier}-{attack.row}-{attack.does.replace(' ', '-')}")
    for tier in (ROOM, LANDLOCK, NONE)
    for attack in CORPUS
    if tier in attack.tiers
]


@pytest.mark.parametrize(("siege", "attack"), CASES, indirect=["siege"], scope="module")
def test_an_attack_gets_at_nothing_and_the_next_mark_is_right(
    siege: Siege, attack: Attack
) -> None:
    began = time.monotonic()
    with watched() as peaks:
        suffered = siege.suffer(attack)
    took = time.monotonic() - began
    said = everything_said(suffered)
    own_folder = suffered.runs[0].outputs[0].content.strip()

    # Nothing was read, written, reached or left behind.
    allowed = {b for gap in LEFT_OPEN[siege.tier] for b in attack.gaps.get(gap, ())}
    assert siege.world.breaches(said) == allowed
    assert not Path(own_folder).exists()

    # Its end has its name, and what was right before it stays right.
    error = next((run.error for run in suffered.runs if run.cell == ATTACK_CELL), None)
    assert (suffered.outcome, error.name if error else "") in attack.ends, said[-2000:]
    assert DataPart in read_evidence(suffered.records, FORMULA)
    if attack.cut is not None:
        assert any(run.cut for run in suffered.runs) == attack.cut
    if attack.suspected is not None:
        assert bool(suffered.suspicions) == attack.suspected, suffered.suspicions
    for word in attack.says:
        assert word in said
    for word in attack.silent:
        assert word not in said
    if attack.most is not None:
        assert peaks.processes <= attack.most.processes, peaks
        assert peaks.tasks <= attack.most.tasks, peaks
        assert peaks.open_files <= attack.most.open_files, peaks
        assert peaks.memory <= attack.most.memory, peaks
    assert took < attack.within_s

    assert siege.next_student() == siege.honest


def test_honest_work_has_all_its_records() -> None:
    runner = notebook_runner()
    assert len(runner.run(lesson(SETUP), HONEST).records) == RECORDS
    runner.close()


def everything_said(execution: Execution) -> str:
    """All that a notebook showed, and all that its errors said."""
    shown = [output.content for run in execution.runs for output in run.outputs]
    errors = [
        f"{run.error.name} {run.error.value} {run.error.traceback}"
        for run in execution.runs
        if run.error is not None
    ]
    return "\n".join([*shown, *errors])
