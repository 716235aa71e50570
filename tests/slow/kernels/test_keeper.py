from __future__ import annotations

import signal
import socket
import sys
import uuid

from grader.isolation.launch import MESSAGE_BYTES, Ending, Launch
from grader.isolation.tiers import NONE
from grader.kernels.booting import start_program
from tests.kernels.keeping import Kept
from tests.kernels.running import linux_only
from tests.slow.attacks.processes import processes_with

pytestmark = linux_only

READY_AND_WAITING = "import sys, time\nsys.stderr.write('here')\nsys.stderr.flush()\ntime.sleep(60)"
CROWD = "import os, time\nfor _ in range(9): os.system('sleep 60 &')\ntime.sleep(60)"
HOG = "import time\nkept = [b'x' * (1 << 20) for _ in range(200)]\ntime.sleep(60)"


def test_the_status_that_a_program_ends_with_is_told() -> None:
    with Kept("raise SystemExit(3)") as kept:
        assert kept.ending() == Ending(3)


def test_the_signal_that_ended_a_program_is_told() -> None:
    with Kept("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)") as kept:
        assert kept.ending() == Ending(-signal.SIGSEGV)


def test_a_signal_is_passed_on_to_the_program() -> None:
    with Kept(READY_AND_WAITING) as kept:
        kept.hear("here")
        kept.line.send(b"%d" % signal.SIGINT)
        assert kept.ending().status == -signal.SIGINT
        assert "KeyboardInterrupt" in kept.said


def test_when_the_driver_lets_go_then_nothing_is_left_of_what_the_program_started() -> None:
    mark = uuid.uuid4().hex
    stray = f"import os\nos.system('setsid sh -c \"sleep 60; : {mark}\" &')\n"
    with Kept(stray + READY_AND_WAITING) as kept:
        kept.hear("here")
        assert processes_with(mark)
        kept.line.close()
        assert kept.keeper.wait(10) == 0
        assert not processes_with(mark)


def test_when_the_program_ends_by_itself_then_what_it_left_running_ends_too() -> None:
    mark = uuid.uuid4().hex
    stray = f"import os\nos.system('setsid sh -c \"sleep 60; : {mark}\" & exit')"
    with Kept(stray) as kept:
        assert kept.ending() == Ending(0)
        kept.keeper.wait(10)
        assert not processes_with(mark)


def test_a_program_that_takes_too_much_memory_is_ended_and_it_is_said_why() -> None:
    with Kept(HOG, limits="limits.MEMORY = 100 << 20") as kept:
        assert kept.ending() == Ending(-signal.SIGKILL, "memory")


def test_a_program_that_becomes_a_crowd_is_ended_and_it_is_said_why() -> None:
    with Kept(CROWD, limits="limits.PROCESSES = 6") as kept:
        assert kept.ending() == Ending(-signal.SIGKILL, "processes")


def test_a_program_that_cannot_be_started_is_told_with_the_reason() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        keeper = start_program("grader.kernels.keeper", theirs)
        theirs.close()
        ours.send(Launch((sys.executable,), {}, "/no/such/folder", NONE, "").encode())
        assert ours.recv(MESSAGE_BYTES).startswith(b"failed FileNotFoundError")
    keeper.wait(10)


def test_a_keeper_whose_driver_never_asks_for_anything_ends_in_peace() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        keeper = start_program("grader.kernels.keeper", theirs)
    ours.close()
    assert keeper.wait(10) == 0
