from __future__ import annotations

import os
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.execution.runner import NotebookRunner
from grader.isolation.limits import children
from grader.kernels import warm
from grader.kernels.fresh import FreshKernels
from grader.kernels.warm import WarmKernels
from grader.models import Outcome, OutputKind
from tests.kernels.running import (
    UNCONFINED,
    closed,
    count_of,
    execute,
    linux_only,
    run_cells,
    straggler,
)
from tests.notebooks import EXACT_LINE, SETUP
from tests.slow.attacks.processes import processes_with

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [linux_only]

TRAIN = (SETUP, EXACT_LINE.data, EXACT_LINE.model, EXACT_LINE.loss, EXACT_LINE.optimizer)
ZYGOTE = "int(open(f'/proc/{os.getppid()}/stat').read().rpartition(')')[2].split()[1])"
KILL_KEEPER = "os.killpg(os.getpgid(os.getppid()), 9)"
WHERE = "import os; print(os.getcwd())"
LOOP = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"


@pytest.fixture(scope="module")
def source() -> Iterator[NotebookRunner]:
    yield from closed(NotebookRunner(WarmKernels(UNCONFINED)))


def test_a_warm_kernel_trains(source: NotebookRunner) -> None:
    shown = run_cells(source, *TRAIN, EXACT_LINE.train, "print(losses[-1] < losses[0])")
    assert shown[-1] == "True"


def test_it_warms_up_before_a_kernel_is_asked_for_and_ends_without_one() -> None:
    before = set(children(os.getpid()))
    kernels = WarmKernels(UNCONFINED)
    (zygote,) = set(children(os.getpid())) - before
    kernels.close()
    assert zygote not in children(os.getpid())


def test_a_kernel_reads_of_its_command_line_what_a_new_one_reads(source: NotebookRunner) -> None:
    cells = (
        "import sys; app = get_ipython().kernel.parent; sys.argv[1], sys.argv[3:]",
        "app.argv == sys.argv[1:], app.connection_file == sys.argv[2], app.extra_args",
        "sorted(app.config), app.config.HistoryManager, app.cli_config.HistoryManager",
        "app.config.IPKernelApp == app.cli_config.IPKernelApp == {'connection_file': sys.argv[2]}",
    )
    fresh = NotebookRunner(FreshKernels(UNCONFINED))
    shown = run_cells(source, *cells)
    assert shown == run_cells(fresh, *cells)
    assert shown[1] == "(True, True, [])"
    assert shown[3] == "True"
    fresh.close()


def test_two_kernels_begin_alike_and_share_neither_names_nor_folders(
    source: NotebookRunner,
) -> None:
    cells = (
        "import os, random, numpy, torch",
        "print(random.random())",
        "print(numpy.random.rand())",
        "print(torch.nn.Linear(1, 1).weight.item())",
        "print(os.getcwd(), os.environ['HOME'])",
    )
    first = run_cells(source, *cells)[1:]
    second = run_cells(source, "random", *cells)
    assert second[0] == "NameError"
    *numbers, folders = first
    *numbers_again, other_folders = second[2:]
    assert numbers == numbers_again
    assert folders != other_folders


def test_a_kernel_has_only_what_was_imported(source: NotebookRunner) -> None:
    shown = run_cells(
        source,
        "import matplotlib\nmatplotlib.pyplot",
        "import matplotlib.pyplot as plt\nmatplotlib.pyplot is plt",
        "import torch\ntorch.nn.functional is __import__('sys').modules['torch.nn.functional']",
    )
    assert shown == ["AttributeError", "True", "True"]


def test_a_warm_kernel_shows_the_same_modules_as_a_fresh_one(source: NotebookRunner) -> None:
    show = "import sys; print(*sorted(n for n in sys.modules if n.startswith({})))"
    cells = [
        f"import {name}\n" + show.format(("numpy", "torch", "matplotlib"))
        for name in ("sys", "numpy", "torch", "matplotlib")
    ]
    fresh = NotebookRunner(FreshKernels(UNCONFINED))
    assert run_cells(source, *cells) == run_cells(fresh, *cells)
    fresh.close()


