"""The rounds of a benchmark: everybody grades the same class, one after the other, and again."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.class_of import class_of
from benchmarks.contenders.ours import COURSE, Ours
from benchmarks.metering import Usage
from benchmarks.results import Measured

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from benchmarks.class_of import Work
    from benchmarks.contenders import Contender
    from benchmarks.metering import Meter


class Unfinished(Exception):
    """A contender has no result for some of its submissions."""


@dataclass(frozen=True, slots=True)
class Entrant:
    """A contender, and how many of the class's submissions it gets in each round."""

    contender: Contender
    submissions: int

    def share(self, works: Sequence[Work], round_: int) -> tuple[Work, ...]:
        """Those of a round: the next ones each time, and from the front again at the end."""
        first = round_ * self.submissions
        return tuple(works[(first + n) % len(works)] for n in range(self.submissions))


@dataclass(frozen=True, slots=True)
class Ground:
    """Where it takes place: the folder for all files, and the meter."""

    folder: Path
    meter: Meter

    def graded(self, contender: Contender, works: Sequence[Work]) -> Usage:
        """What the contender takes for these works; raises CommandFailed or Unfinished."""
        folder = self.folder / contender.name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        log = self.folder / f"{contender.name}.log"
        log.unlink(missing_ok=True)
        commands = contender.prepare(works, folder)
        usage = sum((self.meter.run(command, log) for command in commands), Usage())
        if (finished := contender.finished(folder)) != len(works):
            raise Unfinished(
                f"{contender.name} has results for {finished} of {len(works)} works. See {log}"
            )
        return usage


def rounds(
    ground: Ground, entrants: Sequence[Entrant], lessons: Sequence[str], students: int, count: int
) -> Iterator[Measured]:
    """Each contender's turn as it ends: A B C, A B C, for one lesson after the other."""
    classes = {lesson: class_of(COURSE, lesson, students) for lesson in lessons}
    for round_ in range(count):
        for lesson in lessons:
            for entrant in entrants:
                works = entrant.share(classes[lesson], round_)
                usage = ground.graded(entrant.contender, works)
                yield Measured(lesson, entrant.contender.name, round_, len(works), usage)


def start_of_ours(ground: Ground, lesson: str) -> Usage:
    """What our command takes once, however many it grades: imports, and the warm process.

    The same notebook is graded for one student and for five, one at a time; what is left when one
    fifth of the difference is taken away each time is the start.
    """
    [work, *_] = class_of(COURSE, lesson, 1)
    ours = Ours(jobs=1)
    one = ground.graded(ours, [work])
    five = ground.graded(ours, [work.by(f"student{n}") for n in range(5)])
    return Usage(
        cpu_s=one.cpu_s - (five.cpu_s - one.cpu_s) / 4,
        wall_s=one.wall_s - (five.wall_s - one.wall_s) / 4,
    )
