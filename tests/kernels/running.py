"""Runs cells in a kernel of a source, the way the grader's notebooks are run."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.execution.cells import Limits
from grader.isolation.tiers import NONE
from grader.models import Cell, CellKind, Isolation, Plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.execution.runner import NotebookRunner
    from grader.models import CellRun, Execution

linux_only = pytest.mark.skipif(not Path("/proc").exists(), reason="kernels fork on Linux only")
UNCONFINED = Isolation(NONE)


def cells_of(*sources: str) -> Plan:
    """A plan that runs these cells and asks for no step."""
    cells = tuple(Cell(n, CellKind.CODE, source) for n, source in enumerate(sources, 1))
    shown = frozenset(cell.number for cell in cells)
    return Plan(cells=cells, steps={}, names={}, seed=7, probe_seed=1, epochs=100, shown=shown)


def run_cells(runner: NotebookRunner, *cells: str, timeout_s: float = 60) -> list[str]:
    """What each cell shows: its text, results in plain text, the names of its errors."""
    return [_text(run) for run in execute(runner, *cells, timeout_s=timeout_s).runs]


def execute(runner: NotebookRunner, *cells: str, timeout_s: float = 60) -> Execution:
    """The execution of these cells."""
    return runner.run(cells_of(*cells), Limits(cell_s=timeout_s, notebook_s=3 * timeout_s))


def closed(runner: NotebookRunner) -> Iterator[NotebookRunner]:
    """The runner, closed when the tests are done with it."""
    with closing(runner):
        yield runner


def straggler(mark: str) -> str:
    """A cell that starts a process which leaves the kernel's session and loses its parent."""
    return f"import os; os.system('setsid sh -c \"sleep 1000; : {mark}\" & exit')"


def count_of(mark: str) -> str:
    """A cell that counts the processes with `mark` in their command lines."""
    return (
        "import time; time.sleep(0.2)\nfrom pathlib import Path\n"
        f"sum(b'{mark}' in each.read_bytes() for each in Path('/proc').glob('[0-9]*/cmdline'))"
    )


def _text(run: CellRun) -> str:
    shown = "".join(output.content for output in run.outputs)
    return (shown + (run.error.name if run.error else "")).strip()
