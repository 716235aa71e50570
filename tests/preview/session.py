"""A student at a notebook: runs cells in a real kernel, one after the other."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat

from grader.authoring.regions import solved
from grader.execution.cells import Limits
from grader.execution.jupyter_cells import CellRunner, JupyterKernel
from grader.isolation.tiers import NONE
from grader.kernels.jupyter import kernel_manager

if TYPE_CHECKING:
    from grader.kernels import KernelSource

ROOT = Path(__file__).parents[2]
LESSON = "01_exact_line"
WATCH = "from grader import check, hint"


class Session:
    """One kernel; `run` gives what a cell showed as plain text, `html` what it showed as HTML."""

    def __init__(self, kernels: KernelSource) -> None:
        self.loop = asyncio.new_event_loop()
        self.kernel = JupyterKernel(kernel_manager(kernels.new_line(), NONE))
        limits = Limits(cell_s=60, notebook_s=300)
        self.cells: CellRunner = self.loop.run_until_complete(self.kernel.start(limits))
        self.html = ""

    def run(self, *sources: str) -> str:
        said = ""
        for source in sources:
            ran = self.loop.run_until_complete(self.cells.run(source))
            said = "\n".join(map(self._text, ran.outputs))
        return said

    def _text(self, output: Any) -> str:
        if output.output_type == "error":
            return f"{output.ename}: {output.evalue}"
        if output.output_type == "stream":
            return str(output.text)
        self.html = output.data.get("text/html", "")
        return str(output.data.get("text/plain", ""))

    def ask(self, expression: str) -> Any:
        """The value of an expression, as far as JSON can tell it."""
        return json.loads(self.run(f"print(__import__('json').dumps({expression}))"))

    def close(self) -> None:
        self.cells.close()
        self.loop.run_until_complete(self.kernel.end())
        self.loop.close()


def cells_of(name: str, lesson: str = LESSON) -> dict[str, str]:
    """The code cells of a `handout.zh`, a `reference.en` ..., by id; references are solved."""
    folder = "assignments" if name.startswith("handout") else "solutions"
    notebook = nbformat.read(ROOT / folder / lesson / f"{name}.ipynb", as_version=4)
    return {c.id: solved(c.source) for c in notebook.cells if c.cell_type == "code"}


def steps_of(name: str, lesson: str = LESSON) -> dict[str, str]:
    """The same without the cells that only show something."""
    return {id_: s for id_, s in cells_of(name, lesson).items() if not id_.startswith("look-")}
