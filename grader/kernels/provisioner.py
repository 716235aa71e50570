"""jupyter_client's door to kernels on a leash."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase

from grader.isolation import syscalls
from grader.kernels.leash import KernelLostError

if TYPE_CHECKING:
    from jupyter_client.connect import KernelConnectionInfo
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    from grader.isolation.launch import Ending, Launch
    from grader.kernels.leash import Leash


class LeashedProvisioner(KernelProvisionerBase):
    """Has a keeper start what `launch` says, and follows the kernel into its network."""

    def __init__(
        self, leash: Leash, launch: Launch, kernel_spec: KernelSpec, parent: AsyncKernelManager
    ) -> None:
        super().__init__(kernel_spec=kernel_spec, parent=parent)
        self._leash = leash
        self._launch = launch
        self._manager = parent
        self._there = False

    @property
    def has_process(self) -> bool:
        """Whether there is a kernel, dead or alive, that was not cleaned up yet."""
        return self._there

    @property
    def ending(self) -> Ending | None:
        """How the kernel ended, or None while it runs."""
        return self._leash.ending

    async def pre_launch(self, **options: object) -> dict[str, Any]:
        """Nothing is left to prepare: the launch says it all."""
        return {**options, "cmd": list(self._launch.argv)}

    async def launch_kernel(self, cmd: list[str], **_: object) -> KernelConnectionInfo:  # noqa: ARG002
        """Start the kernel; raises KernelLostError or KernelFailedError."""
        self._there = True
        await self._leash.start(self._launch)
        if self._leash.door is not None:
            follow(self._leash.door)
        return self._manager.get_connection_info()

    async def poll(self) -> int | None:
        """The kernel's exit status, or None while it runs."""
        return self._leash.poll() if self._there else 0

    async def wait(self) -> int | None:
        """Wait until nothing of the kernel is left; its exit status."""
        if not self._there:
            return 0
        status = await self._leash.ended()
        self._release()
        return status

    async def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel and the processes that stayed in its group."""
        if self._there:
            self._leash.send_signal(signum)

    async def kill(self, restart: bool = False) -> None:  # noqa: ARG002
        """Begin the end of the kernel and of all that it started."""
        self._leash.kill()

    async def terminate(self, restart: bool = False) -> None:  # noqa: ARG002
        """Ask the kernel to end."""
        await self.send_signal(signal.SIGTERM)

    async def cleanup(self, restart: bool = False) -> None:  # noqa: ARG002
        """Let go of the kernel, whatever state it is in."""
        self._release()

    def _release(self) -> None:
        self._leash.close()
        self._there = False


def follow(door: int) -> None:
    """Move this process into the network behind a door, for good, and without any privilege.

    To be called by a process with one thread that serves this one kernel only; raises
    KernelLostError where the room has fallen already.
    """
    own_users = 0 if os.geteuid() == 0 else syscalls.CLONE_NEWUSER
    try:
        syscalls.setns(door, syscalls.CLONE_NEWNET | own_users)
    except ProcessLookupError as error:
        raise KernelLostError("its room is gone") from error
    finally:
        os.close(door)
    syscalls.bound_capabilities()
    syscalls.drop_capabilities()
