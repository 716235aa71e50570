"""The grader's side of driving: hands tasks to driver processes, and reads what they report."""

from __future__ import annotations

import socket
import threading
from contextlib import closing, contextmanager, suppress
from subprocess import TimeoutExpired
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from grader.execution.events import EVENT, Lost
from grader.execution.task import TASK
from grader.kernels.booting import start_program

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

    from grader.execution.events import Event
    from grader.execution.task import Task

PROGRAM: Final = "grader.execution.driver"
PATIENCE_S: Final = 5.0
# An answer has 12 million characters, of which those of Chinese take three bytes each, and every
# quotation mark two; all that a notebook shows has 20 million.
LONGEST_EVENT: Final = 40 << 20
MOST_TOLD: Final = 120 << 20


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
