from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from grader.errors import KernelLostError
from grader.isolation.launch import Ending, Launch
from grader.isolation.places import PrivateFolder
from grader.isolation.room import build_room
from grader.isolation.tiers import NONE
from grader.kernels.booting import start_program
from grader.kernels.leash import Leash
from grader.kernels.provisioner import LeashedProvisioner, follow
from tests.kernels.running import linux_only

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Provide = Callable[..., LeashedProvisioner]

pytestmark = linux_only

# For good, so in a process of its own; the loopback is up in a room.
FOLLOWING = """
import socket, sys
from grader.kernels.provisioner import follow
follow(int(sys.argv[1]))
with socket.create_server(("127.0.0.1", 5001)):
    print(*(name for _, name in socket.if_nameindex()))
rows = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(int(rows["CapEff"], 16))
"""


@pytest.fixture
def provide() -> Iterator[Provide]:
    """Makes a provisioner for a program, with a keeper of its own."""
    folder = PrivateFolder()
    keepers: list[subprocess.Popen[bytes]] = []
    leashes: list[Leash] = []

    def provide(*program: str) -> LeashedProvisioner:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            keepers.append(start_program("grader.kernels.keeper", theirs))
        leashes.append(Leash(ours))
        launch = Launch(program, {}, str(folder.path), NONE, "")
        return LeashedProvisioner(leashes[-1], launch, KernelSpec(), AsyncKernelManager())

    yield provide
    for leash, keeper in zip(leashes, keepers, strict=True):
        leash.close()
        keeper.wait(10)
    folder.remove()


def test_a_kernel_that_was_never_launched_has_ended_well(provide: Provide) -> None:
    async def never_launched() -> None:
        provisioner = provide("/bin/true")
        assert not provisioner.has_process
        assert await provisioner.poll() == 0
        assert await provisioner.wait() == 0
        await provisioner.send_signal(signal.SIGINT)

    asyncio.run(never_launched())


def test_a_kernel_is_there_until_it_was_waited_for(provide: Provide) -> None:
    async def terminated() -> None:
        provisioner = provide("/bin/sleep", "60")
        await provisioner.launch_kernel([])
        assert provisioner.has_process
        assert await provisioner.poll() is None
        assert provisioner.ending is None
        await provisioner.terminate()
        assert await provisioner.wait() == -signal.SIGTERM
        assert not provisioner.has_process
        assert provisioner.ending == Ending(-signal.SIGTERM)

    asyncio.run(terminated())


def test_what_is_launched_is_what_the_launch_says(provide: Provide) -> None:
    options = asyncio.run(provide("/bin/true").pre_launch(env={}, cmd=["/bin/false"]))
    assert options == {"env": {}, "cmd": ["/bin/true"]}


def test_a_killed_kernel_has_a_status_that_says_so(provide: Provide) -> None:
    async def killed() -> None:
        provisioner = provide("/bin/sleep", "60")
        await provisioner.launch_kernel([])
        await provisioner.kill()
        assert await provisioner.wait() == -signal.SIGKILL

    asyncio.run(killed())


def test_a_kernel_that_was_let_go_of_is_no_longer_there(provide: Provide) -> None:
    async def let_go() -> None:
        provisioner = provide("/bin/sleep", "60")
        await provisioner.launch_kernel([])
        await provisioner.cleanup()
        assert not provisioner.has_process

    asyncio.run(let_go())


@pytest.mark.environment
@pytest.mark.usefixtures("sealed")
def test_whoever_follows_a_kernel_is_in_its_network_and_has_no_privilege_left() -> None:
    room = build_room()
    followed = subprocess.run(
        [sys.executable, "-c", FOLLOWING, str(room.door)],
        pass_fds=[room.door],
        # Who is no superuser can only enter with a single thread.
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    room.close()
    assert followed.stdout.split() == ["lo", "0"]


def test_a_kernel_whose_room_has_fallen_is_lost() -> None:
    gone = subprocess.Popen(["true"])
    door = os.pidfd_open(gone.pid)
    gone.wait()
    with pytest.raises(KernelLostError):
        follow(door)
