"""A thousand submissions in one call: does anything grow, or stay behind?

Run it with `.venv/bin/python -m benchmarks.thousand [--size 1000] [--jobs 2]`. While `grader grade`
works, it looks once a second at the memory, the descriptors and the children of the processes that
stay from one notebook to the next; half-way it kills the warm process. At the end it looks for
processes and temporary files that were left, and for submissions without a mark. Linux only.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.gradebook import hand_in
from benchmarks.memory import descendants, proportional_mib

ROOT: Final = Path(__file__).parent.parent
ZYGOTE: Final = "grader.kernels.zygote"
PAUSE_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Look:
    """What there was at one moment: done so far, and what the staying processes hold."""

    done: int
    processes: int
    resident_mib: float
    open_files: int
    temporary: int


def main() -> int:
    """Do all of it; 0 if every submission is marked and nothing was left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="grader-benchmark-") as folder:
        place = Path(folder)
        hand_in(place / "class", asked.size)
        (place / "tmp").mkdir()
        began = time.monotonic()
        grading = _grade(place, asked.jobs)
        looks = _watched(grading, place, asked.size)
        print(f"exit code {grading.returncode}, {time.monotonic() - began:.0f} s")
        return 0 if _told(place, looks, asked.size) else 1


def _grade(place: Path, jobs: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "grader", "grade", str(place / "class"), "--lang", "en"]
    options = ["--course", str(ROOT), "--out", str(place / "reports"), "--jobs", str(jobs)]
    log = (place / "log").open("wb")
    return subprocess.Popen(
        [*command, *options],
        stdout=log,
        stderr=log,
        env=os.environ | {"TMPDIR": str(place / "tmp")},
    )


def _watched(grading: subprocess.Popen[bytes], place: Path, size: int) -> list[Look]:
    looks: list[Look] = []
    killed = False
    while grading.poll() is None:
        looks.append(_look(grading.pid, place))
        if looks[-1].done >= size // 2 and not killed:
            for pid in descendants(grading.pid):
                if ZYGOTE in _arguments(pid) and _parent(pid) == grading.pid:
                    os.kill(pid, signal.SIGKILL)
                    killed = True
            print(f"after {looks[-1].done}: the warm process was killed", flush=True)
        if len(looks) % 30 == 0:
            print(looks[-1], flush=True)
        time.sleep(PAUSE_S)
    return looks


def _look(grader: int, place: Path) -> Look:
    # The grader itself and the two programs that it started; what they fork comes and goes.
    staying = [grader, *(pid for pid in descendants(grader) if _parent(pid) == grader)]
    return Look(
        done=sum(1 for _ in (place / "reports").rglob("*.json")),
        processes=len(staying),
        resident_mib=round(sum(map(proportional_mib, staying)), 1),
        open_files=sum(map(_open_files, staying)),
        temporary=sum(1 for _ in (place / "tmp").iterdir()),
    )


def _told(place: Path, looks: list[Look], size: int) -> bool:
    for share in (0.1, 0.25, 0.45, 0.6, 0.75, 0.9, 1.0):
        near = min(looks, key=lambda look: abs(look.done - share * size))
        print(f"{share:4.0%}: {near}")
    grader_files = list((place / "tmp").iterdir())
    marks = [json.loads(file.read_text("utf-8")) for file in (place / "reports").rglob("*.json")]
    unmarked = [mark for mark in marks if mark.get("points") is None and "student" in mark]
    left = [pid for pid in _everybody() if str(place) in _arguments(pid) and pid != os.getpid()]
    print(f"{len(marks)} JSON files, {len(unmarked)} without points")
    print(f"left in the temporary folder: {len(grader_files)} {grader_files[:3]}")
    print(f"left running: {len(left)}")
    return len(marks) >= size and not grader_files and not left


def _everybody() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]


def _arguments(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    return ""


def _parent(pid: int) -> int:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


def _open_files(pid: int) -> int:
    with suppress(OSError):
        return len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208
    return 0


if __name__ == "__main__":
    sys.exit(main())
