"""Starts programs of this package as clean processes: nothing of the grader's is in them."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, Final

import grader.kernels

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping
    from pathlib import Path

# The program takes a few modules of ours, and nothing of what our packages import for others.
BOOT: Final = """
import sys, types
del sys.path[0]
for name, folder in zip(("grader", "grader.kernels"), sys.argv[1:]):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [folder]
import importlib
importlib.import_module(sys.argv[3]).main()
"""


def start_program(
    module: str,
    control: socket.socket,
    *,
    env: Mapping[str, str] | None = None,
    told: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    log: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Run a module's `main` in a new interpreter; `control` is the last of its arguments.

    It inherits `control` and no other descriptor; without `env` it knows only where programs are
    found. `told` comes on top of that, and what it says of its troubles goes to `log`.
    """
    packages = (*grader.__path__, *grader.kernels.__path__)
    with log.open("wb") if log else nullcontext(subprocess.DEVNULL) as errors:
        return subprocess.Popen(
            [sys.executable, "-c", BOOT, *packages, module, str(control.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            pass_fds=[control.fileno()],
            start_new_session=True,
            env={**(env or {"PATH": os.environ.get("PATH", os.defpath)}), **(told or {})},
            cwd=cwd or "/",
        )