def test_figures_are_shown(source: NotebookRunner) -> None:
    run = execute(source, "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()")
    assert [output.kind for output in run.runs[0].outputs] == [OutputKind.PNG]


def test_a_kernel_writes_no_history(source: NotebookRunner) -> None:
    shown = run_cells(source, "1 + 1", "get_ipython().history_manager.enabled", "In[1], Out[1]")
    assert shown == ["2", "False", "('1 + 1', 2)"]


def test_a_kernel_knows_nothing_of_the_grader(
    source: NotebookRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADER_SECRET", "2x + 1")
    shown = run_cells(
        source,
        "import os, sys\n"
        "[name for name in sys.modules if name.startswith('grader') and name != 'grader']",
        "sorted(name for name in vars(sys.modules['grader']) if name[0] != '_')",
        "'GRADER_SECRET' in os.environ or 'SECRET' in open('/proc/self/environ').read()",
        f"[path for path in sys.path if path == {str(Path.cwd())!r}]",
    )
    # But for what makes `from grader import check` do nothing.
    assert shown == ["[]", "['check', 'hint']", "False", "[]"]


def test_when_a_kernel_ends_then_everything_it_started_ends(source: NotebookRunner) -> None:
    mark = uuid.uuid4().hex
    assert run_cells(source, straggler(mark), count_of(mark))[-1] != "0"
    assert not processes_with(mark)


def test_a_loop_without_end_is_ended(source: NotebookRunner) -> None:
    assert execute(source, LOOP, timeout_s=1).outcome is Outcome.TIMED_OUT
    assert run_cells(source, "1 + 1") == ["2"]


def test_when_a_student_kills_the_keeper_then_nothing_stays_and_the_next_kernel_works(
    source: NotebookRunner,
) -> None:
    mark = uuid.uuid4().hex
    run = execute(source, straggler(mark), KILL_KEEPER, "import time; time.sleep(9)")
    assert run.outcome is Outcome.KERNEL_DIED
    assert run.suspicions
    assert run_cells(source, "1 + 1") == ["2"]
    assert not processes_with(mark)


def test_when_the_warm_process_is_killed_then_its_notebook_is_run_again(
    source: NotebookRunner, tmp_path: Path
) -> None:
    once = (
        f"import os, pathlib; first = not pathlib.Path('{tmp_path}/here').exists()\n"
        f"pathlib.Path('{tmp_path}/here').touch()\n"
        f"if first: os.kill({ZYGOTE}, 9); import time; time.sleep(30)"
    )
    run = execute(source, once, "1 + 1")
    assert run.outcome is Outcome.COMPLETED
    assert [output.content for output in run.runs[1].outputs] == ["2"]


def test_eight_kernels_run_at_once(source: NotebookRunner) -> None:
    def train(number: int) -> list[str]:
        return run_cells(source, *TRAIN, EXACT_LINE.train, f"print({number}, len(losses))")

    with ThreadPoolExecutor(8) as students:
        shown = [each[-1] for each in students.map(train, range(8))]
    assert shown == [f"{number} 100" for number in range(8)]


def test_fifty_kernels_leave_no_file_open_and_no_folder(source: NotebookRunner) -> None:
    run_cells(source, "None")
    before = open_files()
    with ThreadPoolExecutor(2) as students:
        folders = list(students.map(lambda cell: run_cells(source, cell), [WHERE] * 50))
    assert open_files() <= before
    assert not [folder for (folder,) in folders if Path(folder).exists()]


def test_where_no_warm_process_can_live_kernels_are_fresh(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(warm, "PROGRAM", "grader.kernels.no_such_program")
    runner = NotebookRunner(WarmKernels(UNCONFINED))
    assert run_cells(runner, "1 + 1") == ["2"]
    assert "no_such_program" in caplog.text
    runner.close()


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
