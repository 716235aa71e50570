"""Do marks hang on how notebooks are run: in warm or new kernels, few or many at once?

Run it with `.venv/bin/python -m benchmarks.sameness [ID ...] [--fresh-every 1]`. It grades every
entry of the banks with warm kernels, one, two and eight at a time, twice each, then with new
kernels, and compares the marks (verdicts, points and diagnoses) one by one. Marks that are the same
but for a digit in a sentence are counted apart. What the first way says is kept in build/sameness/,
so that a run of some `--ways` goes on from there; a run of all begins anew.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.decided import decided
from grader.authoring.audit import audit
from grader.course.assignment import load_assignment
from grader.execution.runner import notebook_runner
from grader.grading import open_lesson
from grader.models import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grader.authoring.audit import Tried
    from grader.grading import Lesson

ROOT: Final = Path(__file__).parent.parent
KEPT: Final = ROOT / "build" / "sameness"
# Kernels of these entries end by the clock: how far they came, and so what is said of them, may
# differ from run to run on any grader. Only their points are compared.
BY_THE_CLOCK: Final = (Outcome.TIMED_OUT, Outcome.OUT_OF_MEMORY)


@dataclass(frozen=True, slots=True)
class Way:
    """One way to run a bank."""

    name: str
    warm: bool
    jobs: int


WAYS: Final = (
    Way("warm, 2 at a time", warm=True, jobs=2),
    Way("warm, 2 at a time, again", warm=True, jobs=2),
    Way("warm, 1 at a time", warm=True, jobs=1),
    Way("warm, 1 at a time, again", warm=True, jobs=1),
    Way("warm, 8 at a time", warm=True, jobs=8),
    Way("warm, 8 at a time, again", warm=True, jobs=8),
    Way("new kernels, 2 at a time", warm=False, jobs=2),
)


def main() -> int:
    """Run the banks in all ways; 0 if no mark differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ids", nargs="*", metavar="ID")
    parser.add_argument("--fresh-every", type=int, default=1, help="every n-th for new kernels")
    parser.add_argument("--ways", type=int, nargs="*")
    asked = parser.parse_args()
    different = 0
    for name in asked.ids or sorted(each.name for each in (ROOT / "assignments").iterdir()):
        folder, solutions = (ROOT / place / name for place in ("assignments", "solutions"))
        lesson = open_lesson(load_assignment(folder, solutions))
        kept = KEPT / f"{name}.json"
        if asked.ways is None:
            kept.unlink(missing_ok=True)
        first = _read(kept)
        for way in WAYS if asked.ways is None else [WAYS[number] for number in asked.ways]:
            every = 1 if way.warm else asked.fresh_every
            began = time.monotonic()
            marks = dict(_marks(lesson, way, sorted(first)[::every]))
            if not first:
                first = marks
                _write(kept, first)
            changed = [name for name in marks if marks[name] != first[name]]
            differing = [name for name in changed if marks[name].due != first[name].due]
            worded = [name for name in changed if marks[name].due == first[name].due]
            different += len(differing)
            print(
                f"{lesson.assignment.id}: {way.name}: {len(marks)} marks, "
                f"{len(differing)} differ {' '.join(differing)}; "
                f"{len(worded)} in a digit of a sentence {' '.join(worded)} "
                f"({time.monotonic() - began:.0f} s)",
                flush=True,
            )
    return 1 if different else 0


@dataclass(frozen=True, slots=True)
class Marked:
    """What has to be the same, and all that a student sees, as text; by the clock, only points."""

    due: str
    said: str


def _marks(lesson: Lesson, way: Way, names: Sequence[str]) -> Iterator[tuple[str, Marked]]:
    runner = notebook_runner(warm=way.warm, jobs=way.jobs)
    try:
        for tried in audit(lesson, runner, seeds=(0,), jobs=way.jobs, names=names).tried:
            yield tried.entry.name, _marked(tried)
    finally:
        runner.close()


def _marked(tried: Tried) -> Marked:
    mark = tried.graded.mark
    if tried.graded.outcome in BY_THE_CLOCK:
        return Marked(repr(mark.points), "")
    return Marked(repr(decided(mark)), repr(mark))


def _read(kept: Path) -> dict[str, Marked]:
    known = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    return {name: Marked(*marked) for name, marked in known.items()}


def _write(kept: Path, marks: dict[str, Marked]) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps({name: astuple(marked) for name, marked in marks.items()}), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
