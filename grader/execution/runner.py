"""Runs notebooks: the one object that a command opens, hands down and closes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from grader.execution.running import Run
from grader.kernels.sources import kernel_source

if TYPE_CHECKING:
    from grader.execution.cell_runner import Limits
    from grader.kernels import KernelSource
    from grader.models import Execution, Isolation, Plan


class NotebookRunner:
    """Runs each notebook in a kernel of its own; safe to use from several threads at once."""

    def __init__(self, kernels: KernelSource) -> None:
        self._kernels = kernels

    @property
    def isolation(self) -> Isolation:
        """How well students' code is shut in."""
        return self._kernels.isolation

    def run(self, plan: Plan, limits: Limits) -> Execution:
        """Run every cell of the plan; a student's fault is a value."""
        return asyncio.run(Run(plan, self._kernels, limits).execute())

    def close(self) -> None:
        """End whatever serves the kernels; nothing of it outlives the runner."""
        self._kernels.close()


def notebook_runner(*, warm: bool = True) -> NotebookRunner:
    """A runner with kernels that start fast where the machine can fork; see `kernel_source`."""
    return NotebookRunner(kernel_source(warm))
