"""Starts programs of this package as clean processes: nothing of the grader's is in them."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

PACKAGE: Final = Path(__file__).parents[1]
# The program takes a few modules of ours, and nothing of what our package imports for others.
BOOT: Final = """
import sys, types
del sys.path[0]
sys.modules["grader"] = types.ModuleType("grader")
sys.modules["grader"].__path__ = [sys.argv[1]]
import importlib
importlib.import_module(sys.argv[2]).main()
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
    with log.open("wb") if log else nullcontext(subprocess.DEVNULL) as errors:
        return subprocess.Popen(
            [sys.executable, "-c", BOOT, str(PACKAGE), module, str(control.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            pass_fds=[control.fileno()],
            start_new_session=True,
            env={**(env or {"PATH": os.environ.get("PATH", os.defpath)}), **(told or {})},
            cwd=cwd or "/",
        )
