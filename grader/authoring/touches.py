"""What Colab, Jupyter and students do to a notebook beside the work: none of it changes a result.

Each touch is a function that is given a built notebook and changes it. What it adds runs in plain
torch (and Colab) whatever the steps' code is, as long as that is called as in the handout.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Final

from nbformat import v4

from grader.authoring.bank import renamed
from grader.models import CODE_STEPS, Step
from grader.syntax import parse

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from nbformat import NotebookNode

_IMPORTS: Final = """
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
import matplotlib.pyplot as plt
"""
_DEVICE: Final = (
    'device = torch.device("cuda" if torch.cuda.is_available() else "cpu")\nprint(device)'
)
_COLAB: Final = """
try:
    import google.colab
    IN_COLAB = True
except ImportError:
    IN_COLAB = False
"""
_TRIED: Final = {
    Step.DATA: ("X.shape, y.shape", "print(X[:5], y[:5])", "type(X)", "X.dtype"),
    Step.MODEL: (
        "model",
        "print(model)",
        "model(X)[:5]",
        "for p in model.parameters():\n    print(p)",
    ),
    Step.LOSS: ("loss_fn(model(X), y)", "print(loss_fn)", "nn.MSELoss?"),
    Step.OPTIMIZER: ("optimizer", "optimizer.param_groups[0]['lr']", "help(optimizer.step)"),
    Step.TRAIN: ("losses[-1]", "print(losses[:3])", "len(losses)", "plt.plot(losses)\nplt.show()"),
}


@dataclass(frozen=True, slots=True)
class Touched:
    """A notebook to be changed, with what it calls X, model ... and what decides a choice."""

    notebook: NotebookNode
    names: Mapping[str, str]
    random: Random

    def steps(self) -> list[tuple[Step, NotebookNode]]:
        """The cells that a step's marker is in, with that step; of merged ones, the last."""
        found = []
        for cell in self.notebook.cells:
            step = cell.metadata.get("grader", {}).get("step")
            if step in tuple(CODE_STEPS):
                found.append((Step(step), cell))
        return found

    def a_step(self) -> tuple[Step, NotebookNode]:
        """One of them."""
        return self.random.choice(self.steps())

    def is_merged(self) -> bool:
        """Whether some steps share a cell."""
        return len(self.steps()) < len(CODE_STEPS)

    def put(self, place: int, cell: NotebookNode) -> None:
        """Add a cell."""
        taken = {each.get("id") for each in self.notebook.cells}
        cell.id = next(id_ for n in count(1) if (id_ := f"own-{n}") not in taken)
        self.notebook.cells.insert(place, cell)

    def on_top(self, source: str) -> None:
        """Add a cell of code above all others."""
        self.put(0, v4.new_code_cell(source.strip("\n")))

    def behind(self, cell: NotebookNode, source: str) -> None:
        """Add a cell of code below another."""
        place = self.notebook.cells.index(cell) + 1
        # A cell that was cut in two goes on below.
        while place < len(self.notebook.cells) and self._goes_on(place):
            place += 1
        self.put(place, v4.new_code_cell(renamed(source, self.names)))

    def _goes_on(self, place: int) -> bool:
        return str(self.notebook.cells[place].get("id", "")).startswith("rest-")


Touch = Callable[[Touched], None]


def pip_installed(touched: Touched) -> None:
    """Packages are installed on top."""
    lines = ("!pip install torch", "!pip install -q torch matplotlib", "%pip install torch numpy")
    touched.on_top(touched.random.choice(lines))


def drawn_inline(touched: Touched) -> None:
    """A line for Jupyter, as tutorials have it."""
    lines = (
        "%matplotlib inline",
        "%matplotlib inline\n%config InlineBackend.figure_format = 'retina'",
    )
    touched.on_top(touched.random.choice(lines))


def drive_mounted(touched: Touched) -> None:
    """The student's drive is mounted."""
    touched.on_top("from google.colab import drive\ndrive.mount('/content/drive')")


def colab_looked_for(touched: Touched) -> None:
    """The notebook asks where it is."""
    touched.on_top(_COLAB)


def imported_on_top(touched: Touched) -> None:
    """All that tutorials import is imported."""
    touched.on_top(_IMPORTS)


def device_chosen(touched: Touched) -> None:
    """A device is chosen, and never used."""
    touched.on_top(f"import torch\n\n{_DEVICE}")


def machine_looked_at(touched: Touched) -> None:
    """What machine and what torch is this?"""
    lines = ("!nvidia-smi", "import torch\nprint(torch.__version__)", "!python --version\n!ls")
    touched.on_top(touched.random.choice(lines))


