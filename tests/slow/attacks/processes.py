"""Looks at processes from outside, through /proc."""

from __future__ import annotations

import os
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PAGE = os.sysconf("SC_PAGE_SIZE")
SAMPLE_S = 0.05


@dataclass(slots=True)
class Peaks:
    """The most that the processes under watch ever had at once."""

    processes: int = 0
    tasks: int = 0
    open_files: int = 0
    memory: int = 0


def descendants(ancestor: int | None = None) -> list[int]:
    """All processes that descend from this one (or from `ancestor`), without it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError, IndexError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if fields[0] != "Z":
                    parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = [], [ancestor or os.getpid()]
    while waiting:
        children = parents.get(waiting.pop(), [])
        found += children
        waiting += children
    return found


def processes_with(mark: str) -> list[str]:
    """The command lines of the processes, on the whole machine, that contain `mark`."""
    everybody = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal())
    return [line for line in map(command_line, everybody) if mark in line]


def command_line(process: int) -> str:
    """The words a process was started with; "" for one that has ended."""
    with suppress(OSError):
        words = Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ")
        return words.decode(errors="replace")
    return ""


def state_of(process: int) -> str:
    """The letter that /proc gives a process; "gone" for none."""
    with suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    return "gone"


def memory_of(process: int) -> int:
    """The bytes that are really there, those of files included; shared pages count in full."""
    with suppress(OSError):
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE
    return 0


def open_files(process: int | str = "self") -> int:
    """How many descriptors a process has; 0 for one that cannot be looked at."""
    with suppress(OSError):
        return len(list(Path(f"/proc/{process}/fd").iterdir()))
    return 0


@contextmanager
def watched() -> Iterator[Peaks]:
    """Watch what descends from this process while the block runs, apart from what is there now."""
    known = frozenset(descendants())
    peaks, over = Peaks(), threading.Event()
    watcher = threading.Thread(target=_watch, args=(peaks, known, over))
    watcher.start()
    try:
        yield peaks
    finally:
        over.set()
        watcher.join()


def _watch(peaks: Peaks, known: frozenset[int], over: threading.Event) -> None:
    while not over.wait(SAMPLE_S):
        new = [pid for pid in descendants() if pid not in known]
        peaks.processes = max(peaks.processes, len(new))
        peaks.tasks = max(peaks.tasks, sum(map(_threads, new)))
        peaks.open_files = max([peaks.open_files, *map(open_files, new)])
        peaks.memory = max(peaks.memory, sum(map(_private, new)))


def _threads(process: int) -> int:
    with suppress(OSError):
        return len(list(Path(f"/proc/{process}/task").iterdir()))
    return 0


def _private(process: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss_Anon:"):
                return int(line.split()[1]) * 1024
    return 0


def survivors(processes: Iterable[int], seconds: float) -> list[str]:
    """The command lines of those of the processes that are there after so many seconds."""
    deadline = time.monotonic() + seconds
    while left := [pid for pid in processes if state_of(pid) not in {"gone", "Z"}]:
        if time.monotonic() > deadline:
            return [f"{pid} ({state_of(pid)}) {command_line(pid)[-100:]}" for pid in left]
        time.sleep(0.02)
    return []
