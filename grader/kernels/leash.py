"""The grader's hold on one kernel: let go of it, and the kernel and all that it started end."""

from __future__ import annotations

import asyncio
import signal
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

from grader.kernels.keeper import ENDED, MESSAGE_BYTES, READY

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.kernels.keeper import Launch


class Leash:
    """One keeper's line; `reap` waits for the keeper's own end where this process can."""

    def __init__(self, line: socket.socket, reap: Callable[[], object]) -> None:
        line.setblocking(False)
        self._line = line
        self._reap = reap
        self._status: int | None = None
        self._started = False

    async def start(self, launch: Launch) -> bool:
        """Have the kernel started; False when it ended, or its keeper did, before it was ready."""
        try:
            self._line.send(launch.encode())
        except OSError:
            return False
        while not self._started and self._status is None:
            await self._next_report()
        return self._started

    def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel's process group, if it is still there."""
        if self.poll() is None:
            with suppress(OSError):
                self._line.send(b"%d" % signum)

    def kill(self) -> None:
        """Begin the end of the kernel and of all that it started; `ended` tells when it came."""
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_WR)

    def poll(self) -> int | None:
        """The kernel's exit status (negative: the signal that ended it), or None while it runs."""
        while self._status is None:
            try:
                self._note(self._line.recv(MESSAGE_BYTES))
            except ConnectionResetError:
                continue
            except BlockingIOError:
                break
        return self._status

    async def ended(self) -> int:
        """Wait until nothing of the kernel is left; the exit status."""
        while self._status is None:
            await self._next_report()
        return self._status

    def end(self) -> None:
        """End the kernel whoever waits for it, from any thread."""
        self.kill()
        self._reap()

    def close(self) -> None:
        """Let go; may be called again."""
        if self._line.fileno() != -1:
            self._line.close()
            self._reap()
        self._status = -signal.SIGKILL if self._status is None else self._status

    async def _next_report(self) -> None:
        loop = asyncio.get_running_loop()
        # A reset only says that the keeper left words of ours unread; its own are still to come.
        with suppress(ConnectionResetError):
            self._note(await loop.sock_recv(self._line, MESSAGE_BYTES))

    def _note(self, report: bytes) -> None:
        word, _, status = report.partition(b" ")
        if word == READY:
            self._started = True
        elif word == ENDED:
            self._status = int(status)
        elif self._status is None:
            # A keeper says goodbye unless it was killed itself, and its kernel with it.
            self._status = -signal.SIGKILL
