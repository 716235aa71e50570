"""The program that drives notebooks: each run in a process of its own, forked from this one.

Nothing of one submission can hurt the next: what a kernel sends is read in a process with bounds,
which follows the kernel into its room's network, tells what it sees line by line, and ends.
Over its control socket the program receives, for each run, a socket to speak over and the line to
the kernel's keeper; when the control socket closes, all drivers end. Linux only.
"""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import select
import signal
import socket
import sys
from typing import TYPE_CHECKING, Final

import nbformat
from jupyter_client import session

from grader.execution import harness
from grader.execution.events import EVENT, Broke
from grader.execution.jupyter_cells import JupyterKernel
from grader.execution.running import Run
from grader.execution.task import TASK
from grader.isolation import syscalls
from grader.kernels.jupyter import kernel_manager

if TYPE_CHECKING:
    from typing import NoReturn

    from grader.execution.events import Event

MIB: Final = 1 << 20
# A quarter of it is mapped before anything is read, and 24 million characters are read in the rest.
ADDRESS_SPACE: Final = 1024 * MIB
CPU_S: Final = 300
OPEN_FILES: Final = 128


def main() -> NoReturn:
    """Serve until the control socket closes; its descriptor is the program's last argument."""
    control = socket.socket(fileno=int(sys.argv[-1]))
    _prepare()
    gc.collect()
    gc.freeze()
    drivers: dict[int, int] = {}
    watched = select.poll()
    watched.register(control, select.POLLIN)
    while True:
        ready = {fd for fd, _ in watched.poll()}
        for process in ready & drivers.keys():
            watched.unregister(process)
            os.close(process)
            os.waitpid(drivers.pop(process), 0)
        if control.fileno() in ready:
            _, given, _, _ = socket.recv_fds(control, 1, 2)
            if len(given) < 2:
                os._exit(0)  # the drivers' death signal goes out with this process
            driver = _fork_driver(given, [control.fileno(), *drivers])
            process = os.pidfd_open(driver)
            drivers[process] = driver
            watched.register(process, select.POLLIN)


def _prepare() -> None:
    """Do once what every driver would do again: it is more than half of what a run costs here."""
    harness.prepare()
    for kind in ("stream", "display_data", "execute_result", "error"):
        # nbformat makes its validators when the first output of a kind is read.
        nbformat.v4.new_output(kind)
    # Nobody asks when a message was written, and reading the times is an eighth of a driver's work.
    vars(session)["extract_dates"] = lambda header: header


def _fork_driver(given: list[int], not_its_own: list[int]) -> int:
    host = os.getpid()
    driver = os.fork()
    if driver:
        for fd in given:
            os.close(fd)
        return driver
    try:
        syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == host:
            for fd in not_its_own:
                os.close(fd)
            os.setsid()
            resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
            resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
            resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            speaking, line = (socket.socket(fileno=fd) for fd in given)
            drive(speaking, line)
    finally:
        os._exit(0)


def drive(speaking: socket.socket, line: socket.socket) -> None:
    """Do the one task that the grader sends, telling it event by event."""

    grader = speaking.makefile("rwb")

    def tell(event: Event) -> None:
        grader.write(EVENT.dump_json(event) + b"\n")
        grader.flush()

    try:
        task = TASK.validate_json(grader.readline())
        kernel = JupyterKernel(kernel_manager(line, task.tier))
        asyncio.run(Run(task.plan, kernel, task.limits, tell, prepared=task.prepared).execute())
    except Exception as error:
        tell(Broke(f"{type(error).__name__}: {error}"))
