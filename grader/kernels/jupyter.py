"""jupyter_client's manager and client for a kernel in a private folder, without their waits."""

from __future__ import annotations

import sys
import time
from queue import Empty
from typing import TYPE_CHECKING

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from grader.kernels.provisioner import LeashedProvisioner

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from grader.kernels.folder import PrivateFolder
    from grader.kernels.keeper import Launch
    from grader.kernels.leash import Leash

REPLY_S = 0.5
ECHO_S = 0.1


class PromptKernelClient(AsyncKernelClient):
    """A client with the two channels that running a notebook takes, ready without a fixed pause."""

    def start_channels(
        self,
        shell: bool = True,
        iopub: bool = True,
        stdin: bool = False,
        hb: bool = False,
        control: bool = False,
    ) -> None:
        """Start the channels; by default only those for requests and for what they show."""
        super().start_channels(shell=shell, iopub=iopub, stdin=stdin, hb=hb, control=control)

    def stop_channels(self) -> None:
        """Stop the channels that were started."""
        for channel in (
            self._shell_channel,
            self._iopub_channel,
            self._stdin_channel,
            self._hb_channel,
            self._control_channel,
        ):
            if channel is not None and channel.is_alive():
                channel.stop()
        if self._created_context and not self.context.closed:
            self.context.destroy(linger=0)

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel answers and is heard to have answered.

        Raises RuntimeError when the kernel dies, or does not answer within `timeout` seconds.
        """
        deadline = time.monotonic() + (float("inf") if timeout is None else timeout)
        while not await self._answers():
            if not await self.is_alive():
                msg = "Kernel died before replying to kernel_info"
                raise RuntimeError(msg)
            if time.monotonic() > deadline:
                msg = f"Kernel didn't respond in {timeout} seconds"
                raise RuntimeError(msg)

    async def _answers(self) -> bool:
        """Ask who is there; hearing that the answer is finished shows that no output gets lost."""
        request = self.kernel_info()
        try:
            reply = await self._recv_reply(request, timeout=REPLY_S)
            while True:
                message = await self.get_iopub_msg(timeout=ECHO_S)
                about = message["parent_header"].get("msg_id")
                if about == request and message["content"].get("execution_state") == "idle":
                    break
        except (Empty, TimeoutError):
            return False
        self._handle_kernel_info_reply(reply)
        return True


class PrivateKernelManager(AsyncKernelManager):
    """Runs this interpreter's own kernel in a private folder, and removes the folder afterwards.

    Whoever drives the kernel ends it by `shutdown_kernel()`; nbclient does so when its
    `async_setup_kernel` gets `cleanup_kc=True`. A shutdown is always immediate: a polite one costs
    a second of interpreter teardown and serves nothing but the student's exit handlers.
    """

    def __init__(
        self,
        folder: PrivateFolder,
        start: Callable[[Launch], Awaitable[Leash]] | None = None,
    ) -> None:
        stem = folder.socket_stem
        address = {"transport": "ipc", "ip": str(stem)} if stem else {}
        super().__init__(
            kernel_name="private", connection_file=str(folder.connection_file), **address
        )
        self.client_factory = PromptKernelClient
        self._folder = folder
        self._kernel_spec = KernelSpec(
            argv=[
                *(sys.executable, "-m", "ipykernel_launcher"),
                *("-f", "{connection_file}"),
                "--HistoryManager.hist_file=:memory:",
            ],
            display_name="Python 3",
            language="python",
        )
        if start:
            self.provisioner = LeashedProvisioner(start, folder, self._kernel_spec, self)

    async def start_kernel(self, **options: object) -> None:  # type: ignore[override]
        """Start the kernel, in its folder whatever `options` say."""
        surroundings = {"env": self._folder.environment(), "cwd": str(self._folder.work)}
        command, rest = await self.pre_start_kernel(**{**options, **surroundings})
        await self._async_launch_kernel(command, **rest)
        await self.post_start_kernel(**rest)

    async def shutdown_kernel(self, now: bool = True, restart: bool = False) -> None:  # type: ignore[override]  # noqa: ARG002
        """End the kernel with all that it started, and remove its folder; may be called again."""
        self.shutting_down = True
        await self._async_kill_kernel(restart=restart)
        await self.cleanup_resources(restart=restart)

    async def cleanup_resources(self, restart: bool = False) -> None:  # type: ignore[override]
        """Let go of sockets and processes; remove the folder unless the kernel is to restart."""
        await self._async_cleanup_resources(restart=restart)
        if not restart:
            self._folder.remove()

    async def _async_wait(self, pollinterval: float = 0.1) -> None:  # noqa: ARG002
        if self.provisioner:
            await self.provisioner.wait()
