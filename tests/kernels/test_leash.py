from __future__ import annotations

import asyncio
import os
import signal
import socket
from typing import TYPE_CHECKING

import pytest

from grader.isolation.launch import Ending, Launch
from grader.kernels.leash import KernelFailedError, KernelLostError, Leash
from tests.kernels.running import linux_only

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = linux_only

LAUNCH = Launch(("python",), {}, "/w", "room", "")


class Held:
    """A leash with the test at the keeper's end."""

    def __init__(self) -> None:
        ours, self.keeper = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.leash = Leash(ours)


@pytest.fixture
def held() -> Iterator[Held]:
    held = Held()
    yield held
    held.leash.close()
    held.keeper.close()


def test_a_kernel_has_started_when_it_says_that_it_is_ready(held: Held) -> None:
    held.keeper.send(b"ready")
    asyncio.run(held.leash.start(LAUNCH))
    assert Launch.decode(held.keeper.recv(4096)) == LAUNCH
    assert held.leash.door is None


def test_the_door_of_its_room_comes_with_a_kernel(held: Held, tmp_path: Path) -> None:
    with (tmp_path / "door").open("w") as door:
        socket.send_fds(held.keeper, [b"ready"], [door.fileno()])
    asyncio.run(held.leash.start(LAUNCH))
    assert held.leash.door is not None
    os.close(held.leash.door)


def test_a_kernel_that_ends_before_it_is_ready_is_lost(held: Held) -> None:
    held.keeper.send(b"ended 1 ")
    with pytest.raises(KernelLostError):
        asyncio.run(held.leash.start(LAUNCH))


def test_a_kernel_is_lost_when_its_keeper_is_gone(held: Held) -> None:
    held.keeper.close()
    with pytest.raises(KernelLostError):
        asyncio.run(held.leash.start(LAUNCH))


def test_a_keeper_says_why_it_cannot_start_a_kernel(held: Held) -> None:
    held.keeper.send(b"failed no room left")
    with pytest.raises(KernelFailedError, match="no room left"):
        asyncio.run(held.leash.start(LAUNCH))


def test_the_limit_that_a_kernel_exceeded_is_told(held: Held) -> None:
    held.keeper.send(b"ended -9 memory")
    held.leash.poll()
    assert held.leash.ending == Ending(-9, "memory")


def test_a_running_kernel_has_no_status(held: Held) -> None:
    assert held.leash.poll() is None


def test_the_status_is_what_the_keeper_reports(held: Held) -> None:
    held.keeper.send(b"ended -11 ")
    assert held.leash.poll() == -11
    assert asyncio.run(held.leash.ended()) == -11


def test_without_a_keeper_a_kernel_counts_as_killed(held: Held) -> None:
    held.keeper.close()
    assert asyncio.run(held.leash.ended()) == -signal.SIGKILL


def test_a_keepers_last_word_is_heard_even_if_it_left_a_wish_unread(held: Held) -> None:
    held.leash.send_signal(signal.SIGINT)
    held.keeper.send(b"ended 3 ")
    held.keeper.close()
    assert asyncio.run(held.leash.ended()) == 3


def test_a_signal_is_passed_to_the_keeper(held: Held) -> None:
    held.leash.send_signal(signal.SIGINT)
    assert held.keeper.recv(10) == b"2"


def test_letting_go_tells_the_keeper(held: Held) -> None:
    held.leash.kill()
    assert held.keeper.recv(10) == b""


def test_a_closed_leash_may_be_closed_again(held: Held) -> None:
    held.leash.close()
    held.leash.close()
    assert held.leash.poll() == -signal.SIGKILL
