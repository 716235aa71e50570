"""jupyter_client's door to kernels on a leash."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from grader.kernels.keeper import Launch

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from jupyter_client.connect import KernelConnectionInfo
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    from grader.kernels.folder import PrivateFolder
    from grader.kernels.leash import Leash


class LeashedProvisioner(LocalProvisioner):
    """Starts its kernel in a private folder, by a function that answers with the kernel's leash."""

    def __init__(
        self,
        start: Callable[[Launch], Awaitable[Leash]],
        folder: PrivateFolder,
        kernel_spec: KernelSpec,
        parent: AsyncKernelManager,
    ) -> None:
        super().__init__(kernel_spec=kernel_spec, parent=parent)
        self._start = start
        self._folder = folder
        self._leash: Leash | None = None

    @property
    def has_process(self) -> bool:
        """Whether there is a kernel, dead or alive, that was not cleaned up yet."""
        return self._leash is not None

    async def launch_kernel(self, cmd: list[str], **_: object) -> KernelConnectionInfo:
        """Start the kernel; the folder decides on its environment and working directory."""
        environment = self._folder.environment()
        launch = Launch(tuple(cmd), environment, str(self._folder.work))
        self._leash = await self._start(launch)
        return self.connection_info

    async def poll(self) -> int | None:
        """The kernel's exit status, or None while it runs."""
        return self._leash.poll() if self._leash else 0

    async def wait(self) -> int | None:
        """Wait until nothing of the kernel is left; its exit status."""
        if self._leash is None:
            return 0
        status = await self._leash.ended()
        self._release()
        return status

    async def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel and the processes that stayed in its group."""
        if self._leash:
            self._leash.send_signal(signum)

    async def kill(self, restart: bool = False) -> None:  # noqa: ARG002
        """Begin the end of the kernel and of all that it started."""
        if self._leash:
            self._leash.kill()

    async def terminate(self, restart: bool = False) -> None:  # noqa: ARG002
        """Ask the kernel to end."""
        await self.send_signal(signal.SIGTERM)

    async def cleanup(self, restart: bool = False) -> None:  # noqa: ARG002
        """Let go of the kernel, whatever state it is in."""
        self._release()

    def _release(self) -> None:
        if self._leash:
            self._leash.close()
            self._leash = None
