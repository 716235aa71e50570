from __future__ import annotations

import os
import signal
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.execution.cells import Limits
from grader.execution.events import EVENT, Broke, Lost, Recorded, Task
from grader.execution.runner import LONGEST_EVENT, MOST_TOLD, PROGRAM, Drivers
from grader.isolation import limits
from grader.isolation.launch import MESSAGE_BYTES
from grader.isolation.tiers import NONE
from tests.kernels.running import cells_of, linux_only

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.execution.events import Event

pytestmark = linux_only

TASK = Task(cells_of("1 + 1"), Limits(), NONE)
PATIENT_S, IMPATIENT_S = 60.0, 0.5


@pytest.fixture(scope="module")
def drivers() -> Iterator[Drivers]:
    with closing(Drivers()) as drivers:
        yield drivers


def test_a_line_to_a_keeper_that_is_gone_is_lost(drivers: Drivers) -> None:
    assert driven(drivers, keeper_says=None) == [Lost()]


def test_a_keeper_that_cannot_start_a_kernel_is_told_with_its_reason(drivers: Drivers) -> None:
    told = driven(drivers, keeper_says=b"failed no room left")
    assert told == [Broke("KernelFailedError: no room left")]


def test_a_driver_that_says_nothing_for_too_long_is_lost(drivers: Drivers) -> None:
    ours, keeper = a_line()
    with keeper:
        assert list(drivers.drive(TASK, ours, IMPATIENT_S)) == [Lost()]


def test_a_task_after_the_program_was_killed_is_done_by_a_new_one() -> None:
    others = programs()
    with closing(Drivers()) as drivers:
        driven(drivers, keeper_says=None)
        [first] = programs() - others
        os.kill(first, signal.SIGKILL)
        os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
        told = driven(drivers, keeper_says=b"failed again")
        assert told == [Broke("KernelFailedError: again")]
        [second] = programs() - others
    assert second != first


def test_a_driver_that_is_killed_on_the_way_tells_no_end() -> None:
    others = programs()
    ours, keeper = a_line()
    with closing(Drivers()) as drivers, keeper, ThreadPoolExecutor(1) as grader:
        told = grader.submit(lambda: list(drivers.drive(TASK, ours, PATIENT_S)))
        # The driver has asked for a kernel, and waits.
        assert keeper.recv(MESSAGE_BYTES)
        [program] = programs() - others
        os.kill(program, signal.SIGKILL)
        assert told.result() in ([], [Lost()])


def test_when_drivers_are_closed_then_their_program_ends_and_may_be_started_again() -> None:
    before = programs()
    drivers = Drivers()
    assert driven(drivers, keeper_says=None) == [Lost()]
    assert len(programs()) == len(before) + 1
    drivers.close()
    drivers.close()
    assert programs() == before
    assert driven(drivers, keeper_says=None) == [Lost()]
    drivers.close()


def a_line() -> tuple[socket.socket, socket.socket]:
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def driven(drivers: Drivers, keeper_says: bytes | None) -> list[Event]:
    """What is told of a task whose keeper says this at once, or is gone."""
    ours, keeper = a_line()
    with keeper:
        if keeper_says is None:
            keeper.close()
        else:
            keeper.send(keeper_says)
            keeper.shutdown(socket.SHUT_WR)
        return list(drivers.drive(TASK, ours, PATIENT_S))


def programs() -> set[int]:
    """The programs of this process that fork drivers, where they still live."""
    found = set()
    for child in limits.children(os.getpid()):
        with suppress(OSError):
            if PROGRAM.encode() in Path(f"/proc/{child}/cmdline").read_bytes():
                found.add(child)
    return found


A_BUFFER = 8192


class Talking(Drivers):
    """A driver that tells the same again and again, for as long as somebody hears it."""

    def __init__(self, line: bytes) -> None:
        super().__init__()
        self.line, self.told = line, 0

    def _send(self, *given: int) -> None:
        threading.Thread(target=self._talk, args=[socket.socket(fileno=os.dup(given[0]))]).start()

    def _talk(self, grader: socket.socket) -> None:
        with grader, suppress(OSError):
            while True:
                grader.sendall(self.line)
                self.told += len(self.line)


@pytest.mark.parametrize("length", [MOST_TOLD // 10, LONGEST_EVENT - 100, LONGEST_EVENT + 1])
def test_no_more_is_heard_of_a_driver_than_a_run_may_tell(length: int) -> None:
    record = EVENT.dump_json(Recorded("x" * length)) + b"\n"
    ours, keeper = a_line()
    with keeper:
        heard = 0
        for event in (drivers := Talking(record)).drive(TASK, ours, PATIENT_S):
            heard += len(event.record) if isinstance(event, Recorded) else 0
    assert heard <= MOST_TOLD + A_BUFFER
    assert drivers.told <= MOST_TOLD + 2 * LONGEST_EVENT
