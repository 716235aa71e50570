"""Kernels that are forked from one process which has loaded everything already."""

from __future__ import annotations

import asyncio
import logging
import socket
import subprocess
import sys
import threading
import weakref
from typing import TYPE_CHECKING

import grader.kernels
from grader.errors import UsageError
from grader.kernels.folder import PrivateFolder
from grader.kernels.fresh import NO_ISOLATION, FreshKernels
from grader.kernels.jupyter import PrivateKernelManager
from grader.kernels.leash import Leash
from grader.messages import say

if TYPE_CHECKING:
    from jupyter_client.manager import AsyncKernelManager

    from grader.kernels.keeper import Launch
    from grader.models import Isolation

# One for a zygote that is just dying, one for a new one, one for bad luck.
ATTEMPTS = 3
START_S = 120.0
PATIENCE_S = 5.0

# The zygote takes a few modules of ours, and nothing of what our packages import for others.
BOOT = """
import sys, types
del sys.path[0]
for name, folder in zip(("grader", "grader.kernels"), sys.argv[1:]):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [folder]
from grader.kernels.zygote import main
main()
"""


class WarmKernels:
    """Starts its zygote with the first kernel, and another one whenever it was lost.

    Where no zygote can live, the kernels are fresh ones: slower, with the same results.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._zygote: Zygote | None = None
        self._fresh: FreshKernels | None = None
        self._leashes: weakref.WeakSet[Leash] = weakref.WeakSet()

    @property
    def isolation(self) -> Isolation:
        """None: such a kernel may do all that the grader's user may."""
        return NO_ISOLATION

    def new_kernel(self) -> AsyncKernelManager:
        """A manager for one kernel in a folder of its own."""
        return PrivateKernelManager(PrivateFolder(), self._start)

    def close(self) -> None:
        """End the zygote and the kernels that are still running."""
        with self._lock:
            for leash in self._leashes:
                leash.end()
            if self._zygote:
                self._zygote.close()
                self._zygote = None
            if self._fresh:
                self._fresh.close()

    async def _start(self, launch: Launch) -> Leash:
        for _ in range(ATTEMPTS):
            if self._fresh:
                return await self._fresh.start(launch)
            zygote = self._living_zygote()
            leash = Leash(zygote.new_line(), lambda: None)
            try:
                started = await asyncio.wait_for(leash.start(launch), START_S)
            except TimeoutError:
                started = False
                zygote.kill()
            if started:
                with self._lock:
                    self._leashes.add(leash)
                return leash
            leash.close()
            self._give_up_on(zygote)
        raise UsageError(say("No kernel could be started: {reason}", reason=zygote.last_words()))

    def _give_up_on(self, zygote: Zygote) -> None:
        if zygote.gave_up():
            with self._lock:
                self._fresh = self._fresh or FreshKernels()
            reason = zygote.last_words()
            logging.getLogger(__name__).warning("kernels start slowly, one by one: %s", reason)

    def _living_zygote(self) -> Zygote:
        with self._lock:
            if self._zygote and not self._zygote.alive():
                self._zygote.close()
                self._zygote = None
            self._zygote = self._zygote or Zygote()
            return self._zygote


class Zygote:
    """The warm process, seen from the grader."""

    def __init__(self) -> None:
        self._folder = PrivateFolder()
        self._log = self._folder.path / "zygote.log"
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        packages = [*grader.__path__, *grader.kernels.__path__]
        with theirs, self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", BOOT, *packages, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                env=self._folder.environment(),
                cwd=self._folder.work,
            )

    def new_line(self) -> socket.socket:
        """Our end of a line to a new keeper; one that is dead if the zygote is."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                socket.send_fds(self._control, [b"k"], [theirs.fileno()])
            except OSError:
                self.kill()
        return ours

    def alive(self) -> bool:
        """Whether the process is still there."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End the process at once; kernels that it forked live on."""
        self._process.kill()
        self._process.wait()

    def gave_up(self) -> bool:
        """Whether the process has ended by itself: it will not do better a second time."""
        try:
            return self._process.wait(PATIENCE_S) > 0
        except subprocess.TimeoutExpired:
            return False

    def last_words(self) -> str:
        """The last line that the process wrote, which says why it ended."""
        lines = self._log.read_text(errors="replace").split("\n") if self._log.exists() else []
        return next((line for line in reversed(lines) if line.strip()), f"{self._process.poll()}")

    def close(self) -> None:
        """End the process and everything that it forked."""
        self._control.close()
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.kill()
        self._folder.remove()
