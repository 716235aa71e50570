"""What a new kernel answers when it is asked, in many ways, for what nobody has imported yet.

The table was made by `python -m tests.kernels.probes`, which asks plain nbclient and an ipykernel
that know nothing of the grader, a new one for each probe, and prints the table anew (a minute or
two). To be done again when Python, ipykernel, numpy, torch or matplotlib get a new version.
"""

from __future__ import annotations

import asyncio
import pprint
import sys
from typing import Final

import nbformat
from nbclient import NotebookClient

# Our recorder imports them before the first cell, in every kernel; what a student's cell can see of
# that is what it would see on the student's own machine after importing them.
BEFORE: Final = "import numpy, torch\ndel numpy, torch"
CELL: Final = "import sys\n"

ANSWERS: Final = {
    "torch": "NameError",
    "np": "NameError",
    "plt": "NameError",
    "numpy.zeros(1)": "NameError",
    "nn.Linear(1, 1)": "NameError",
    "import matplotlib\nmatplotlib.pyplot": "AttributeError",
    "import matplotlib\nmatplotlib.ticker.__name__": "'matplotlib.ticker'",
    "import matplotlib\nmatplotlib.image": "AttributeError",
    "import matplotlib.figure\nmatplotlib.pyplot": "AttributeError",
    "import matplotlib.pyplot\nmatplotlib.animation": "AttributeError",
    "import matplotlib.pyplot\nplt": "NameError",
    "from matplotlib import pyplot\npyplot.get_fignums()": "[]",
    "import torch\ntorch.nn.functional.relu(torch.tensor(-1.0)).item()": "0.0",
    "import torch\ntorch.utils.tensorboard": "AttributeError",
    "import torch\ntorch.utils.data.DataLoader.__name__": "'DataLoader'",
    "import torch\ntorch.distributed.launch": "AttributeError",
    "import torch\ntorch.onnx.utils.__name__": "'torch.onnx._internal.torchscript_exporter.utils'",
    "import torch\ntorchvision": "NameError",
    "import numpy\nnumpy.f2py.__name__": "'numpy.f2py'",
    "import numpy\nnumpy.testing.__name__": "'numpy.testing'",
    "import a_package_that_nobody_has": "ModuleNotFoundError",
    "import scipy\nscipy.stats.__name__": "'scipy.stats'",
    "import sympy.physics\nsympy.plotting.plot.__name__": "'plot'",
    "import PIL\nPIL.Image": "AttributeError",
    "import IPython\nIPython.display.__name__": "'IPython.display'",
    "import concurrent\nconcurrent.futures.__name__": "'concurrent.futures'",
    "import importlib\nimportlib.metadata.__name__": "'importlib.metadata'",
    "import xml\nxml.dom.minidom": "AttributeError",
    "'matplotlib.pyplot' in sys.modules": "False",
    "'matplotlib' in sys.modules": "False",
    "'pandas' in sys.modules": "False",
    "import torch\ntorch.get_default_dtype()": "torch.float32",
    "import torch\ntorch.is_grad_enabled()": "True",
    "import numpy\nnumpy.geterr()['divide']": "'warn'",
    "import logging\nlogging.getLogger().handlers": "[]",
}


async def answer_of_a_new_kernel(probe: str) -> str:
    """What plain nbclient shows of a probe: a result, or the name of an exception."""
    cells = [nbformat.v4.new_code_cell(source) for source in (BEFORE, CELL + probe)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    client = NotebookClient(notebook, kernel_name="python3", allow_errors=True)
    client.shutdown_kernel = "immediate"
    await client.async_execute()
    [output] = notebook.cells[1].outputs
    return str(output.ename if output.output_type == "error" else output.data["text/plain"])


if __name__ == "__main__":
    measured = {probe: asyncio.run(answer_of_a_new_kernel(probe)) for probe in ANSWERS}
    sys.stdout.write(f"{pprint.pformat(measured, width=99, sort_dicts=False)}\n")
