"""Runs notebooks: the one object that a command opens, hands down and closes."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from grader.execution.drivers import Drivers
from grader.execution.events import Gathering
from grader.execution.running import Run
from grader.execution.task import Task
from grader.isolation.tiers import TIERS
from grader.kernels.sources import kernel_source

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from grader.execution.cells import Limits
    from grader.kernels import KernelSource
    from grader.models import Execution, Isolation, Plan

# A driver, its keeper or the warm process may be lost by bad luck once, not again and again.
ATTEMPTS: Final = 3
# What starting may take beyond the notebook's own time, and our own questions, which take as long.
STARTING_S: Final = 60.0


class NotebookRunner:
    """Runs each notebook in a kernel of its own; safe to use from several threads at once.

    `jobs` is from how many: where there are fewer cores, each run has as much more time.
    """

    def __init__(self, kernels: KernelSource, jobs: int = 1) -> None:
        self._kernels = kernels
        self._jobs = jobs
        self._drivers = Drivers()

    @property
    def isolation(self) -> Isolation:
        """How well students' code is shut in."""
        return self._kernels.isolation

    def run(self, plan: Plan, limits: Limits) -> Execution:
        """Run every cell of the plan; a student's fault is a value."""
        limits = limits.shared_by(self._jobs)
        began = time.perf_counter()
        until = began + limits.notebook_s + limits.asking_s + STARTING_S
        for _ in range(ATTEMPTS):
            gathering = self._gather(plan, limits, until - time.perf_counter())
            # Whoever ended late was not ended by bad luck, and would be again.
            if gathering.ended is not None or time.perf_counter() > began + limits.notebook_s:
                break
        return gathering.execution(self.isolation, time.perf_counter() - began)

    def _gather(self, plan: Plan, limits: Limits, patience_s: float) -> Gathering:
        gathering = Gathering()
        tier = self.isolation.tier
        line = self._kernels.new_line()
        if line is None:
            # Elsewhere it is drivers that need Jupyter, and the grader starts sooner without.
            from grader.execution.jupyter_cells import JupyterKernel
            from grader.kernels.jupyter import kernel_manager

            kernel = JupyterKernel(kernel_manager(None, tier))
            asyncio.run(Run(plan, kernel, limits, gathering.take).execute())
        else:
            task = Task(plan, limits, tier, self._kernels.prepared)
            for event in self._drivers.drive(task, line, patience_s):
                gathering.take(event)
        return gathering

    def close(self) -> None:
        """End whatever serves the kernels; nothing of it outlives the runner."""
        self._drivers.close()
        self._kernels.close()


def notebook_runner(
    *,
    warm: bool = True,
    tiers: Sequence[str] = TIERS,
    jobs: int = 1,
    hidden: Iterable[Path] = (),
) -> NotebookRunner:
    """A runner with kernels that start fast where the machine can fork; see `kernel_source`."""
    return NotebookRunner(kernel_source(warm=warm, tiers=tiers, hidden=hidden), jobs)
