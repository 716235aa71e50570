"""A control group of Linux (version 2): it counts the CPU of all that was ever started in it."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Sequence

_PATIENCE_S: Final = 2.0
# A shell joins the group before it becomes the command, so that nothing goes uncounted.
_JOIN: Final = 'echo $$ > "$0" && exec "$@"'


@dataclass(frozen=True, slots=True)
class Cgroup:
    """A group below the one that this process is in."""

    folder: Path

    @classmethod
    def made(cls) -> Self | None:
        """A new group; None where this process may not make one."""
        for mount in _mounts():
            own = _own_group()
            folder = mount / own.lstrip("/") / f"bench-{os.getpid()}"
            try:
                folder.mkdir()
                group = cls(folder)
                group.cpu_s()
            except OSError:
                with suppress(OSError):
                    folder.rmdir()
                continue
            if os.access(folder / "cgroup.procs", os.W_OK):
                return group
            group.remove()
        return None

    def joined(self, argv: Sequence[str]) -> tuple[str, ...]:
        """The command that runs `argv` in the group."""
        return ("/bin/sh", "-c", _JOIN, str(self.folder / "cgroup.procs"), *argv)

    def cpu_s(self) -> float:
        """The CPU seconds of everything in the group, up to now; raises OSError."""
        for line in (self.folder / "cpu.stat").read_text().splitlines():
            name, _, value = line.partition(" ")
            if name == "usage_usec":
                return int(value) / 1e6
        raise OSError("cpu.stat has no usage_usec")

    def remove(self) -> None:
        """Remove the group, whose processes have all ended."""
        deadline = time.monotonic() + _PATIENCE_S
        while self.folder.exists() and time.monotonic() < deadline:
            # A process that was just reaped may still be leaving.
            with suppress(OSError):
                self.folder.rmdir()
            time.sleep(0.01)


def _mounts() -> tuple[Path, ...]:
    """Where version 2 is mounted: alone, or beside version 1."""
    lines = Path("/proc/self/mounts").read_text().splitlines()
    return tuple(Path(line.split()[1]) for line in lines if line.split()[2] == "cgroup2")


def _own_group() -> str:
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        if line.startswith("0::"):
            return line.removeprefix("0::")
    return "/"
