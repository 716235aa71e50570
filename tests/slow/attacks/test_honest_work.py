"""What honest notebooks do besides training works behind the walls, or says why it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.isolation.tiers import LANDLOCK, NONE, ROOM
from grader.models import OutputKind
from tests.kernels.running import execute, linux_only

if TYPE_CHECKING:
    from tests.slow.attacks.siege import Siege

pytestmark = [pytest.mark.environment, linux_only]

# The shared memory that processes pass tensors through is nobody's own there.
WITHOUT_SHARED_MEMORY = (ROOM, NONE)
EVERYWHERE = (ROOM, LANDLOCK, NONE)

WORKS = {
    "a DataLoader with two workers": (
        "import torch\nfrom torch.utils.data import DataLoader, TensorDataset\n"
        "cards = TensorDataset(torch.arange(40.0).view(-1, 1))\n"
        "print(sum(x.sum().item() for (x,) in DataLoader(cards, batch_size=8, num_workers=2)))",
        "780.0",
        WITHOUT_SHARED_MEMORY,
    ),
    "saving and loading a model": (
        "import torch\nfrom torch import nn\nmodel = nn.Linear(1, 1)\n"
        "torch.save(model.state_dict(), 'model.pt')\n"
        "print(model.load_state_dict(torch.load('model.pt')))",
        "All keys matched",
        EVERYWHERE,
    ),
    "a program": (
        "import subprocess\nprint(subprocess.run(['echo', 'said'], capture_output=True).stdout)",
        "said",
        EVERYWHERE,
    ),
    "a shell line": ("!echo said && pwd", "said", (ROOM, NONE)),
    "two threads": (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(2) as threads: print(sum(threads.map(int, '123')))",
        "6",
        EVERYWHERE,
    ),
    "torch on two threads": (
        "import torch\ntorch.set_num_threads(2)\nx = torch.ones(500, 500)\nprint(x.mm(x).sum())",
        "tensor(1.2500e+08)",
        EVERYWHERE,
    ),
    "timing a line": ("%timeit -n 2 -r 2 sum(range(100))", "2 loops each", EVERYWHERE),
    "waiting": ("import asyncio\nawait asyncio.sleep(0.01)\nprint('waited')", "waited", EVERYWHERE),
    "a pool of processes": (
        "import multiprocessing\n"
        "with multiprocessing.Pool(2) as pool: print(pool.map(abs, [-1, -2]))",
        "[1, 2]",
        WITHOUT_SHARED_MEMORY,
    ),
    "temporary files": (
        "import tempfile\nwith tempfile.NamedTemporaryFile('w') as file: print(file.write('four'))",
        "4",
        EVERYWHERE,
    ),
    "asking who and where one is": (
        "import getpass, os, pathlib\nprint(getpass.getuser(), pathlib.Path.home().is_dir())",
        "student True",
        EVERYWHERE,
    ),
    "a local server": (
        "import socket\nserver = socket.create_server(('127.0.0.1', 0))\n"
        "with socket.create_connection(server.getsockname()): print('connected')",
        "connected",
        WITHOUT_SHARED_MEMORY,
    ),
}


@pytest.mark.parametrize(
    ("siege", "cell", "shown"),
    [
        pytest.param(tier, cell, shown, id=f"{tier}-{what.replace(' ', '-')}")
        for tier in EVERYWHERE
        for what, (cell, shown, tiers) in WORKS.items()
        if tier in tiers
    ],
    indirect=["siege"],
    scope="module",
)
def test_honest_work_works(siege: Siege, cell: str, shown: str) -> None:
    execution = execute(siege.runner, cell)
    said = "".join(output.content for output in execution.runs[0].outputs)
    assert execution.error is None, execution.error
    assert shown in said


@pytest.mark.parametrize("siege", [ROOM, LANDLOCK], indirect=True, scope="module")
def test_pictures_are_drawn(siege: Siege) -> None:
    cell = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.title('损失')\nplt.show()"
    (run,) = execute(siege.runner, cell).runs
    assert [output.kind for output in run.outputs] == [OutputKind.PNG]


@pytest.mark.parametrize("siege", [ROOM, LANDLOCK], indirect=True, scope="module")
def test_a_download_fails_at_once_and_says_that_there_is_no_network(siege: Siege) -> None:
    cell = "import torch\ntorch.hub.load_state_dict_from_url('https://example.org/model.pt')"
    execution = execute(siege.runner, cell)
    assert execution.error is not None
    assert execution.error.name == "URLError"
    assert execution.duration_s < 10


@pytest.mark.parametrize("siege", [ROOM], indirect=True, scope="module")
def test_compiling_a_model_works_or_ends_with_a_named_error(siege: Siege) -> None:
    cell = "import torch\nf = torch.compile(lambda x: x * 2 + 1)\nprint(f(torch.ones(3)).sum())"
    execution = execute(siege.runner, cell)
    assert execution.error is None or execution.error.name in {"InductorError", "TimedOut"}
