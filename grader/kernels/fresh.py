"""Kernels that are new processes: they start slowly, and owe nothing to one another."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

from grader.isolation.visible import Hidden
from grader.kernels.booting import start_program

if TYPE_CHECKING:
    from grader.models import Isolation

PATIENCE_S = 5.0
NOTHING = Hidden()


class FreshKernels:
    """Starts a new interpreter for every kernel."""

    def __init__(self, isolation: Isolation, hidden: Hidden = NOTHING) -> None:
        self._isolation = isolation
        self._hidden = hidden
        self._lock = threading.Lock()
        self._keepers: list[subprocess.Popen[bytes]] = []

    @property
    def isolation(self) -> Isolation:
        """How well the kernels are shut in."""
        return self._isolation

    @property
    def prepared(self) -> bool:
        """Never: they are new programs."""
        return False

    def new_line(self) -> socket.socket | None:
        """A line to a keeper of its own; None where there are no keepers (not on Linux)."""
        if sys.platform != "linux":
            return None
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            keeper = start_program("grader.kernels.keeper", theirs, told=self._hidden.encode())
        with self._lock:
            self._keepers = [each for each in self._keepers if each.poll() is None]
            self._keepers.append(keeper)
        return ours

    def close(self) -> None:
        """End the kernels that are still running."""
        with self._lock:
            for keeper in self._keepers:
                _end(keeper)
            self._keepers.clear()


def _end(keeper: subprocess.Popen[bytes]) -> None:
    """Its room falls with it, and its kernel."""
    keeper.terminate()
    try:
        keeper.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        # A student's code has stopped it; its kernel dies with it.
        keeper.kill()
        keeper.wait()
