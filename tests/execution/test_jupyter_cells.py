from __future__ import annotations

from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from grader.execution.cells import (
    MOST_OUTPUT_CHARS,
    MOST_OUTPUTS,
    Limits,
    Ran,
)
from grader.execution.jupyter_cells import CellRunner
from grader.isolation.tiers import NONE
from grader.kernels.jupyter import kernel_manager

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., Ran]

LIMITS = Limits(cell_s=30, notebook_s=60)


@pytest.fixture
def unstarted() -> CellRunner:
    runner = CellRunner(kernel_manager(None, NONE), LIMITS)
    runner.clear_before_next_output = False  # set with each cell
    return runner


def message(kind: str, **content: object) -> dict[str, Any]:
    header = {"msg_type": kind}
    return {"msg_type": kind, "content": content, "parent_header": {}, "header": header}


def a_cell() -> Any:
    return nbformat.v4.new_code_cell("")


def test_outputs_beyond_a_number_are_left_out(unstarted: CellRunner) -> None:
    cell = a_cell()
    for number in range(MOST_OUTPUTS + 5):
        shown = message("display_data", data={"text/plain": str(number)}, metadata={})
        unstarted.process_message(shown, cell, 0)
    assert len(cell.outputs) == MOST_OUTPUTS


def test_output_beyond_a_length_is_left_out(unstarted: CellRunner) -> None:
    cell = a_cell()
    for _ in range(10):
        said = message("stream", name="stdout", text="x" * (MOST_OUTPUT_CHARS // 4))
        unstarted.process_message(said, cell, 0)
    assert sum(len(output.text) for output in cell.outputs) == MOST_OUTPUT_CHARS


def test_an_answer_to_us_may_be_longer_and_is_not_drowned_in_prints(unstarted: CellRunner) -> None:
    cell = a_cell()
    unstarted.answers_us = True
    printed = message("stream", name="stdout", text="x" * MOST_OUTPUT_CHARS)
    answer = "x" * (MOST_OUTPUT_CHARS + 1)
    unstarted.process_message(printed, cell, 0)
    unstarted.process_message(message("display_data", data={"a/b": answer}, metadata={}), cell, 0)
    assert [output.data["a/b"] for output in cell.outputs] == [answer]


def test_a_notebook_without_time_is_out_of_time() -> None:
    manager = kernel_manager(None, NONE)
    assert CellRunner(manager, Limits(notebook_s=0)).out_of_time
    assert not CellRunner(manager, Limits(notebook_s=60)).out_of_time
