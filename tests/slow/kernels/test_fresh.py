from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.execution.runner import NotebookRunner
from grader.kernels.fresh import FreshKernels
from tests.kernels.running import (
    UNCONFINED,
    closed,
    count_of,
    linux_only,
    run_cells,
    straggler,
)
from tests.notebooks import EXACT_LINE, SETUP
from tests.slow.attacks.processes import processes_with

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def source() -> Iterator[NotebookRunner]:
    yield from closed(NotebookRunner(FreshKernels(UNCONFINED)))


def test_a_fresh_kernel_trains(source: NotebookRunner) -> None:
    shown = run_cells(
        source,
        SETUP,
        EXACT_LINE.data,
        EXACT_LINE.model,
        EXACT_LINE.loss,
        EXACT_LINE.optimizer,
        EXACT_LINE.train,
        "print(losses[-1] < losses[0])",
    )
    assert shown[-1] == "True"


@linux_only
def test_when_a_kernel_ends_then_neither_a_process_nor_its_folder_stays(
    source: NotebookRunner,
) -> None:
    mark = uuid.uuid4().hex
    _, count, folder = run_cells(
        source, straggler(mark), count_of(mark), "import os; print(os.getcwd())"
    )
    assert count != "0"
    assert not processes_with(mark)
    assert not Path(folder).exists()


def test_a_students_own_looks_do_nothing_and_lead_nowhere(source: NotebookRunner) -> None:
    asked, inside = run_cells(
        source,
        "from grader import check, hint\nprint(check(), hint('train'))",
        "import grader.kernels",
    )
    assert asked == "None None"
    assert "ModuleNotFoundError" in inside
