"""The driver's hold on one kernel: let go of it, and the kernel and all that it started end."""

from __future__ import annotations

import asyncio
import signal
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from grader.isolation.launch import ENDED, FAILED, MESSAGE_BYTES, READY, Ending

if TYPE_CHECKING:
    from grader.isolation.launch import Launch

# Windows, where this is only imported, has no name for SIGKILL.
LOST: Final = Ending(-getattr(signal, "SIGKILL", 9), "lost")


class KernelLostError(Exception):
    """Whoever kept the kernel is gone, through no fault of the notebook: another try may do."""


class KernelFailedError(Exception):
    """The machine cannot start a kernel as it was asked to; the text says why."""


class Leash:
    """One keeper's line; `door` leads to the kernel's own network, where it has one."""

    def __init__(self, line: socket.socket) -> None:
        line.setblocking(False)
        self._line = line
        self._started = False
        self.door: int | None = None
        self.ending: Ending | None = None

    async def start(self, launch: Launch) -> None:
        """Have the kernel started; raises KernelLostError or KernelFailedError."""
        try:
            self._line.send(launch.encode())
        except OSError as error:
            raise KernelLostError(str(error)) from error
        while not self._started and self.ending is None:
            await self._next_report()
        if not self._started:
            raise KernelLostError(str(self.ending))

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
        with suppress(BlockingIOError):
            while self.ending is None:
                self._read()
        return self.ending.status if self.ending else None

    async def ended(self) -> int:
        """Wait until nothing of the kernel is left; the exit status."""
        while self.ending is None:
            await self._next_report()
        return self.ending.status

    def close(self) -> None:
        """Let go; may be called again."""
        self._line.close()
        self.ending = self.ending or LOST

    async def _next_report(self) -> None:
        loop = asyncio.get_running_loop()
        readable: asyncio.Future[None] = loop.create_future()
        loop.add_reader(self._line, _resolve, readable)
        try:
            await readable
        finally:
            loop.remove_reader(self._line)
        with suppress(BlockingIOError):
            self._read()

    def _read(self) -> None:
        try:
            report, doors, _, _ = socket.recv_fds(self._line, MESSAGE_BYTES, 1)
        except ConnectionResetError:
            # It only says that the keeper left words of ours unread; its own are still to come.
            return
        word, _, rest = report.partition(b" ")
        if word == READY:
            self._started = True
            self.door = doors[0] if doors else None
        elif word == ENDED:
            self.ending = Ending.decode(report)
        elif word == FAILED:
            raise KernelFailedError(rest.decode(errors="replace"))
        elif self.ending is None:
            # A keeper says goodbye unless it was killed itself, and its kernel with it.
            self.ending = LOST


def _resolve(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)
