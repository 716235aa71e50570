"""What one kernel may use up: bounds on each of its processes, and a watch over all of them.

Linux bounds single processes only, so the sum is watched: memory that is really there (shared pages
counted once) and the number of processes. The figures leave honest work ten times what it takes: a
kernel with torch and pictures holds 0.3 GiB, four DataLoader workers are four processes.
"""

from __future__ import annotations

import os
import resource
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

MIB: Final = 1 << 20
ADDRESS_SPACE: Final = 3072 * MIB
FILE: Final = 128 * MIB
TASKS: Final = 96  # processes and threads
OPEN_FILES: Final = 256
CPU_S: Final = 600
MEMORY: Final = 2048 * MIB
PROCESSES: Final = 64
WATCH_S: Final = 0.05

EVER_LESS_LIKELY_TO_BE_KEPT: Final = "1000"


def bound_this_process(*, counted_alone: bool) -> None:
    """Set the bounds of a kernel; what it starts inherits them."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(EVER_LESS_LIKELY_TO_BE_KEPT)
    for kind, most in bounds(counted_alone=counted_alone).items():
        resource.setrlimit(kind, (most, most))
    # A file that grows too large is an error for the student, not the kernel's death.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def bounds(*, counted_alone: bool) -> dict[int, int]:
    """The bounds of a single process, where this one may have no less.

    `counted_alone`: the system counts its user's tasks apart from everybody else's.
    """
    wanted = {
        resource.RLIMIT_AS: ADDRESS_SPACE,
        resource.RLIMIT_FSIZE: FILE,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_CPU: CPU_S,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    if counted_alone:
        wanted[resource.RLIMIT_NPROC] = TASKS
    hard = {kind: resource.getrlimit(kind)[1] for kind in wanted}
    return {
        kind: most if hard[kind] == resource.RLIM_INFINITY else min(most, hard[kind])
        for kind, most in wanted.items()
    }


def exceeded(processes: Iterable[int]) -> str:
    """Which limit these processes exceed together: "memory", "processes", or "" for none."""
    known = list(processes)
    if len(known) > PROCESSES:
        return "processes"
    if sum(map(_private, known)) > MEMORY and sum(map(_share, known)) > MEMORY:
        return "memory"
    return ""


def family(ancestor: int) -> list[int]:
    """A process and all its descendants that still live, up to one more than are allowed."""
    known: list[int] = []
    waiting = [ancestor]
    while waiting and len(known) <= PROCESSES:
        known.append(waiting.pop())
        waiting += children(known[-1])
    # Whoever hops from fork to fork is met again and again, each time as another process.
    return [process for process in known if _lives(process)]


def _lives(process: int) -> bool:
    """Whether a process is there, and not only waiting for its parent to take note of its end."""
    _, _, behind_name = _said(f"/proc/{process}/stat").rpartition(b") ")
    return bool(behind_name) and not behind_name.startswith((b"Z", b"X"))


def children(parent: int) -> list[int]:
    """The process ids of a process's children, whichever thread started them."""
    found: list[int] = []
    with suppress(OSError):
        for thread in os.listdir(f"/proc/{parent}/task"):  # noqa: PTH208
            found += map(int, _said(f"/proc/{parent}/task/{thread}/children").split())
    return found


def _private(process: int) -> int:
    """Bytes that are in no file; quick, but pages shared with a parent count twice."""
    return _counted(_said(f"/proc/{process}/status"), (b"RssAnon:", b"RssShmem:"))


def _share(process: int) -> int:
    """A process's fair share of those bytes: what several hold is divided among them."""
    return _counted(_said(f"/proc/{process}/smaps_rollup"), (b"Pss_Anon:", b"Pss_Shmem:"))


def _counted(table: bytes, rows: tuple[bytes, ...]) -> int:
    return sum(int(line.split()[1]) * 1024 for line in table.splitlines() if line.startswith(rows))


def _said(path: str) -> bytes:
    """What a file in /proc holds, and nothing once its process has ended.

    Read without pathlib and its decoder: each kernel is looked at twenty times a second, a file for
    each of its threads.
    """
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123
            return file.read()
    except OSError:
        return b""