def tried_out(touched: Touched) -> None:
    """A cell of one's own behind a step looks at what the step has made."""
    step, cell = touched.a_step()
    touched.behind(cell, touched.random.choice(_TRIED[step]))


def looked_at_in_the_cell(touched: Touched) -> None:
    """The last line of a step's cell shows what it has made."""
    step, cell = touched.a_step()
    if not touched.is_merged():
        line = touched.random.choice(_TRIED[step])
        cell.source += "\n\n" + renamed(line, touched.names)


def timed(touched: Touched) -> None:
    """The training's cell is timed."""
    for step, cell in touched.steps():
        if step is Step.TRAIN and "%" not in cell.source:
            cell.source = f"%%time\n{cell.source}"


def done_printed(touched: Touched) -> None:
    """Every cell says that it is done."""
    for step, cell in touched.steps():
        cell.source += f'\nprint("{step} done")'


def kept_as_text(touched: Touched) -> None:
    """An earlier try is kept as text above the cell."""
    _, cell = touched.a_step()
    old = v4.new_markdown_cell(f"My first try:\n\n```python\n{cell.source}\n```")
    touched.put(touched.notebook.cells.index(cell), old)


def kept_in_comments(touched: Touched) -> None:
    """An earlier try is kept in comments below the code."""
    _, cell = touched.a_step()
    cell.source += "\n\n" + "\n".join(f"# {line}" for line in cell.source.split("\n"))


def notes_taken(touched: Touched) -> None:
    """Notes between the cells."""
    for _, cell in touched.steps():
        note = v4.new_markdown_cell("I think this is right now.")
        touched.put(touched.notebook.cells.index(cell), note)


def texts_deleted(touched: Touched) -> None:
    """Everything that is no code is deleted."""
    touched.notebook.cells = [c for c in touched.notebook.cells if c.cell_type == "code"]


def looks_deleted(touched: Touched) -> None:
    """The handout's own looks at what was made are deleted."""
    kept = [c for c in touched.notebook.cells if not str(c.get("id", "")).startswith("look-")]
    touched.notebook.cells = kept


def empty_cells_left(touched: Touched) -> None:
    """Empty cells are left behind."""
    for _, cell in touched.steps():
        touched.behind(cell, "")


def marker_deleted(touched: Touched) -> None:
    """The first line of a step's cell is gone."""
    _, cell = touched.a_step()
    if not touched.is_merged():
        cell.source = cell.source.partition("\n")[2]


def metadata_lost(touched: Touched) -> None:
    """Another program saved the notebook, and kept nothing but the cells."""
    touched.notebook.metadata.pop("grader", None)
    for number, cell in enumerate(touched.notebook.cells):
        cell.metadata.clear()
        cell.id = f"{number:08x}"


def windows_line_ends(touched: Touched) -> None:
    """Saved with the line ends of Windows."""
    for _, cell in touched.steps():
        cell.source = cell.source.replace("\n", "\r\n")


def spaces_at_the_ends(touched: Touched) -> None:
    """Spaces behind the lines, and empty lines below."""
    for _, cell in touched.steps():
        cell.source = "\n".join(f"{line}  " if line else line for line in cell.source.split("\n"))
        cell.source += "\n\n\n"


def cut_in_two(touched: Touched) -> None:
    """A step's code is in two cells."""
    step, cell = touched.a_step()
    statements = _statements(cell.source)
    if touched.is_merged() or len(statements) < 2:
        return
    line = touched.random.choice(statements[1:])
    lines = cell.source.split("\n")
    cell.source = "\n".join(lines[: line - 1])
    rest = v4.new_code_cell("\n".join(lines[line - 1 :]))
    touched.put(touched.notebook.cells.index(cell) + 1, rest)
    rest.id = f"rest-{step}-own"


def _statements(source: str) -> list[int]:
    """The lines on which the statements begin, from 1; none if it is not plain Python."""
    tree = parse(source)
    return [
        min((d.lineno for d in getattr(node, "decorator_list", ())), default=node.lineno)
        for node in (tree.body if tree is not None else ())
    ]


# In the order in which they are made: what makes the steps' cells hard to find comes last.
TOUCHES: Final[tuple[Touch, ...]] = (
    pip_installed,
    drawn_inline,
    drive_mounted,
    colab_looked_for,
    imported_on_top,
    device_chosen,
    machine_looked_at,
    tried_out,
    looked_at_in_the_cell,
    done_printed,
    kept_as_text,
    kept_in_comments,
    notes_taken,
    texts_deleted,
    looks_deleted,
    empty_cells_left,
    cut_in_two,
    marker_deleted,
    timed,
    spaces_at_the_ends,
    windows_line_ends,
    metadata_lost,
)
