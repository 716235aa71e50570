"""How much memory the descendants of a process have together, at the most. Linux only."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator


class Watch:
    """Looks every `pause_s` seconds; `most_mib` is the most that was seen."""

    def __init__(self, root: int, pause_s: float) -> None:
        self.most_mib = 0.0
        self._root = root
        self._pause_s = pause_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(self._pause_s):
            together = sum(map(proportional_mib, descendants(self._root)))
            self.most_mib = max(self.most_mib, together)


def descendants(root: int) -> set[int]:
    """The process ids of all that descends from a process, as it is now."""
    children: dict[int, list[int]] = {}
    for pid, parent in _parents():
        children.setdefault(parent, []).append(pid)
    found: set[int] = set()
    waiting = [root]
    while waiting:
        new = children.get(waiting.pop(), [])
        found.update(new)
        waiting.extend(new)
    return found


def proportional_mib(pid: int) -> float:
    """The memory of a process, of shared pages its share; 0 where it is gone or hidden."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def _parents() -> Iterator[tuple[int, int]]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with suppress(OSError):
                # The name in brackets may hold anything; behind it come state and parent.
                state = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
                yield int(folder.name), int(state[1])
