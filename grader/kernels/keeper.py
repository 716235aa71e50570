"""A process that starts one kernel, watches it, and leaves nothing of it behind.

The keeper adopts every process that the kernel starts and abandons, so that none escapes it, not
even one in a session of its own. It talks with the grader over one socket, one word per message:
signals to pass on come in; "ready" and "ended STATUS" go out. When the grader closes its end, or
is gone, the kernel's life is over. Linux only. Runs as a program too, without any of our modules.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
MESSAGE_BYTES = 1 << 17
READY = b"ready"
ENDED = b"ended"


@dataclass(frozen=True, slots=True)
class Launch:
    """What a kernel is started with."""

    argv: tuple[str, ...]
    env: dict[str, str]
    cwd: str

    def encode(self) -> bytes:
        """The launch as one message."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def decode(cls, message: bytes) -> Launch:
        """The launch that a message holds."""
        fields = json.loads(message)
        return cls(tuple(fields["argv"]), fields["env"], fields["cwd"])


def keep(line: socket.socket, run: Callable[[Launch, socket.socket], NoReturn]) -> NoReturn:
    """Live through one kernel: start it by `run` in a new process, watch it, sweep up, exit."""
    try:
        adopt_orphans()
        message = line.recv(MESSAGE_BYTES)
        if message:
            status = _watch(line, _start(Launch.decode(message), line, run))
            sweep()
            with suppress(OSError):
                line.send(b"%s %d" % (ENDED, status))
    finally:
        os._exit(0)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def sweep() -> None:
    """Kill all descendants; afterwards there is none, as none can be adopted away."""
    while True:
        for child in children():
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def children() -> list[int]:
    """The process ids of this process's children."""
    me = os.getpid()
    return [int(pid) for pid in Path(f"/proc/{me}/task/{me}/children").read_text().split()]


def _start(
    launch: Launch, line: socket.socket, run: Callable[[Launch, socket.socket], NoReturn]
) -> int:
    keeper = os.getpid()
    kernel = os.fork()
    if kernel:
        return kernel
    try:
        os.setsid()
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == keeper:
            os.chdir(launch.cwd)
            run(launch, line)
    finally:
        os._exit(1)


def _watch(line: socket.socket, kernel: int) -> int:
    """Pass signals on until the kernel ends or the grader lets go of it; the exit status."""
    watched = select.poll()
    process = os.pidfd_open(kernel)
    watched.register(process, select.POLLIN)
    watched.register(line, select.POLLIN)
    try:
        while True:
            ready = {fd for fd, _ in watched.poll()}
            wish = _receive(line) if line.fileno() in ready else None
            if wish == b"" or process in ready:
                # The whole group at once: a crowd that forks on would outrun single kills.
                _signal_group(kernel, signal.SIGKILL)
                return os.waitstatus_to_exitcode(os.waitpid(kernel, 0)[1])
            if wish:
                _signal_group(kernel, int(wish))
    finally:
        os.close(process)


def _receive(line: socket.socket) -> bytes:
    try:
        return line.recv(MESSAGE_BYTES)
    except ConnectionResetError:
        return b""


def _signal_group(leader: int, signum: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signum)


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl({option}) failed")


def _execute(launch: Launch, line: socket.socket) -> NoReturn:
    line.send(READY)
    line.close()
    os.execve(launch.argv[0], launch.argv, launch.env)  # noqa: S606


if __name__ == "__main__":
    keep(socket.socket(fileno=int(sys.argv[1])), _execute)
