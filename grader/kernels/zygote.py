"""A process that has loaded all that a notebook imports, and forks one kernel per request.

It is a new interpreter with a clean environment, so that kernels inherit nothing of the grader's.
Over its control socket it receives one line (a socket) per kernel, which it hands to a forked
keeper; when the socket closes, everything that was forked ends. Linux only.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from grader.isolation import limits, syscalls, walls
from grader.isolation.visible import Hidden
from grader.kernels import delivery as recorder
from grader.kernels.application import kernel_app
from grader.kernels.keeper import keep, sweep
from grader.kernels.warming import warm_up

if TYPE_CHECKING:
    from typing import NoReturn

    from grader.isolation.launch import Launch
    from grader.kernels.warming import WarmState


def main() -> NoReturn:
    """Warm up and serve; the control socket's descriptor is the program's last argument."""
    control = socket.socket(fileno=int(sys.argv[-1]))
    hidden = Hidden.told()
    walls.prepare(os.environ.pop("GRADER_TIER"), hidden)
    # What is loaded now stays: looking for garbage in it takes a second, and finds little.
    gc.disable()
    state = warm_up()
    recorder.prepare()
    gc.freeze()
    gc.enable()
    threads = len(list(Path("/proc/self/task").iterdir()))
    if threads > 1:
        # A forked child has one thread but the locks of all: it would hang in its first loop.
        sys.exit(f"{threads} threads after warming up; forking is not safe")
    serve(control, state, hidden)


def serve(control: socket.socket, state: WarmState, hidden: Hidden) -> NoReturn:
    """Fork a keeper for every line that arrives, until the control socket closes."""
    syscalls.prctl(syscalls.PR_SET_CHILD_SUBREAPER, 1)
    keepers: dict[int, int] = {}
    watched = select.poll()
    watched.register(control, select.POLLIN)
    while True:
        ready = {fd for fd, _ in watched.poll()}
        for process in ready & keepers.keys():
            watched.unregister(process)
            os.close(process)
            os.waitpid(keepers.pop(process), 0)
            _end_strangers(set(keepers.values()))
        if control.fileno() in ready:
            _, lines, _, _ = socket.recv_fds(control, 1, 1)
            if not lines:
                sweep()
                os._exit(0)
            with socket.socket(fileno=lines[0]) as line:
                keeper = _fork_keeper(line, [control.fileno(), *keepers], state, hidden)
            process = os.pidfd_open(keeper)
            keepers[process] = keeper
            watched.register(process, select.POLLIN)


def become_kernel(launch: Launch, starting: int, state: WarmState) -> NoReturn:
    """Turn this forked process into the kernel that `launch` asks for, as if it were new."""
    # What the zygote writes to its log is not for a student to read.
    os.dup2(sys.stdin.fileno(), sys.stderr.fileno())
    os.environ.clear()
    os.environ.update(launch.env | state.environment)
    tempfile.tempdir = None
    for seed in state.seeds:
        seed()
    app = kernel_app(list(launch.argv[launch.argv.index("-f") :]))
    sys.meta_path.append(recorder.Waiting())
    os.close(starting)
    try:
        app.start()  # type: ignore[no-untyped-call]
    finally:
        os._exit(0)


def _fork_keeper(
    line: socket.socket, not_its_own: list[int], state: WarmState, hidden: Hidden
) -> int:
    keeper = os.fork()
    if keeper == 0:
        try:
            for fd in not_its_own:
                os.close(fd)
            os.setsid()
            keep(line, lambda launch, starting: become_kernel(launch, starting, state), hidden)
        finally:
            os._exit(1)
    return keeper


def _end_strangers(keepers: set[int]) -> None:
    """Kill what outlived its keeper: only a student's code can have killed that."""
    while strangers := set(limits.children(os.getpid())) - keepers:
        for stranger in strangers:
            with suppress(ProcessLookupError):
                os.kill(stranger, signal.SIGKILL)
            os.waitpid(stranger, 0)
