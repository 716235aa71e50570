from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from grader.execution.cells import (
    MOST_OUTPUT_CHARS,
    MOST_OUTPUTS,
    KernelGoneError,
    Limits,
    Ran,
)
from grader.execution.jupyter_cells import CellRunner
from grader.isolation.tiers import NONE
from grader.kernels.jupyter import kernel_manager

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Run = Callable[..., Ran]

LIMITS = Limits(cell_s=30, notebook_s=60)
ENDLESS = "while True: pass"
STUBBORN = f"import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n{ENDLESS}"
LISTENING = (
    "heard = []\n"
    "get_ipython().events.register('pre_run_cell', lambda info: heard.append(info.raw_cell))"
)
HIDDEN = "get_ipython()._showtraceback = lambda *_: None\n1 / 0"


@pytest.fixture
def unstarted() -> CellRunner:
    runner = CellRunner(kernel_manager(None, NONE), LIMITS)
    runner.clear_before_next_output = False  # set with each cell
    return runner


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """Runs a cell; all tests share one kernel, which the last one loses."""
    with asyncio.Runner() as loop:
        manager = kernel_manager(None, NONE)
        runner = CellRunner(manager, LIMITS)

        async def start() -> None:
            await manager.start_kernel()
            await runner.async_start_new_kernel_client()

        def run(source: str, limit_s: float | None = None, *, history: bool = True) -> Ran:
            return loop.run(runner.run(source, history=history, limit_s=limit_s))

        loop.run(start())
        yield run
        runner.close()
        loop.run(manager.shutdown_kernel())


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


@pytest.mark.kernel
def test_a_cell_shows_what_it_says_and_what_it_is(run: Run) -> None:
    ran = run("print('said')\n1 + 1")
    assert [output.output_type for output in ran.outputs] == ["stream", "execute_result"]
    assert not ran.timed_out
    assert not ran.cut


@pytest.mark.kernel
def test_an_exception_is_told_though_the_notebook_hides_it(run: Run) -> None:
    [error] = run(HIDDEN).outputs
    assert (error.output_type, error.ename) == ("error", "ZeroDivisionError")
    assert run("1 + 1").outputs


@pytest.mark.kernel
def test_a_cell_without_end_is_interrupted_and_the_kernel_goes_on(run: Run) -> None:
    assert run(ENDLESS, limit_s=0.5).timed_out
    [result] = run("2 + 2").outputs
    assert result.data["text/plain"] == "4"


@pytest.mark.kernel
def test_a_hook_of_the_notebook_hears_of_its_own_cells_only(run: Run) -> None:
    run(LISTENING)
    run("2 + 2")
    assert run("display(3 + 3)", history=False).outputs[0].data == {"text/plain": "6"}
    assert run("heard").outputs[0].data == {"text/plain": "['2 + 2', 'heard']"}


@pytest.mark.kernel
def test_a_flood_of_output_is_cut_and_its_exception_told(run: Run) -> None:
    ran = run(f"print('x' * {MOST_OUTPUT_CHARS + 1})\nraise KeyError('y')")
    assert ran.cut
    assert [output.ename for output in ran.outputs] == ["KeyError"]


@pytest.mark.kernel
def test_a_cell_that_will_not_be_interrupted_loses_the_kernel_and_keeps_what_it_said(
    run: Run,
) -> None:
    with pytest.raises(KernelGoneError) as gone:
        run(f"print('farewell', flush=True)\n{STUBBORN}", limit_s=0.5)
    assert gone.value.ran.timed_out
    assert not gone.value.garbled
    assert [output.text for output in gone.value.ran.outputs] == ["farewell\n"]
