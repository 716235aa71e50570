"""Runs a notebook's code cells in one namespace, and prints the CPU seconds that they took.

torch is loaded before the clock starts, with what it loads only for its first optimizer (a second
of CPU), and works on one thread: as in a graded kernel. Loading matplotlib counts. What a cell has
plotted is drawn when the cell ends, as in a notebook.
"""

from __future__ import annotations

import os
import sys
import time

os.environ["MPLBACKEND"] = "Agg"

import nbformat
import torch

torch.set_num_threads(1)
torch.optim.SGD([torch.zeros(1, requires_grad=True)])
cells = nbformat.read(sys.argv[1], as_version=4).cells
namespace: dict[str, object] = {"__name__": "__main__"}
start_s = time.process_time()
for cell in cells:
    if cell.cell_type == "code":
        exec(compile(cell.source, cell.id, "exec"), namespace)
        pyplot = sys.modules["matplotlib.pyplot"]
        for number in pyplot.get_fignums():
            pyplot.figure(number).canvas.draw()
        pyplot.close("all")
print(time.process_time() - start_s)
