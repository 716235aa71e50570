"""A process that starts one kernel, watches it, and leaves nothing of it behind.

The keeper has the kernel's room built and lets the kernel walk in; it adopts every process that
the kernel starts and abandons, so that none escapes it, not even one in a session of its own. It
talks with the kernel's driver over one socket, one word per message: signals to pass on come in;
"ready" (with the door of the room) and "ended STATUS CAUSE" go out. When the driver closes its
end, or is gone, the kernel's life is over. Linux only.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from grader.isolation import limits, syscalls, walls
from grader.isolation.launch import FAILED, MESSAGE_BYTES, READY, Ending, Launch
from grader.isolation.visible import Hidden

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from grader.isolation.walls import Walls

    Start = Callable[["Launch", int], NoReturn]


class StartError(Exception):
    """The kernel could not be shut in, or not be started."""


def keep(line: socket.socket, start: Start, hidden: Hidden) -> NoReturn:
    """Live through one kernel: let `start` become it in a new process, watch it, sweep up, exit.

    `start` gets a descriptor that it closes when the kernel listens. It sees nothing of `hidden`.
    """
    try:
        syscalls.prctl(syscalls.PR_SET_CHILD_SUBREAPER, 1)
        signal.signal(signal.SIGTERM, _leave)
        message = line.recv(MESSAGE_BYTES)
        if message:
            launch = Launch.decode(message)
            ending = _live_through(line, walls.raised(launch, hidden), launch, start)
            with suppress(OSError):
                line.send(ending.encode())
    except Exception as error:
        with suppress(OSError):
            line.send(b"%s %s" % (FAILED, str(error).encode(errors="replace")))
    finally:
        sweep()
        os._exit(0)


def sweep() -> None:
    """Kill all descendants; afterwards there is none, as none can be adopted away."""
    while True:
        for child in limits.children(os.getpid()):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(child, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _live_through(line: socket.socket, around: Walls, launch: Launch, start: Start) -> Ending:
    try:
        # A change of user clears it, so it comes after the walls. When whoever started the keeper
        # is gone, there is still to sweep.
        syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGTERM)
        starting, theirs = os.pipe()
        kernel = _start(launch, around, start, [line.fileno(), starting], theirs)
        os.close(theirs)
        return _watch(line, kernel, starting, around.doors)
    finally:
        around.close()
        sweep()


def _start(
    launch: Launch, around: Walls, start: Start, not_its_own: list[int], starting: int
) -> int:
    kernel = os.fork()
    if kernel:
        return kernel
    try:
        for fd in not_its_own:
            os.close(fd)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        # Background jobs of a shell ignore it, and so does what they start: no cell would stop.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.setsid()
        around.enter(launch)
        syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
        start(launch, starting)
    except Exception as error:
        os.write(starting, f"{type(error).__name__}: {error}".encode(errors="replace"))
    finally:
        os._exit(1)


def _watch(line: socket.socket, kernel: int, starting: int, doors: tuple[int, ...]) -> Ending:
    """Pass signals on until the kernel ends, or the driver lets go of it, or it takes too much."""
    watched = select.poll()
    process = os.pidfd_open(kernel)
    for fd in (process, line.fileno(), starting):
        watched.register(fd, select.POLLIN)
    try:
        while True:
            events = {fd for fd, _ in watched.poll(limits.WATCH_S * 1000)}
            wish = _receive(line) if line.fileno() in events else None
            cause = "" if events else limits.exceeded(limits.family(os.getpid()))
            if starting in events and process not in events:
                watched.unregister(starting)
                if failure := _last_words(starting):
                    raise StartError(failure)
                socket.send_fds(line, [READY], doors)
            if wish == b"" or process in events or cause:
                # The whole group at once: a crowd that forks on would outrun single kills.
                _signal_group(kernel, signal.SIGKILL)
                status = os.waitstatus_to_exitcode(os.waitpid(kernel, 0)[1])
                if failure := _last_words(starting):
                    raise StartError(failure)
                return Ending(status, cause)
            if wish:
                _signal_group(kernel, int(wish))
    finally:
        os.close(process)
        os.close(starting)


def _leave(*_: object) -> NoReturn:
    raise SystemExit


def _last_words(starting: int) -> str:
    """Why the kernel could not start; nothing from one that did, or that was killed."""
    os.set_blocking(starting, False)
    try:
        return os.read(starting, MESSAGE_BYTES).decode(errors="replace")
    except BlockingIOError:
        return ""


def _receive(line: socket.socket) -> bytes:
    try:
        return line.recv(MESSAGE_BYTES)
    except ConnectionResetError:
        return b""


def _signal_group(leader: int, signum: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signum)


def become_program(launch: Launch, _: int) -> NoReturn:
    """Turn this process into the program that the launch names; that closes its descriptors."""
    os.execve(launch.argv[0], launch.argv, launch.env)  # noqa: S606


def main() -> NoReturn:
    """Keep one kernel that is a new program; the line's descriptor is the last argument."""
    keep(socket.socket(fileno=int(sys.argv[-1])), become_program, Hidden.told())
