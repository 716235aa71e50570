"""Tells when the notebook reaches for what watches it, or puts something else in its place.

Nothing in a process can be kept from code that runs there; but Python itself reports some of the
ways to get at it, before they are gone, to hooks that cannot be taken out again.
"""

from __future__ import annotations

import builtins
import json
import sys
import types
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import FrameType

# What a beginner's notebook has no use for, and what finds any object in the process.
REACHING = frozenset(
    (
        *("gc.get_objects", "gc.get_referrers", "gc.get_referents"),
        *("sys.settrace", "sys._current_frames", "sys.addaudithook"),
    )
)
BUILTINS = (
    *("isinstance", "len", "float", "int", "list", "dict", "tuple", "set", "str", "type", "id"),
    *("sum", "min", "max", "any", "all", "zip", "map", "range", "sorted", "enumerate", "next"),
    *("iter", "getattr", "setattr", "hasattr", "vars", "bool", "abs", "__import__"),
)
# A text that is run has no file.
NO_FILE = "<string>"


def listen(namespace: Mapping[str, Any], tell: Callable[[str], None]) -> None:
    """Tell, while it happens, by what the notebook's own code reaches for objects of others.

    A library may have a use for them: its code is no cell.
    """

    def hear(event: str, _args: object, reaching: frozenset[str] = REACHING) -> None:
        if event in reaching and of_notebook(sys._getframe(1), namespace):
            tell(event)

    sys.addaudithook(hear)


def of_notebook(frame: FrameType, namespace: Mapping[str, Any]) -> bool:
    """Whether a frame runs the notebook's own code."""
    return frame.f_globals is namespace or frame.f_code.co_filename == NO_FILE


class Whole:
    """What a notebook is watched with, as it was before its first cell."""

    def __init__(self, shell: Any, package: str) -> None:
        self.shell = shell
        self.package = package
        self.library = dict(library(shell))
        self.own = own_functions(package)

    def replaced(self) -> list[str]:
        """What of it is no longer what it was."""
        own = own_functions(self.package)
        if any(own.get(name) is not what for name, what in self.own.items()):
            return ["the recorder"]
        return [name for name, now in library(self.shell) if self.library.get(name) is not now]


def library(shell: Any) -> Iterator[tuple[str, Any]]:
    """The functions that an honest notebook never replaces."""
    functional = torch.nn.functional
    yield "torch.autograd.backward", torch.autograd.backward
    yield "torch.autograd.grad", torch.autograd.grad
    yield "torch.Tensor.backward", torch.Tensor.backward
    yield "torch.optim.Optimizer.zero_grad", torch.optim.Optimizer.zero_grad
    yield "torch.optim.SGD", torch.optim.SGD
    yield "torch.optim.SGD.step", torch.optim.SGD.step
    yield "torch.nn.Module.__call__", torch.nn.Module.__call__
    yield "torch.nn.Linear", torch.nn.Linear
    yield "torch.nn.Linear.forward", torch.nn.Linear.forward
    yield "torch.nn.MSELoss", torch.nn.MSELoss
    yield "torch.nn.MSELoss.forward", torch.nn.MSELoss.forward
    yield "torch.nn.BCEWithLogitsLoss", torch.nn.BCEWithLogitsLoss
    yield "torch.nn.BCEWithLogitsLoss.forward", torch.nn.BCEWithLogitsLoss.forward
    yield "torch.nn.functional.linear", functional.linear
    yield "torch.nn.functional.mse_loss", functional.mse_loss
    bce = "binary_cross_entropy_with_logits"
    yield f"torch.nn.functional.{bce}", functional.binary_cross_entropy_with_logits
    yield "torch.allclose", torch.allclose
    yield "torch.equal", torch.equal
    for name in ("tolist", "item", "detach", "clone", "reshape", "__setattr__"):
        yield f"torch.Tensor.{name}", getattr(torch.Tensor, name)
    yield "json.dumps", json.dumps
    publisher = shell.display_pub
    yield "IPython's display_pub", publisher
    yield "IPython's publish", vars(publisher).get("publish", type(publisher).publish)
    yield from ((name, getattr(builtins, name, None)) for name in BUILTINS)


def own_functions(package: str) -> dict[str, Any]:
    """The functions and the classes of the package that watches, by name, and their code."""
    found: dict[str, Any] = {}
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == package:
            for owner, members in _owners(name, module):
                for each, value in list(members.items()):
                    if isinstance(value, (types.FunctionType, type)):
                        found[f"{owner}.{each}"] = value
                        found[f"{owner}.{each}()"] = getattr(value, "__code__", None)
    return found


def _owners(name: str, module: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield name, vars(module)
    for each, value in list(vars(module).items()):
        if isinstance(value, type) and value.__module__ == name:
            yield f"{name}.{each}", vars(value)
