"""Every reference on many seeds: does it score all points, and what CPU does its notebook take?

Run it with `.venv/bin/python -m benchmarks.references [ID ...] [--seeds 20]`. The notebook's CPU is
that of its code cells, plots included, in a process that has loaded torch before.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from grader.course.assignment import load_assignment
from grader.execution.runner import notebook_runner
from grader.grading import grade_submission, open_lesson
from grader.submission import read_submission

if TYPE_CHECKING:
    from grader.execution.runner import NotebookRunner
    from grader.grading import Lesson

ROOT = Path(__file__).parent.parent
MOST_CPU_S = 2.0


def main() -> int:
    """Try all references that were asked for; 0 if each is right and light enough."""
    parser = argparse.ArgumentParser(prog="benchmarks.references", description=__doc__)
    parser.add_argument("ids", nargs="*", metavar="ID", help="lessons; all without any")
    parser.add_argument("--seeds", type=int, default=20, help="how many seeds each is graded with")
    asked = parser.parse_args()
    folders = sorted(path.parent for path in (ROOT / "assignments").glob("*/assignment.toml"))
    sound = True
    with closing(notebook_runner()) as runner:
        for folder in folders:
            if asked.ids and folder.name not in asked.ids:
                continue
            solutions = ROOT / "solutions" / folder.name
            lesson = open_lesson(load_assignment(folder, solutions))
            for path in sorted(solutions.glob("reference.*.ipynb")):
                wrong = _not_all_points(path, lesson, runner, asked.seeds)
                cpu_s = _cpu_s(path)
                print(
                    f"{folder.name} {path.name}: all points on {asked.seeds - len(wrong)} of "
                    f"{asked.seeds} seeds, {cpu_s:.2f} s of CPU once torch is loaded",
                    flush=True,
                )
                for line in wrong:
                    print(f"  {line}", flush=True)
                sound = sound and not wrong and cpu_s < MOST_CPU_S
    return 0 if sound else 1


def _not_all_points(path: Path, lesson: Lesson, runner: NotebookRunner, seeds: int) -> list[str]:
    """A line for each seed under which a reference does not get all points."""
    submission = read_submission(path, path.stem, lesson.handouts)
    lines = []
    for seed in range(seeds):
        mark = grade_submission(submission, lesson, runner, seed=seed).mark
        if mark.withheld or mark.points < mark.max_points:
            checks = (check for step in mark.steps for check in step.checks)
            missed = [check.id for check in checks if check.points < check.max_points]
            lines.append(f"seed {seed}: {mark.points:g} points, without {', '.join(missed)}")
    return lines


def _cpu_s(path: Path) -> float:
    """The least CPU of three runs: what a run takes more than another is other processes' doing."""
    program = Path(__file__).with_name("programs") / "notebook_cpu.py"
    command = [sys.executable, str(program), str(path)]
    runs = (subprocess.run(command, check=True, capture_output=True, text=True) for _ in range(3))
    return min(float(run.stdout.splitlines()[-1]) for run in runs)


if __name__ == "__main__":
    sys.exit(main())
