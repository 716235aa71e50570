"""Loads and uses once all that a notebook imports, without letting a kernel see that it was done.

What a kernel loads is not listed here but rehearsed: a forked process runs a cell and tells.
"""

from __future__ import annotations

import io
import os
import random
import sys
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

from grader.kernels.fonts import chinese_font
from grader.kernels.hiding import HiddenModules, import_quietly

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ipykernel.kernelapp import IPKernelApp

# It must run anew in every kernel: it installs itself in its shell on being imported.
LOADED_BY_THE_STUDENT = "matplotlib_inline"

# What the zygote needs itself and a kernel does not have.
OURS = ("grader", "pyseccomp")

PYPLOT = "matplotlib.pyplot"
PLAIN_CELL = "None"
FAILING_CELL = "1 / 0"
PLOTTING_CELL = "import matplotlib.pyplot as plt\nplt.plot([0, 1])\nplt.show()"


@dataclass(frozen=True, slots=True)
class WarmState:
    """What a forked kernel needs: the functions that reseed it, the variables that imports set."""

    seeds: tuple[Callable[[], object], ...]
    environment: dict[str, str]


def warm_up() -> WarmState:
    """Load and use once what notebooks use, in the order in which they come into sight.

    numpy and torch are never out of sight: the recorder imports them in the first cell anyway.
    """
    before = dict(os.environ)
    import_quietly(rehearse(PLAIN_CELL))
    _hash_cells_in_c()
    environment = {name: value for name, value in os.environ.items() if name not in before}
    import numpy as np
    import torch

    _train()
    # Looked up now: later, the attributes would import what nobody has asked for yet.
    seeds = (random.seed, np.random.seed, torch.default_generator.seed)
    hidden = HiddenModules()
    import_quietly(rehearse(FAILING_CELL))
    hidden.gather()
    # matplotlib loads them, and neither brings its submodules or the others along by itself.
    import PIL

    pillow = hidden.gather()
    import PIL.Image  # noqa: F401

    pictures = hidden.gather(pillow)
    import matplotlib  # noqa: F401, ICN001

    plots = hidden.gather(pictures)
    _draw()
    plotting = rehearse(PLOTTING_CELL)
    import_quietly(n for n in plotting if not n.startswith((PYPLOT, LOADED_BY_THE_STUDENT)))
    drawn = hidden.gather(plots)
    import_quietly([PYPLOT])
    hidden.gather(drawn)
    hidden.hide()
    for name in [each for each in sys.modules if each.partition(".")[0] in OURS]:
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
        if shell := kernel_app(["--IPKernelApp.transport=ipc", "--IPKernelApp.ip=rehearsal"]).shell:
            shell.run_cell(cell)
        with os.fdopen(writer, "w") as report:
            report.write("\n".join(sys.modules))
    finally:
        os._exit(0)


def kernel_app(arguments: list[str]) -> IPKernelApp:
    """An IPython kernel of this process, listening but not yet answering.

    `arguments` are `-f FILE` and `--Class.trait=value`, as many as you like.
    """
    import ipykernel_launcher  # type: ignore[import-untyped]
    from ipykernel.kernelapp import IPKernelApp

    sys.argv = [ipykernel_launcher.__file__, *arguments]
    app = IPKernelApp.instance()
    with _modules_untouched(), _read_by_ourselves(app):
        app.initialize(arguments)  # type: ignore[no-untyped-call]
    return app


@contextmanager
def _read_by_ourselves(app: IPKernelApp) -> Iterator[None]:
    """Keep the application from making a parser of all that it could be told: it takes 10 ms."""
    from traitlets.config import Config
    from traitlets.config.loader import DeferredConfigString

    def take(arguments: list[str]) -> None:
        app.argv, app.extra_args, app.cli_config = arguments, [], Config()
        told = iter(arguments)
        for argument in told:
            if argument == "-f":
                app.cli_config.IPKernelApp.connection_file = next(told)
            else:
                name, _, value = argument.removeprefix("--").partition("=")
                owner, _, trait = name.partition(".")
                app.cli_config[owner][trait] = DeferredConfigString(value)
        app.update_config(app.cli_config)

    vars(app)["parse_command_line"] = take
    try:
        yield
    finally:
        del vars(app)["parse_command_line"]


def _hash_cells_in_c() -> None:
    """Name the file that a cell is compiled as by a faster checksum of its source, as short.

    ipykernel computes one in Python, twice a cell: 0.4 to 1 ms a kilobyte, and some questions of
    ours have ten. The name is already another one in every process.
    """
    from ipykernel import compiler

    vars(compiler)["murmur2_x86"] = lambda source, seed: zlib.crc32(source.encode(), seed)


@contextmanager
def _modules_untouched() -> Iterator[None]:
    """Keep ipykernel from asking each module where it lies, for a debugger that nobody starts.

    In a forked process each answer copies two pages of memory: 10 ms for 2,000 modules.
    """
    from ipykernel import ipkernel

    kernel = vars(ipkernel)
    kernel["sys"] = SimpleNamespace(**{**vars(sys), "modules": {}})
    try:
        yield
    finally:
        kernel["sys"] = sys


def _draw() -> None:
    from matplotlib import font_manager
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    if font := chinese_font():
        # Found in this process's own home, which no kernel sees: the file itself lies where all do.
        fonts, home = font_manager.fontManager, str(Path.home())
        fonts.ttflist = [entry for entry in fonts.ttflist if not entry.fname.startswith(home)]
        fonts.addfont(font.path)
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
