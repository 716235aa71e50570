"""What a command costs: CPU of everything that it started, wall time, memory. Linux only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from benchmarks import warden
from benchmarks.cgroup import Cgroup
from benchmarks.memory import Watch

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_TICKS: Final = os.sysconf("SC_CLK_TCK")
# Adding up pages takes some milliseconds a process, which the measured command lacks meanwhile.
_LOOK_EVERY_S: Final = 1.0


class CommandFailed(Exception):
    """A command did not end as it has to."""


@dataclass(frozen=True, slots=True)
class Command:
    """What is run; `expected` are the exit codes that mean success."""

    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str]
    expected: Collection[int] = (0,)


@dataclass(frozen=True, slots=True)
class Usage:
    """What commands took: seconds, and MiB at the most.

    `tree_mib` is the proportional memory of all processes at one time (shared pages count once),
    `largest_mib` the resident memory of the largest one; `others_s` is the CPU that the rest of the
    machine used meanwhile.
    """

    cpu_s: float = 0.0
    wall_s: float = 0.0
    tree_mib: float = 0.0
    largest_mib: float = 0.0
    others_s: float = 0.0

    def __add__(self, other: Usage) -> Usage:
        """Both, one after the other."""
        return Usage(
            self.cpu_s + other.cpu_s,
            self.wall_s + other.wall_s,
            max(self.tree_mib, other.tree_mib),
            max(self.largest_mib, other.largest_mib),
            self.others_s + other.others_s,
        )

    def each(self, count: int) -> Usage:
        """A `count`th of the seconds; the memory as it is."""
        return Usage(
            self.cpu_s / count,
            self.wall_s / count,
            self.tree_mib,
            self.largest_mib,
            self.others_s / count,
        )


class Meter:
    """Runs one command at a time, and counts all that descends from it, daemons included.

    A control group counts all that stays in it. Where none may be made, descendants are counted as
    they are reaped; the time of a child whose parent discards its status unread is lost then.
    """

    def __init__(self, *, cgroup: bool = True, look_every_s: float = _LOOK_EVERY_S) -> None:
        self._look_every_s = look_every_s
        self._cgroup = Cgroup.made() if cgroup else None

    @property
    def how(self) -> str:
        """In words, how CPU is counted."""
        return "a control group" if self._cgroup else "reaping every descendant"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._cgroup:
            self._cgroup.remove()

    def run(self, command: Command, log: Path) -> Usage:
        """Run until the last descendant has ended; output goes to `log`. Raises CommandFailed."""
        argv = self._cgroup.joined(command.argv) if self._cgroup else command.argv
        counted_s = self._cgroup.cpu_s() if self._cgroup else 0.0
        busy_s = _machine_busy_s()
        reader, writer = os.pipe()
        with log.open("ab") as output, os.fdopen(reader) as told:
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", warden.__file__, str(writer), *argv],
                cwd=command.cwd,
                env=dict(command.env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=[writer],
            )
            os.close(writer)
            with Watch(process.pid, self._look_every_s) as watch:
                process.wait()
            report = json.loads(told.read() or "{}")
        self._complain(command, report, log)
        # Either can miss some, neither counts too much: a group is left by who makes its own.
        grouped_s = self._cgroup.cpu_s() - counted_s if self._cgroup else 0.0
        cpu_s = max(grouped_s, report["reaped_s"])
        return Usage(
            cpu_s=cpu_s,
            wall_s=report["wall_s"],
            tree_mib=watch.most_mib,
            largest_mib=report["largest_mib"],
            others_s=max(0.0, _machine_busy_s() - busy_s - cpu_s),
        )

    @staticmethod
    def _complain(command: Command, report: Mapping[str, object], log: Path) -> None:
        name = " ".join(command.argv[:3])
        if report.get("left"):
            raise CommandFailed(f"{name} ... left processes that live on: {report['left']}")
        if report.get("exit_code") not in command.expected:
            raise CommandFailed(
                f"{name} ... ended with exit code {report.get('exit_code')}. See {log}"
            )


def _machine_busy_s() -> float:
    """CPU seconds that all processes of the machine have used since it started."""
    user, nice, system, _idle, _waiting, *interrupts = map(
        int, Path("/proc/stat").read_text().partition("\n")[0].split()[1:8]
    )
    return (user + nice + system + sum(interrupts)) / _TICKS
