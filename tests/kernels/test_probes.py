"""What a forked kernel has loaded before must change no verdict: probes that ask in many ways."""

from __future__ import annotations

import asyncio

import nbformat
import pytest
from nbclient import NotebookClient

from grader.execution import NotebookRunner
from grader.kernels.fresh import FreshKernels
from grader.kernels.warm import WarmKernels
from tests.kernels.running import UNCONFINED, linux_only, run_cells

pytestmark = [pytest.mark.kernel, linux_only]

# Each is tried in a kernel of its own, after `import sys`: most fail where nothing was imported.
PROBES = (
    "torch",
    "np",
    "plt",
    "numpy.zeros(1)",
    "nn.Linear(1, 1)",
    "import matplotlib\nmatplotlib.pyplot",
    "import matplotlib\nmatplotlib.ticker",
    "import matplotlib.figure\nmatplotlib.pyplot",
    "from matplotlib import pyplot\npyplot.gcf().number",
    "import torch\ntorch.nn.functional.relu(torch.tensor(-1.0)).item()",
    "import torch\ntorch.utils.tensorboard",
    "import torch\ntorch.distributed.launch",
    "import torch\ntorchvision",
    "import numpy\nnumpy.f2py",
    "import numpy\nnumpy.testing.__name__",
    "import scipy",
    "import sympy.physics\nsympy.plotting.plot",
    "import concurrent\nconcurrent.futures",
    "import importlib\nimportlib.metadata.__name__",
    "import xml\nxml.dom.minidom",
    "'matplotlib.pyplot' in sys.modules",
    "'pandas' in sys.modules",
    "import torch\ntorch.get_default_dtype()",
    "import torch\ntorch.is_grad_enabled()",
    "import numpy\nnumpy.geterr()['divide']",
)


def test_what_fails_in_a_new_kernel_fails_in_a_forked_one() -> None:
    fresh, warm = NotebookRunner(FreshKernels(UNCONFINED)), NotebookRunner(WarmKernels(UNCONFINED))
    cells = [f"import sys\n{probe}" for probe in PROBES]
    by_itself = [run_cells(warm, cell) for cell in cells]
    anew = [run_cells(fresh, cell) for cell in cells[:8]]
    fresh.close()
    warm.close()
    alone = [[answer] for answer in asyncio.run(answers_without_us(cells))]
    assert dict(zip(PROBES, by_itself, strict=True)) == dict(zip(PROBES, alone, strict=True))
    assert by_itself[:8] == anew


async def answers_without_us(cells: list[str]) -> list[str]:
    """What plain nbclient shows, each cell in a new kernel that knows nothing of the grader."""
    return [await answer_without_us(cell) for cell in cells]


async def answer_without_us(cell: str) -> str:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
    client = NotebookClient(notebook, kernel_name="python3", allow_errors=True)
    client.shutdown_kernel = "immediate"
    await client.async_execute()
    [output] = notebook.cells[0].outputs
    return str(output.ename if output.output_type == "error" else output.data["text/plain"])
