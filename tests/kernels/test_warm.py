from __future__ import annotations

import asyncio
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from grader.kernels import warm
from grader.kernels.fresh import FreshKernels
from grader.kernels.warm import WarmKernels
from tests.kernels.running import count_of, linux_only, processes_with, run_cells, straggler
from tests.notebooks import EXACT_LINE, SETUP

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.kernel, linux_only]

TRAIN = (SETUP, EXACT_LINE.data, EXACT_LINE.model, EXACT_LINE.loss, EXACT_LINE.optimizer)
ZYGOTE = "int(open(f'/proc/{os.getppid()}/stat').read().rpartition(')')[2].split()[1])"
KILL_KEEPER = "os.killpg(os.getpgid(os.getppid()), 9)"
WHERE = "import os; print(os.getcwd())"
LOOP = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"


@pytest.fixture(scope="module")
def source() -> Iterator[WarmKernels]:
    kernels = WarmKernels()
    yield kernels
    kernels.close()


def test_a_warm_kernel_trains(source: WarmKernels) -> None:
    shown = run_cells(source, *TRAIN, EXACT_LINE.train, "print(losses[-1] < losses[0])")
    assert shown[-1] == "True"


def test_two_kernels_share_neither_numbers_nor_names_nor_folders(source: WarmKernels) -> None:
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
    assert not set(first) & set(second)


def test_a_kernel_has_only_what_was_imported(source: WarmKernels) -> None:
    shown = run_cells(
        source,
        "import matplotlib\nmatplotlib.pyplot",
        "import torch\ntorch.distributed.fsdp",
        "import matplotlib.pyplot as plt\nmatplotlib.pyplot is plt",
        "torch.nn.functional is __import__('sys').modules['torch.nn.functional']",
    )
    assert shown == ["AttributeError", "AttributeError", "True", "True"]


def test_a_warm_kernel_shows_the_same_modules_as_a_fresh_one(source: WarmKernels) -> None:
    show = "import sys; print(*sorted(n for n in sys.modules if n.startswith({})))"
    cells = [
        f"import {name}\n" + show.format(("numpy", "torch", "matplotlib"))
        for name in ("sys", "numpy", "torch", "matplotlib")
    ]
    fresh = FreshKernels()
    assert run_cells(source, *cells) == run_cells(fresh, *cells)
    fresh.close()


def test_figures_are_shown(source: WarmKernels) -> None:
    shown = run_cells(source, "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()")
    assert shown == ["<Figure size 640x480 with 1 Axes>"]


def test_the_history_of_a_kernel_stays_in_memory(source: WarmKernels) -> None:
    assert run_cells(source, "get_ipython().history_manager.hist_file") == ["':memory:'"]


def test_a_kernel_knows_nothing_of_the_grader(
    source: WarmKernels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADER_SECRET", "2x + 1")
    shown = run_cells(
        source,
        "import os, sys\n[name for name in sys.modules if name.startswith('grader')]",
        "'GRADER_SECRET' in os.environ or 'SECRET' in open('/proc/self/environ').read()",
        f"[path for path in sys.path if path == {str(Path.cwd())!r}]",
    )
    assert shown == ["[]", "False", "[]"]


def test_when_a_kernel_ends_then_everything_it_started_ends(source: WarmKernels) -> None:
    mark = uuid.uuid4().hex
    assert run_cells(source, straggler(mark), count_of(mark))[-1] != "0"
    assert not processes_with(mark)


def test_a_loop_without_end_is_ended(source: WarmKernels) -> None:
    with pytest.raises(CellTimeoutError):
        run_cells(source, LOOP, timeout_s=1)
    assert run_cells(source, "1 + 1") == ["2"]


def test_when_a_student_kills_the_keeper_then_nothing_stays_and_the_next_kernel_works(
    source: WarmKernels,
) -> None:
    mark = uuid.uuid4().hex
    with pytest.raises(DeadKernelError):
        run_cells(source, straggler(mark), KILL_KEEPER, "import time; time.sleep(9)")
    assert run_cells(source, "1 + 1") == ["2"]
    assert not processes_with(mark)


def test_when_the_warm_process_is_killed_then_the_kernel_lives_and_the_next_one_starts(
    source: WarmKernels,
) -> None:
    shown = run_cells(source, f"import os; os.kill({ZYGOTE}, 9)", "1 + 1")
    assert shown == ["", "2"]
    assert run_cells(source, "1 + 1") == ["2"]


def test_eight_kernels_run_at_once(source: WarmKernels) -> None:
    def train(number: int) -> list[str]:
        return run_cells(source, *TRAIN, EXACT_LINE.train, f"print({number}, len(losses))")

    with ThreadPoolExecutor(8) as students:
        shown = [each[-1] for each in students.map(train, range(8))]
    assert shown == [f"{number} 100" for number in range(8)]


def test_fifty_kernels_leave_no_file_open_and_no_folder(source: WarmKernels) -> None:
    run_cells(source, "None")
    before = open_files()
    with ThreadPoolExecutor(2) as students:
        folders = list(students.map(lambda cell: run_cells(source, cell), [WHERE] * 50))
    assert open_files() <= before
    assert not [folder for (folder,) in folders if Path(folder).exists()]


def test_closing_ends_a_kernel_that_nobody_shut_down() -> None:
    async def started_and_closed() -> bool:
        kernels = WarmKernels()
        kernel = kernels.new_kernel()
        await kernel.start_kernel()
        alive = await kernel.is_alive()
        kernels.close()
        outlived = await kernel.is_alive()
        await kernel.shutdown_kernel()
        return alive and not outlived

    assert asyncio.run(started_and_closed())


def test_where_no_warm_process_can_live_kernels_are_fresh(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(warm, "BOOT", "raise SystemExit('two threads')")
    kernels = WarmKernels()
    assert run_cells(kernels, "1 + 1") == ["2"]
    assert "two threads" in caplog.text
    kernels.close()


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
