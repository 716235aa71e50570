"""A process that has loaded all that a notebook imports, and forks one kernel per request.

It is a new interpreter with a clean environment, so that kernels inherit nothing of the grader's.
Over its control socket it receives one line (a socket) per kernel, which it hands to a forked
keeper; when the socket closes, everything that was forked ends. Linux only.
"""

from __future__ import annotations

import gc
import io
import os
import random
import select
import signal
import socket
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader.kernels.hiding import HiddenModules, import_quietly
from grader.kernels.keeper import READY, adopt_orphans, children, keep, sweep

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from ipykernel.kernelapp import IPKernelApp

    from grader.kernels.keeper import Launch

# These must run anew in every kernel: they install themselves in its shell on being imported.
LOADED_BY_THE_STUDENT = ("matplotlib.pyplot", "matplotlib_inline")

PLAIN_CELL = "None"
FAILING_CELL = "1 / 0"
PLOTTING_CELL = "import matplotlib.pyplot as plt\nplt.plot([0, 1])\nplt.show()"


@dataclass(frozen=True, slots=True)
class WarmState:
    """What a forked kernel needs: the functions that reseed it, the variables that imports set."""

    seeds: tuple[Callable[[], object], ...]
    environment: dict[str, str]


def main() -> NoReturn:
    """Warm up and serve; the control socket's descriptor is the program's last argument."""
    control = socket.socket(fileno=int(sys.argv[-1]))
    state = warm_up()
    threads = len(list(Path("/proc/self/task").iterdir()))
    if threads > 1:
        # A forked child has one thread but the locks of all: it would hang in its first loop.
        sys.exit(f"{threads} threads after warming up; forking is not safe")
    serve(control, state)


def warm_up() -> WarmState:
    """Load and use once what notebooks use, in the order in which they come into sight."""
    before = dict(os.environ)
    import_quietly(rehearse(PLAIN_CELL))
    environment = {name: value for name, value in os.environ.items() if name not in before}
    hidden = HiddenModules()
    import_quietly(rehearse(FAILING_CELL))
    hidden.gather()
    import numpy as np

    numerics = hidden.gather()
    import torch

    tensors = hidden.gather(numerics)
    import matplotlib  # noqa: F401, ICN001

    plots = hidden.gather(numerics)
    _draw()
    import_quietly(n for n in rehearse(PLOTTING_CELL) if not n.startswith(LOADED_BY_THE_STUDENT))
    hidden.gather(plots)
    _train()
    hidden.gather(tensors)
    # Looked up now: later, the attributes would import what nobody has asked for yet.
    seeds = (random.seed, np.random.seed, torch.default_generator.seed)
    hidden.hide()
    for name in [each for each in sys.modules if each.partition(".")[0] == "grader"]:
        del sys.modules[name]
    return WarmState(seeds, environment)


def rehearse(cell: str) -> list[str]:
    """The modules that a kernel has loaded, in order, after it started and ran `cell`."""
    reader, writer = os.pipe()
    if rehearsal := os.fork():
        os.close(writer)
        with os.fdopen(reader) as report:
            names = report.read().split()
        os.waitpid(rehearsal, 0)
        return names
    try:
        if shell := _kernel_app(["--transport=ipc", "--ip=rehearsal"]).shell:
            shell.run_cell(cell)
        with os.fdopen(writer, "w") as report:
            report.write("\n".join(sys.modules))
    finally:
        os._exit(0)


def serve(control: socket.socket, state: WarmState) -> NoReturn:
    """Fork a keeper for every line that arrives, until the control socket closes."""
    adopt_orphans()
    gc.collect()
    gc.freeze()
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
                keeper = _fork_keeper(line, [control.fileno(), *keepers], state)
            process = os.pidfd_open(keeper)
            keepers[process] = keeper
            watched.register(process, select.POLLIN)


def become_kernel(launch: Launch, line: socket.socket, state: WarmState) -> NoReturn:
    """Turn this forked process into the kernel that `launch` asks for, as if it were new."""
    try:
        # What the zygote writes to its log is not for a student to read.
        os.dup2(sys.stdin.fileno(), sys.stderr.fileno())
        os.environ.clear()
        os.environ.update(launch.env | state.environment)
        tempfile.tempdir = None
        for seed in state.seeds:
            seed()
        app = _kernel_app(list(launch.argv[launch.argv.index("-f") :]))
        line.send(READY)
        line.close()
        app.start()  # type: ignore[no-untyped-call]
    finally:
        os._exit(0)


def _fork_keeper(line: socket.socket, not_its_own: list[int], state: WarmState) -> int:
    keeper = os.fork()
    if keeper == 0:
        try:
            for fd in not_its_own:
                os.close(fd)
            os.setsid()
            keep(line, lambda launch, line: become_kernel(launch, line, state))
        finally:
            os._exit(1)
    return keeper


def _kernel_app(arguments: list[str]) -> IPKernelApp:
    import ipykernel_launcher  # type: ignore[import-untyped]
    from ipykernel.kernelapp import IPKernelApp

    sys.argv = [ipykernel_launcher.__file__, *arguments]
    app = IPKernelApp.instance()
    app.initialize(arguments)  # type: ignore[no-untyped-call]
    return app


def _end_strangers(keepers: set[int]) -> None:
    """Kill what outlived its keeper: only a student's code can have killed that."""
    while strangers := set(children()) - keepers:
        for stranger in strangers:
            with suppress(ProcessLookupError):
                os.kill(stranger, signal.SIGKILL)
            os.waitpid(stranger, 0)


def _draw() -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure()
    figure.add_subplot().plot([0, 1])
    FigureCanvasAgg(figure).print_png(io.BytesIO())  # type: ignore[no-untyped-call]


def _train() -> None:
    import torch

    model = torch.nn.Linear(1, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    loss = torch.nn.MSELoss()(model(torch.ones(2, 1)), torch.zeros(2, 1))
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
