from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from grader.execution.cells import (
    MOST_OUTPUT_CHARS,
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


def test_a_cell_shows_what_it_says_and_what_it_is(run: Run) -> None:
    ran = run("print('said')\n1 + 1")
    assert [output.output_type for output in ran.outputs] == ["stream", "execute_result"]
    assert not ran.timed_out
    assert not ran.cut


def test_an_exception_is_told_though_the_notebook_hides_it(run: Run) -> None:
    [error] = run(HIDDEN).outputs
    assert (error.output_type, error.ename) == ("error", "ZeroDivisionError")
    assert run("1 + 1").outputs


def test_a_cell_without_end_is_interrupted_and_the_kernel_goes_on(run: Run) -> None:
    assert run(ENDLESS, limit_s=0.5).timed_out
    [result] = run("2 + 2").outputs
    assert result.data["text/plain"] == "4"


def test_a_hook_of_the_notebook_hears_of_its_own_cells_only(run: Run) -> None:
    run(LISTENING)
    run("2 + 2")
    assert run("display(3 + 3)", history=False).outputs[0].data == {"text/plain": "6"}
    assert run("heard").outputs[0].data == {"text/plain": "['2 + 2', 'heard']"}


def test_a_flood_of_output_is_cut_and_its_exception_told(run: Run) -> None:
    ran = run(f"print('x' * {MOST_OUTPUT_CHARS + 1})\nraise KeyError('y')")
    assert ran.cut
    assert [output.ename for output in ran.outputs] == ["KeyError"]


def test_a_cell_that_will_not_be_interrupted_loses_the_kernel_and_keeps_what_it_said(
    run: Run,
) -> None:
    with pytest.raises(KernelGoneError) as gone:
        run(f"print('farewell', flush=True)\n{STUBBORN}", limit_s=0.5)
    assert gone.value.timed_out
    assert not gone.value.garbled
    assert [output.text for output in gone.value.outputs] == ["farewell\n"]
