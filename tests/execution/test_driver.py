from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import nbformat

from grader.execution.cells import Limits, Ran
from grader.execution.driver import Run
from grader.execution.events import Gathering
from grader.isolation.tiers import NONE
from grader.models import Cell, CellKind, Isolation, Outcome, Plan, Step

if TYPE_CHECKING:
    from grader.models import Execution

PLAN = Plan(
    cells=tuple(Cell(number, CellKind.CODE, "1") for number in range(1, 6)),
    steps={number: (step,) for number, step in enumerate(list(Step)[:5], 1)},
    names={},
    seed=0,
    probe_seed=0,
    epochs=1,
)


@dataclass
class SlowToAnswer:
    """A kernel whose recorder takes `answer_s` for each answer."""

    answer_s: float
    ending: None = None
    out_of_time: bool = False
    allowed_s: list[float] = field(default_factory=list)

    async def start(self, _limits: Limits) -> SlowToAnswer:
        return self

    async def run(self, source: str, *, history: bool = True, limit_s: float | None = None) -> Ran:
        if not history and "answer" in source and limit_s is not None:
            self.allowed_s.append(limit_s)
            await asyncio.sleep(min(limit_s, self.answer_s))
            return Ran((), timed_out=limit_s < self.answer_s, cut=False)
        return Ran((), timed_out=False, cut=False)

    async def end(self) -> None:
        pass

    def close(self) -> None:
        pass


def ran(kernel: SlowToAnswer, notebook_s: float) -> Execution:
    gathering = Gathering()
    asyncio.run(Run(PLAN, kernel, Limits(1.0, notebook_s), gathering.take).execute())
    return gathering.execution(Isolation(NONE), 0.0)


def test_all_our_questions_together_take_no_longer_than_the_notebook_may() -> None:
    kernel = SlowToAnswer(answer_s=0.2)
    execution = ran(kernel, notebook_s=0.5)
    assert len(kernel.allowed_s) == 3  # of six
    assert all(later < before for before, later in pairwise(kernel.allowed_s))
    assert any("took too long" in str(each) for each in execution.suspicions)


def test_a_kernel_that_answers_at_once_is_asked_everything() -> None:
    kernel = SlowToAnswer(answer_s=0.0)
    execution = ran(kernel, notebook_s=60.0)
    assert len(kernel.allowed_s) == 7
    assert not any("took too long" in str(each) for each in execution.suspicions)


@dataclass
class Ending(SlowToAnswer):
    """A kernel in which some cells do not end in time, and others raise, in turn."""

    answer_s: float = 0.0
    cells: list[str] = field(default_factory=lambda: ["endless", "raises", "", "", ""])

    async def run(self, source: str, *, history: bool = True, limit_s: float | None = None) -> Ran:
        del source, limit_s
        how = self.cells.pop(0) if history else ""
        error = nbformat.v4.new_output("error", ename="ValueError", evalue="no", traceback=[])
        return Ran((error,) if how == "raises" else (), timed_out=how == "endless", cut=False)


def test_a_run_that_ran_out_of_time_stays_one_whatever_its_later_cells_raise() -> None:
    execution = ran(Ending(), notebook_s=60.0)
    assert execution.outcome is Outcome.TIMED_OUT
    assert [run.error.name for run in execution.runs if run.error] == ["TimedOut", "ValueError"]
