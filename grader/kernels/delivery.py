"""How the recorder gets into a kernel: forked along with a warm one, sent as text to a new one.

Its modules are those of `grader.recorder`. The code that repeats the training stays out of every
kernel until the student's own training has run.
"""

from __future__ import annotations

import base64
import marshal
import sys
import zlib
from functools import cache
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import CodeType, ModuleType

# What the kernel calls it, and where its sources are.
NAME: Final = "inside"
FOLDER: Final = "recorder"
FIRST: Final = "__init__"
WATCHING: Final = (
    "tape",
    "tensors",
    "watching",
    "roles",
    "copies",
    "untouched",
    "touching",
    "calls",
    "classes",
    "recording",
    "dealing",
    "optimizers",
    "observing",
    "silent",
    "standing",
    "leaving",
    "steady",
)
REHEARSING: Final = ("rehearsing",)


@cache
def compiled(module: str) -> CodeType:
    """A module's code, compiled once for all kernels, which run the same interpreter."""
    source = (Path(__file__).parents[1] / FOLDER / f"{module}.py").read_text("utf-8")
    return compile(source, f"<{NAME}.{module}>", "exec", optimize=2)


@cache
def packed(module: str) -> str:
    """The same as text, and short: IPython examines every character of a cell, in Python."""
    return base64.b64encode(zlib.compress(marshal.dumps(compiled(module)))).decode()


def all_packed(modules: Sequence[str]) -> dict[str, str]:
    """The code of each module, by name."""
    return {module: packed(module) for module in modules}


class Waiting(MetaPathFinder, Loader):
    """The recorder in a forked kernel: hidden until it is imported for the first time."""

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        """The package itself; what it consists of is made with it."""
        return ModuleSpec(NAME, self, is_package=True) if fullname == NAME else None

    def exec_module(self, module: ModuleType) -> None:
        """Make the modules that watch."""
        sys.meta_path.remove(self)
        exec(compiled(FIRST), module.__dict__)  # noqa: S102 - our own
        module.make({name: compiled(name) for name in WATCHING})


def prepare() -> None:
    """Compile what the kernels that are forked from this process find in it."""
    for module in (FIRST, *WATCHING):
        compiled(module)


def unpacking() -> str:
    """A cell that does the same in a kernel without our code, and leaves no name behind."""
    return "\n".join(
        (
            "import sys as _sys, types as _types",
            f"_sys.modules[{NAME!r}] = _types.ModuleType({NAME!r})",
            f"_sys.modules[{NAME!r}].__path__ = []",
            "import base64 as _base64, marshal as _marshal, zlib as _zlib",
            f"_code = _zlib.decompress(_base64.b64decode({packed(FIRST)!r}))",
            "_code = _marshal.loads(_code)",
            f"exec(_code, _sys.modules[{NAME!r}].__dict__)",
            f"_sys.modules[{NAME!r}].unpack({all_packed(WATCHING)!r})",
            "del _sys, _types, _base64, _marshal, _zlib, _code",
        )
    )
