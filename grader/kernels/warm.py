"""Kernels that are forked from one process which has loaded everything already."""

from __future__ import annotations

import logging
import socket
import subprocess
import threading
from typing import TYPE_CHECKING, Final

from grader.isolation.places import PrivateFolder
from grader.isolation.visible import Hidden
from grader.kernels.booting import start_program
from grader.kernels.fresh import FreshKernels

if TYPE_CHECKING:
    from grader.models import Isolation

PATIENCE_S = 5.0
PROGRAM = "grader.kernels.zygote"
# Large pages for what torch allocates and no kernel changes: two forks cost 16 ms in place of 25.
CHEAP_TO_FORK: Final = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}


NOTHING: Final = Hidden()


class WarmKernels:
    """Starts its zygote at once, and another one whenever it was lost.

    It warms up while others find out what there is to run. Where no zygote can live, the kernels
    are fresh ones: slower, with the same results.
    """

    def __init__(self, isolation: Isolation, hidden: Hidden = NOTHING) -> None:
        self._isolation = isolation
        self._hidden = hidden
        self._lock = threading.Lock()
        self._zygote: Zygote | None = Zygote(isolation.tier, hidden)
        self._fresh: FreshKernels | None = None

    @property
    def isolation(self) -> Isolation:
        """How well the kernels are shut in."""
        return self._isolation

    @property
    def prepared(self) -> bool:
        """As long as kernels are forked."""
        return self._fresh is None

    def new_line(self) -> socket.socket | None:
        """A line to a keeper that the zygote forks."""
        with self._lock:
            if self._zygote and not self._zygote.alive():
                self._give_up_on(self._zygote)
            if self._fresh:
                return self._fresh.new_line()
            self._zygote = self._zygote or Zygote(self._isolation.tier, self._hidden)
            return self._zygote.new_line()

    def close(self) -> None:
        """End the zygote and the kernels that are still running."""
        with self._lock:
            if self._zygote:
                self._zygote.close()
                self._zygote = None
            if self._fresh:
                self._fresh.close()

    def _give_up_on(self, zygote: Zygote) -> None:
        """Forget a zygote that has ended; one that ended by itself will not do better again."""
        if zygote.gave_up:
            self._fresh = FreshKernels(self._isolation, self._hidden)
            reason = zygote.last_words()
            logging.getLogger(__name__).warning("kernels start slowly, one by one: %s", reason)
        zygote.close()
        self._zygote = None


class Zygote:
    """The warm process, seen from the grader."""

    def __init__(self, tier: str, hidden: Hidden) -> None:
        self._asked = False
        self._folder = PrivateFolder()
        self._log = self._folder.path / "zygote.log"
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = start_program(
                PROGRAM,
                theirs,
                env=self._folder.places.environment() | CHEAP_TO_FORK,
                told={"GRADER_TIER": tier, **hidden.encode()},
                cwd=self._folder.places.work,
                log=self._log,
            )

    def new_line(self) -> socket.socket:
        """Our end of a line to a new keeper; one that is dead if the zygote is."""
        self._asked = True
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                socket.send_fds(self._control, [b"k"], [theirs.fileno()])
            except OSError:
                self._kill()
        return ours

    def alive(self) -> bool:
        """Whether the process is still there."""
        return self._process.poll() is None

    @property
    def gave_up(self) -> bool:
        """Whether the process has ended by itself."""
        return (self._process.returncode or 0) > 0

    def last_words(self) -> str:
        """The last line that the process wrote, which says why it ended."""
        lines = self._log.read_text(errors="replace").split("\n") if self._log.exists() else []
        return next((line for line in reversed(lines) if line.strip()), f"{self._process.poll()}")

    def close(self) -> None:
        """End the process and everything that it forked."""
        self._control.close()
        if not self._asked:
            self._kill()  # it may be warming up yet, and has no kernel to end
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._kill()
        self._folder.remove()

    def _kill(self) -> None:
        self._process.kill()
        self._process.wait()
