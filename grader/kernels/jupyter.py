"""jupyter_client's client and managers for one kernel of one run, without their waits."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from queue import Empty
from typing import TYPE_CHECKING

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from grader.isolation.launch import Launch
from grader.isolation.places import Places, PrivateFolder
from grader.isolation.tiers import ROOM, ROOM_HOME
from grader.kernels.leash import KernelFailedError, Leash

if TYPE_CHECKING:
    import socket

    from grader.isolation.launch import Ending

REPLY_S = 0.5
ECHO_S = 0.1
# A room has all ports for itself.
PORTS = {"shell_port": 1, "iopub_port": 2, "stdin_port": 3, "hb_port": 4, "control_port": 5}
FIRST_PORT = 5000


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

    def execute(
        self,
        code: str,
        silent: bool = False,
        store_history: bool = True,
        user_expressions: dict[str, str] | None = None,
        allow_stdin: bool | None = None,
        stop_on_error: bool = True,
    ) -> str:
        """Ask for a cell to run; of one that leaves no history no hook of the notebook hears."""
        request: str = super().execute(
            code,
            silent or not store_history,
            store_history,
            user_expressions,
            allow_stdin,
            stop_on_error,
        )
        return request

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
    """Runs this interpreter's own kernel in places of its own.

    Whoever drives the kernel ends it by `shutdown_kernel()`. A shutdown is always immediate: a
    polite one costs a second of interpreter teardown and serves nothing but the student's exit
    handlers.
    """

    def __init__(self, places: Places, folder: PrivateFolder | None, **address: str | int) -> None:
        super().__init__(
            kernel_name="private", connection_file=str(places.connection_file), **address
        )
        self.client_factory = PromptKernelClient
        self.places = places
        self._folder = folder
        self.specification = KernelSpec(
            argv=[
                *(sys.executable, "-m", "ipykernel_launcher"),
                *("-f", "{connection_file}"),
                "--HistoryManager.enabled=False",
            ],
            display_name="Python 3",
            language="python",
        )
        self._kernel_spec = self.specification

    @property
    def ending(self) -> Ending | None:
        """How the kernel ended, as far as that is known."""
        return None

    async def start_kernel(self, **options: object) -> None:  # type: ignore[override]
        """Start the kernel, in its places whatever `options` say."""
        surroundings = {"env": self.places.environment(), "cwd": str(self.places.work)}
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
        if self._folder and not restart:
            self._folder.remove()

    async def _async_wait(self, pollinterval: float = 0.1) -> None:  # noqa: ARG002
        if self.provisioner:
            await self.provisioner.wait()


class LeashedKernelManager(PrivateKernelManager):
    """Runs a kernel at the other end of a line; its driver follows it into its room."""

    def __init__(self, line: socket.socket, tier: str) -> None:
        # Its system calls are Linux's own; this module is for all machines.
        from grader.kernels.provisioner import LeashedProvisioner

        folder = None if tier == ROOM else PrivateFolder()
        places = folder.places if folder else Places(Path(ROOM_HOME))
        super().__init__(places, folder, **_address(places, tier))
        connection = {**self.get_connection_info(), "key": self.session.key.decode()}
        launch = Launch(
            argv=tuple(self.format_kernel_cmd()),
            env=places.environment(),
            folder=str(places.root),
            tier=tier,
            connection=json.dumps(connection),
        )
        self._leash = Leash(line)
        self.provisioner = LeashedProvisioner(self._leash, launch, self.specification, self)

    @property
    def ending(self) -> Ending | None:
        """How the kernel ended, and why."""
        return self._leash.ending

    def _reconcile_connection_info(self, info: object) -> None:
        """The connection file is where the kernel is, which may be out of sight."""


def kernel_manager(line: socket.socket | None, tier: str) -> PrivateKernelManager:
    """A manager for one kernel, not yet started: at the end of a line, or where there are no
    keepers (not on Linux) a process of its own.
    """
    if line is not None:
        return LeashedKernelManager(line, tier)
    folder = PrivateFolder()
    return PrivateKernelManager(folder.places, folder)


def _address(places: Places, tier: str) -> dict[str, str | int]:
    if tier == ROOM:
        ports = {name: FIRST_PORT + number for name, number in PORTS.items()}
        return {"transport": "tcp", "ip": "127.0.0.1", **ports}
    if places.socket_stem is None:
        msg = f"{places.root} is too long a path for Unix sockets; set TMPDIR to a shorter one"
        raise KernelFailedError(msg)
    return {"transport": "ipc", "ip": str(places.socket_stem), **PORTS}
