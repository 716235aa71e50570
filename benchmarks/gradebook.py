"""A large class, killed at random moments and resumed: is every mark there, once, and the same?

Run it with `.venv/bin/python -m benchmarks.gradebook [--size 500] [--kills 10] [--jobs 2]`. It
grades the class undisturbed; then again with `kill -9` at random moments, giving the same command
each time; compares the marks; and times a regrade of the class after points were moved.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

import nbformat
from sqlalchemy import func, select

from benchmarks.metering import Command, Meter
from grader.authoring.bank import build, load_bank
from grader.course.course import Course
from grader.gradebook import Gradebook, tables

ROOT = Path(__file__).parent.parent
LESSON = "01_exact_line"
HOME = Course(ROOT).folders(LESSON)
# Each costs its whole time limit, which says nothing about a gradebook.
SLOW = ("forever", "endless", "kills", "never_ends", "sleeps")


def main() -> int:
    """Do all of it; 0 if the marks are the same and each was made once."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=500)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="grader-benchmark-") as folder:
        place = Path(folder)
        course = _copied(place / "course")
        hand_in(place / "class", asked.size)
        began = time.monotonic()
        _grade(place, course, "undisturbed", asked.jobs).wait()
        undisturbed_s = time.monotonic() - began
        print(f"undisturbed: {asked.size} in {undisturbed_s:.0f} s", flush=True)
        _killed(place, course, asked.jobs, asked.kills, undisturbed_s, random.Random(asked.seed))  # noqa: S311
        same = _compared(place)
        _regraded(place, course, asked.jobs)
    return 0 if same else 1


def _copied(course: Path) -> Path:
    copy = Course(course).folders(LESSON)
    shutil.copytree(HOME.assignment, copy.assignment)
    shutil.copytree(HOME.solutions, copy.solutions)
    return course


def hand_in(folder: Path, size: int) -> None:
    """Variants of the bank, each with a line of its own, so that no two are the same notebook."""
    folder.mkdir()
    reference = nbformat.read(HOME.reference("en"), as_version=4)
    bank = [
        entry for entry in load_bank(HOME.solutions) if not any(word in entry.name for word in SLOW)
    ]
    for number, entry in enumerate(islice(cycle(bank), size)):
        notebook = build(entry, reference)
        notebook.cells.append(nbformat.v4.new_markdown_cell(f"Student {number}"))
        nbformat.write(notebook, folder / f"s{number:04}.ipynb")


def _grade(place: Path, course: Path, name: str, jobs: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "grader", "grade", str(place / "class")]
    options = ["--course", str(course), "--out", str(place / name), "--jobs", str(jobs)]
    where = ["--gradebook", str(place / f"{name}.db"), "--lang", "en"]
    log = (place / f"{name}.log").open("ab")
    return subprocess.Popen([*command, *options, *where], cwd=ROOT, stdout=log, stderr=log)


def _killed(
    place: Path, course: Path, jobs: int, kills: int, usual_s: float, dice: random.Random
) -> None:
    began = time.monotonic()
    for number in range(kills):
        grading = _grade(place, course, "killed", jobs)
        time.sleep(dice.uniform(0.1, 1.6) * usual_s / (kills + 1) + 2)
        grading.send_signal(signal.SIGKILL)
        grading.wait()
        print(f"killed {number + 1}: {kept_marks(place / 'killed.db')[1]} marks so far", flush=True)
    grading = _grade(place, course, "killed", jobs)
    code = grading.wait()
    print(f"resumed to the end: exit code {code}, {time.monotonic() - began:.0f} s in all")


def kept_marks(path: Path) -> tuple[dict[str, tuple[float | None, bool]], int, int]:
    """Each student's points and whether they are withheld; how many marks; the most of anyone."""
    if not path.exists():
        return {}, 0, 0
    mark, work = tables.mark.c, tables.submission.c
    with Gradebook(str(path)) as book:
        marks = {
            entry.work.student: (entry.points, entry.graded.mark.withheld)
            for entry in book.entries()
            if entry.graded is not None
        }
        with book._reading() as connection:  # noqa: SLF001
            rows = connection.execute(
                select(work.student, func.count(mark.id))
                .join(tables.submission, work.id == mark.submission)
                .group_by(work.student)
            ).all()
    counts = [count for _, count in rows]
    return marks, sum(counts), max(counts, default=0)


def _compared(place: Path) -> bool:
    undisturbed, _, _ = kept_marks(place / "undisturbed.db")
    killed, count, most = kept_marks(place / "killed.db")
    differing = [s for s in undisturbed if undisturbed[s] != killed.get(s)]
    print(f"marks: {len(killed)} students, {count} marks, at most {most} each")
    print(f"differing from the undisturbed run: {len(differing)} {differing[:5]}")
    pages = [len(list((place / name).rglob("*.html"))) for name in ("undisturbed", "killed")]
    print(f"pages: {pages[0]} undisturbed, {pages[1]} killed and resumed")
    return not differing and most == 1 and pages[0] == pages[1]


def move_points(checks: Path, loses: str, by: float = 1) -> None:
    """Take points from one of the lesson's training checks, and give them to its inputs."""
    text, own = checks.read_text("utf-8"), '"data.inputs", points=5'
    if own not in text:
        raise ValueError(f"{checks} gives other points than this moves")
    moved = f"""

from dataclasses import replace

TRAINING = tuple(
    replace(one, points=one.points - {by}) if one.id == {loses!r} else one for one in TRAINING
)
"""
    checks.write_text(text.replace(own, f'"data.inputs", points={5 + by}') + moved, "utf-8")


def _regraded(place: Path, course: Path, jobs: int) -> None:
    """Move points, so that everybody's mark and page are made anew, and time the regrade."""
    move_points(Course(course).folders(LESSON).assignment / "checks.py", "train.epochs")
    command = [sys.executable, "-m", "grader", "regrade", "--course", str(course), "--lang", "en"]
    where = ["--gradebook", str(place / "undisturbed.db"), "--out", str(place / "undisturbed")]
    how = ["--no-run", "--jobs", str(jobs)]
    log = place / "regrade.log"
    with Meter() as meter:
        took = meter.run(Command((*command, *where, *how), ROOT, os.environ, (0, 1)), log)
    print(
        f"regrade, {jobs} at once: {took.wall_s:.1f} s, {took.cpu_s:.1f} s of CPU; "
        f"the rest of the machine used {took.others_s:.1f} s meanwhile"
    )
    print("\n".join(log.read_text("utf-8").splitlines()[-3:]))


if __name__ == "__main__":
    sys.exit(main())
