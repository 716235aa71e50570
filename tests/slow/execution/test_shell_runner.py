from __future__ import annotations

import os
import signal
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from grader.execution.cells import Limits
from grader.execution.shell_runner import AloneRunner
from grader.models import Outcome, OutputKind
from tests.kernels.running import cells_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from grader.models import Execution


def execute(*sources: str, cell_s: float = 30) -> Execution:
    with closing(AloneRunner()) as runner:
        return runner.run(cells_of(*sources), Limits(cell_s=cell_s, notebook_s=60))


def test_what_cells_show_is_brought_back_in_order() -> None:
    run = execute(
        "print('a'); print('b')\nimport sys; print('c', file=sys.stderr)\n6 * 7",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
        "from IPython.display import HTML\nHTML('<b>bold</b>')",
        "import os; os.system('echo to the descriptor'); print('still here')",
    )
    shown = [[(o.kind, o.content) for o in cell.outputs] for cell in run.runs]
    assert run.outcome is Outcome.COMPLETED
    text = OutputKind.TEXT
    assert shown[0] == [(text, "a\nb\n"), (text, "c\n"), (text, "42")]
    assert [kind for kind, _ in shown[1]] == [OutputKind.PNG]
    assert shown[2] == [(OutputKind.HTML, "<b>bold</b>")]
    assert shown[3] == [(text, "still here\n")]


def test_an_exception_is_told_with_its_line_and_the_next_cells_run() -> None:
    run = execute("a = 1\n\n1 / 0", "def broken(:", "print('on')")
    first, second, third = run.runs
    assert run.outcome is Outcome.RAISED
    assert first.error is not None
    assert (first.error.name, first.error.line) == ("ZeroDivisionError", 3)
    assert second.error is not None
    assert second.error.name == "SyntaxError"
    assert third.outputs[0].content == "on\n"


@pytest.mark.skipif(os.name != "posix", reason="interrupts are POSIX's")
@pytest.mark.parametrize(
    "inherited",
    [
        pytest.param(signal.default_int_handler, id="in the foreground"),
        pytest.param(signal.SIG_IGN, id="in the background"),
    ],
)
def test_a_cell_without_end_is_interrupted_and_the_next_one_runs(
    inherited: Callable[[int, FrameType | None], object] | signal.Handlers,
) -> None:
    before = signal.signal(signal.SIGINT, inherited)
    try:
        run = execute("while True: pass", "print('on')", cell_s=0.5)
    finally:
        signal.signal(signal.SIGINT, before)
    assert run.outcome is Outcome.TIMED_OUT
    assert run.runs[0].error is not None
    assert run.runs[0].error.name == "TimedOut"
    assert run.runs[1].outputs[0].content == "on\n"


def test_a_cell_that_ends_python_ends_the_run() -> None:
    run = execute("import os; print('before', flush=True); os._exit(3)", "print('never')")
    assert run.outcome is Outcome.KERNEL_DIED
    assert len(run.runs) == 1


def test_a_cell_that_will_not_stop_is_ended() -> None:
    stubborn = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    run = execute(stubborn, cell_s=0.5)
    assert run.outcome is Outcome.TIMED_OUT


def test_it_works_in_an_empty_folder_of_its_own_that_is_gone_afterwards() -> None:
    run = execute("import os; print(os.getcwd(), os.listdir())", "import sys; print(sys.path[0])")
    folder, _, content = run.runs[0].outputs[0].content.strip().partition(" ")
    assert content == "[]"
    assert not os.path.exists(folder)  # noqa: PTH110
    # Nothing of the grader lies where the notebook would import it from.
    assert run.runs[1].outputs[0].content == "\n"


def test_very_much_output_is_cut() -> None:
    run = execute("for _ in range(5000): print('x' * 1000)")
    assert run.runs[0].cut
