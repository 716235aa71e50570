"""Kernels that are new processes: they start slowly, and owe nothing to one another."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import weakref
from typing import TYPE_CHECKING

from grader.kernels import keeper
from grader.kernels.folder import PrivateFolder
from grader.kernels.jupyter import PrivateKernelManager
from grader.kernels.leash import Leash
from grader.models import Isolation

if TYPE_CHECKING:
    from jupyter_client.manager import AsyncKernelManager

    from grader.kernels.keeper import Launch

PATIENCE_S = 5.0
NO_ISOLATION = Isolation(tier="none", missing=("files", "network", "processes", "memory", "disk"))


class FreshKernels:
    """Starts a new interpreter for every kernel."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._leashes: weakref.WeakSet[Leash] = weakref.WeakSet()

    @property
    def isolation(self) -> Isolation:
        """None: such a kernel may do all that the grader's user may."""
        return NO_ISOLATION

    def new_kernel(self) -> AsyncKernelManager:
        """A manager for one kernel in a folder of its own."""
        on_linux = sys.platform == "linux"
        return PrivateKernelManager(PrivateFolder(), self.start if on_linux else None)

    def close(self) -> None:
        """End the kernels that are still running."""
        with self._lock:
            for leash in self._leashes:
                leash.end()

    async def start(self, launch: Launch) -> Leash:
        """Start a kernel under a keeper of its own (Linux only)."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", keeper.__file__, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                env={},
                cwd="/",
            )
        leash = Leash(ours, lambda: _reap(process))
        with self._lock:
            self._leashes.add(leash)
        await leash.start(launch)
        return leash


def _reap(keeper: subprocess.Popen[bytes]) -> None:
    try:
        keeper.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        # A student's code has stopped it; its kernel dies with it.
        keeper.kill()
        keeper.wait()
