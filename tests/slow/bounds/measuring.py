"""Grades an input in a process of its own, and tells what that process took.

`python -m tests.slow.bounds.measuring record "many ticks"` does it by hand.
"""

from __future__ import annotations

import base64
import json
import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.slow.bounds.inputs import Input, grade, made

GIB = 1 << 30
# Neither is what is asserted: they keep a test that fails from taking the machine with it.
MOST_MEMORY = 6 * GIB
MOST_CPU_S = 300


@dataclass(frozen=True, slots=True)
class Taken:
    """What grading came to, its largest memory in bytes, and the seconds that it computed."""

    came_to: object
    memory: int
    cpu_s: float


def taken_by(given: Input) -> Taken:
    """Grade this in a new interpreter."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "input.json"
        content = base64.b64encode(given.content).decode()
        file.write_text(json.dumps([content, list(given.records), list(given.said)]), "utf-8")
        ran = subprocess.run(
            [sys.executable, "-m", "tests.slow.bounds.measuring", str(file)],
            stdout=subprocess.PIPE,
            check=True,
            env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
    return Taken(**json.loads(ran.stdout.splitlines()[-1]))


def _measure(file: str) -> Taken:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_S, MOST_CPU_S))
    content, records, said = json.loads(Path(file).read_text("utf-8"))
    given = Input(base64.b64decode(content), records, said)
    del content, records, said
    before = resource.getrusage(resource.RUSAGE_SELF)
    came_to = grade(given)
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Taken(came_to, _peak(), cpu_s)


def _peak() -> int:
    """The most memory that this program had; `ru_maxrss` would count what its parent had, too."""
    status = Path("/proc/self/status").read_text("utf-8")
    [line] = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def main() -> None:
    """Measure an input by its kind and name, or in a child the one in a file."""
    taken = taken_by(made(*sys.argv[1:])) if len(sys.argv) > 2 else _measure(sys.argv[1])
    told = {"came_to": taken.came_to, "memory": taken.memory, "cpu_s": taken.cpu_s}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
