"""Runs notebooks: the one object that a command opens, hands down and closes."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from contextlib import closing, contextmanager, suppress
from subprocess import TimeoutExpired
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from grader.execution.driver import Run
from grader.execution.events import EVENT, TASK, Gathering, Lost, Task
from grader.isolation.tiers import TIERS
from grader.kernels.booting import start_program
from grader.kernels.sources import kernel_source

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from grader.execution.cells import Limits
    from grader.execution.events import Event
    from grader.kernels import KernelSource
    from grader.models import Execution, Isolation, Plan

# A driver, its keeper or the warm process may be lost by bad luck once, but not repeatedly.
ATTEMPTS: Final = 3
# What starting may take beyond the notebook's own time, and our own questions, which take as long.
STARTING_S: Final = 60.0
PROGRAM: Final = "grader.execution.driver_host"
PATIENCE_S: Final = 5.0
# An answer has 12 million characters, of which those of Chinese take three bytes each, and every
# quotation mark two; all that a notebook shows has 20 million.
LONGEST_EVENT: Final = 40 << 20
MOST_TOLD: Final = 120 << 20


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
        """How well students' code is isolated."""
        return self._kernels.isolation

    def run(self, plan: Plan, limits: Limits) -> Execution:
        """Run every cell of the plan; a student's fault is a value."""
        limits = limits.shared_by(self._jobs)
        began = time.perf_counter()
        until = began + limits.notebook_s + limits.asking_s + STARTING_S
        for _ in range(ATTEMPTS):
            gathering = self._gather(plan, limits, until - time.perf_counter())
            # A run that was ended late was not ended by bad luck; the same would happen again.
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


@contextmanager
def _given_up_after(patience_s: float, driver: socket.socket) -> Iterator[threading.Event]:
    """Stop reading from a driver after this time, even if it keeps sending a little."""
    over = threading.Event()

    def give_up() -> None:
        over.set()
        with suppress(OSError):
            driver.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(patience_s, give_up)
    timer.daemon = True
    timer.start()
    try:
        yield over
    finally:
        timer.cancel()


class Drivers:
    """Starts the program that forks drivers with the first task, and again if it was lost."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._program: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def drive(self, task: Task, line: socket.socket, patience_s: float) -> Iterator[Event]:
        """What the task's driver reports; `Lost` if it ends too early, or does not end in time."""
        ours, theirs = socket.socketpair()
        with line, theirs:
            self._send(theirs.fileno(), line.fileno())
        waiting = _given_up_after(patience_s, ours)
        with closing(ours), waiting as over, ours.makefile("rwb") as driver:
            told = 0
            try:
                driver.write(TASK.dump_json(task) + b"\n")
                driver.flush()
                # A line that is too long is cut, and cannot be read; it may be a buffer longer.
                while event := driver.readline(min(LONGEST_EVENT, max(0, MOST_TOLD - told))):
                    told += len(event)
                    yield EVENT.validate_json(event)
                if over.is_set():
                    yield Lost()
            except (OSError, ValidationError):
                yield Lost()

    def close(self) -> None:
        """End all drivers."""
        with self._lock:
            self._end()

    def _send(self, *given: int) -> None:
        with self._lock:
            if self._control and self._program and self._program.poll() is None:
                try:
                    socket.send_fds(self._control, [b"d"], given)
                except OSError:
                    pass  # it is dying: its end of the socket goes before the process does
                else:
                    return
            self._end()
            socket.send_fds(self._start(), [b"d"], given)

    def _start(self) -> socket.socket:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._program = start_program(PROGRAM, theirs)
        return self._control

    def _end(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._program is not None:
            try:
                self._program.wait(PATIENCE_S)
            except TimeoutExpired:
                self._program.kill()
                self._program.wait()
        self._program = self._control = None
