from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from grader.isolation import limits
from tests.kernels.running import linux_only

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Start = Callable[[str], int]

pytestmark = linux_only

MIB = 1 << 20
# 64 MiB that a parent and two children hold, either the same or each its own.
FAMILY = """
import os, sys, time
kept = bytearray(b"x" * (64 << 20))
for _ in range(2):
    if os.fork() == 0:
        {then}
        print("child", flush=True)
        time.sleep(60)
print("parent", flush=True)
time.sleep(60)
"""


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a program, and returns its process id once it has spoken three times."""
    started: list[subprocess.Popen[bytes]] = []

    def start(source: str) -> int:
        program = subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE)
        started.append(program)
        assert program.stdout is not None
        for _ in range(3):
            assert program.stdout.readline()
        return program.pid

    yield start
    for program in started:
        for process in reversed(limits.family(program.pid)):
            os.kill(process, 9)
        program.communicate()


def test_a_bound_that_is_lower_already_stays() -> None:
    lower = "import resource, sys\nresource.setrlimit(resource.RLIMIT_CPU, (9, 10))\n"
    bound = "from grader.isolation import limits\nlimits.bound_this_process(counted_alone=False)\n"
    tell = "print(resource.getrlimit(resource.RLIMIT_CPU))"
    shown = subprocess.run(
        [sys.executable, "-c", lower + bound + tell], capture_output=True, check=True, text=True
    )
    assert shown.stdout == "(10, 10)\n"


def test_memory_that_was_shared_by_a_fork_is_counted_once(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MEMORY", 150 * MIB)
    family = limits.family(start(FAMILY.format(then="pass")))
    assert len(family) == 3
    assert limits.exceeded(family) == ""


def test_memory_that_each_process_has_for_itself_is_added_up(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MEMORY", 150 * MIB)
    family = limits.family(start(FAMILY.format(then="kept[:] = bytes(len(kept))")))
    assert limits.exceeded(family) == "memory"


def test_a_crowd_is_too_much_whatever_it_holds(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PROCESSES", 2)
    family = limits.family(start(FAMILY.format(then="pass")))
    assert limits.exceeded(family) == "processes"


def test_a_process_that_is_gone_holds_nothing() -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    assert limits.family(gone.pid) == []
    assert limits.exceeded([gone.pid]) == ""


def test_the_figures_leave_each_other_room() -> None:
    # Or a single process would hit a wall that says nothing of memory before the watch sees it.
    assert limits.MEMORY < limits.ADDRESS_SPACE
    assert limits.PROCESSES < limits.TASKS < resource.RLIM_INFINITY & (1 << 32)


# The first process takes in what loses its parent, as a kernel's keeper does.
HOPPER = """
import ctypes, os, time
PR_SET_CHILD_SUBREAPER = 36
ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
print(1, 2, 3, sep="\\n", flush=True)
until = time.monotonic() + 10
if os.fork() == 0:
    while time.monotonic() < until:
        if os.fork():
            os._exit(0)
while time.monotonic() < until:
    time.sleep(0.05)
    while os.waitpid(-1, os.WNOHANG)[0]:
        pass
"""
# WNOWAIT: each child has ended, and its end still waits to be noted.
ENDED = """
import os, time
for _ in range(20):
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
print(1, 2, 3, sep="\\n", flush=True)
time.sleep(60)
"""


def test_a_process_that_hops_from_fork_to_fork_is_no_crowd(start: Start) -> None:
    process = start(HOPPER)
    for _ in range(20):
        assert limits.exceeded(limits.family(process)) == ""
        time.sleep(0.01)


def test_what_has_ended_is_counted_no_more(start: Start) -> None:
    process = start(ENDED)
    assert len(limits.children(process)) == 20
    assert limits.family(process) == [process]
