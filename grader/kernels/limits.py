"""What one kernel may use up: bounds on each of its processes, and a watch over all of them.

Linux bounds single processes only, so the sum is watched: memory that is really there (shared pages
counted once) and the number of processes. The figures leave honest work ten times what it takes: a
kernel with torch and pictures holds 0.3 GiB, four DataLoader workers are four processes.
"""

from __future__ import annotations

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
    """Set the bounds of a kernel; what it starts inherits them.

    `counted_alone`: the system counts its user's tasks apart from everybody else's.
    """
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(EVER_LESS_LIKELY_TO_BE_KEPT)
    bounds = {
        resource.RLIMIT_AS: ADDRESS_SPACE,
        resource.RLIMIT_FSIZE: FILE,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_CPU: CPU_S,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    if counted_alone:
        bounds[resource.RLIMIT_NPROC] = TASKS
    for kind, most in bounds.items():
        _, hard = resource.getrlimit(kind)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))
    # A file that grows too large is an error for the student, not the kernel's death.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


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
    with suppress(OSError):
        _, _, behind_name = Path(f"/proc/{process}/stat").read_text().rpartition(") ")
        return not behind_name.startswith(("Z", "X"))
    return False


def children(parent: int) -> list[int]:
    """The process ids of a process's children, whichever thread started them."""
    found: list[int] = []
    with suppress(OSError):
        for thread in Path(f"/proc/{parent}/task").iterdir():
            with suppress(OSError):
                found += map(int, (thread / "children").read_text().split())
    return found


def _private(process: int) -> int:
    """Bytes that are in no file; quick, but pages shared with a parent count twice."""
    return _counted(Path(f"/proc/{process}/status"), ("RssAnon:", "RssShmem:"))


def _share(process: int) -> int:
    """A process's fair share of those bytes: what several hold is divided among them."""
    return _counted(Path(f"/proc/{process}/smaps_rollup"), ("Pss_Anon:", "Pss_Shmem:"))


def _counted(table: Path, rows: tuple[str, ...]) -> int:
    with suppress(OSError):
        lines = [line.split() for line in table.read_text().splitlines()]
        return sum(int(line[1]) * 1024 for line in lines if line and line[0] in rows)
    return 0
