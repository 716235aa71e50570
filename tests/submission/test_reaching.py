from __future__ import annotations

import pytest

from grader.models import Cell, CellKind
from grader.submission.reaching import reached


def told(source: str) -> list[str]:
    return [str(message) for message in reached([Cell(7, CellKind.CODE, source)])]


@pytest.mark.parametrize(
    ("source", "way"),
    [
        ("import sys\nr = sys.modules['inside'].recorder", "sys.modules"),
        ("import sys as s\nlist(s.modules)", "sys.modules"),
        ("from sys import modules as m\nm['inside']", "sys.modules"),
        ("import inside", "inside"),
        ("import gc\nfor o in gc.get_objects(): pass", "gc.get_objects"),
        ("exec('import gc; gc.get_objects()')", "gc.get_objects"),
        ("exec(text)", "exec"),
        ("__import__('ctypes')", "ctypes"),
        ("getattr(sys, name)", "getattr(sys, ...)"),
        ("f.__closure__[0]", "__closure__"),
        ("getattr(f, '__closure__')", "__closure__"),
        ("torch.optim.SGD.step = step", "torch.optim.SGD.step"),
        ("from torch import nn\nnn.Linear.forward = f", "torch.nn.Linear.forward"),
        ("setattr(torch.Tensor, 'item', f)", "torch.Tensor.item"),
        ("import builtins\nbuiltins.len = f", "builtins.len"),
        ("get_ipython().display_pub.publish = f", "get_ipython().display_pub.publish"),
        ("get_ipython().events.callbacks['pre_run_cell']", "events.callbacks"),
        ("get_ipython().run_cell = f", "get_ipython().run_cell"),
    ],
)
def test_what_can_reach_the_recorder_is_told(source: str, way: str) -> None:
    assert [message.split("`")[1] for message in told(source)] == [way]


@pytest.mark.parametrize(
    "source",
    [
        "import gc\ngc.collect()",
        "import sys\nIN_COLAB = 'google.colab' in sys.modules",
        "import sys\nprint(sys.version, sys.modules.get('google.colab'))",
        "import copy\nbest = copy.deepcopy(model)",
        "model.eval()\nprint = lambda *a: None",
        "import builtins\nbuiltins.print = mine",
        "torch.backends.cudnn.deterministic = True\nnn.Module.__repr__ = f",
        "model.weight.data = w\nmodel.forward = f\noptimizer.step = f",
        "eval('1 + 1')\ngetattr(nn, name)()\ngetattr(model, 'weight')",
        "get_ipython().events.register('post_run_cell', f)",
        "import inspect\ninspect.getsource(f)\nhandle = model.register_forward_hook(f)",
        "def broken(:",
    ],
)
def test_what_honest_notebooks_do_is_not_told(source: str) -> None:
    assert told(source) == []


def test_text_is_no_code() -> None:
    assert list(reached([Cell(1, CellKind.MARKDOWN, "import inside")])) == []
