"""Loads and uses once all that a notebook imports, without letting a kernel see that it was done.

What a kernel loads is not listed here but rehearsed: a forked process runs a cell and tells.
"""

from __future__ import annotations

import io
import os
import random
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader.isolation.fonts import chinese_font
from grader.kernels.application import hash_cells_in_c, kernel_app
from grader.kernels.hiding import HiddenModules, import_quietly

if TYPE_CHECKING:
    from collections.abc import Callable

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
    plain = Rehearsal(PLAIN_CELL)
    import numpy as np
    import torch

    import_quietly(plain.modules())
    hash_cells_in_c()
    environment = {name: value for name, value in os.environ.items() if name not in before}
    failing = Rehearsal(FAILING_CELL)
    _train()
    # Looked up now: later, the attributes would import what nobody has asked for yet.
    seeds = (random.seed, np.random.seed, torch.default_generator.seed)
    hidden = HiddenModules()
    import_quietly(failing.modules())
    hidden.gather()
    # matplotlib loads them, and neither brings its submodules or the others along by itself.
    import PIL

    pillow = hidden.gather()
    import PIL.Image  # noqa: F401

    pictures = hidden.gather(pillow)
    import matplotlib  # noqa: F401, ICN001

    plots = hidden.gather(pictures)
    _draw()
    plotting = Rehearsal(PLOTTING_CELL).modules()
    import_quietly(n for n in plotting if not n.startswith((PYPLOT, LOADED_BY_THE_STUDENT)))
    drawn = hidden.gather(plots)
    import_quietly([PYPLOT])
    hidden.gather(drawn)
    hidden.hide()
    for name in [each for each in sys.modules if each.partition(".")[0] in OURS]:
        del sys.modules[name]
    return WarmState(seeds, environment)


class Rehearsal:
    """A forked process that becomes a kernel and runs `cell`, while this one goes on."""

    def __init__(self, cell: str) -> None:
        self._report, writer = os.pipe()
        self._process = os.fork()
        if self._process:
            os.close(writer)
            return
        try:
            _rehearse(cell)
            with os.fdopen(writer, "w") as report:
                report.write("\n".join(sys.modules))
        finally:
            os._exit(0)

    def modules(self) -> list[str]:
        """What the kernel has loaded in the end, in order."""
        with os.fdopen(self._report) as report:
            names = report.read().split()
        os.waitpid(self._process, 0)
        return names


def _rehearse(cell: str) -> None:
    app = kernel_app(["--IPKernelApp.transport=ipc", "--IPKernelApp.ip=rehearsal"])
    _look_for_own_address()
    if app.shell:
        app.shell.run_cell(cell)


def _look_for_own_address() -> None:
    """A kernel that is told where to listen does, with a library that takes 20 ms to load."""
    from jupyter_client.localinterfaces import localhost

    localhost()


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
