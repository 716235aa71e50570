"""What was measured: every round of every contender, and what follows from it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.metering import Usage

OURS: Final = "grader"


@dataclass(frozen=True, slots=True)
class Measured:
    """What a contender took in one round of one lesson, for all of the submissions it got."""

    lesson: str
    contender: str
    round: int
    submissions: int
    whole: Usage

    @property
    def each(self) -> Usage:
        """What a submission took; the memory is that of the whole."""
        return self.whole.each(self.submissions)


@dataclass(frozen=True, slots=True)
class Ratios:
    """How many times what ours takes, pair by pair in each round: the median of the rounds."""

    cpu: float
    wall: float


@dataclass(frozen=True, slots=True)
class Results:
    """All that was measured in one run."""

    measured: tuple[Measured, ...]

    def lessons(self) -> tuple[str, ...]:
        """The lessons, in the order in which they were first measured."""
        return tuple(dict.fromkeys(one.lesson for one in self.measured))

    def contenders(self, lesson: str) -> tuple[str, ...]:
        """The contenders of a lesson, in the order in which they were first measured."""
        return tuple(dict.fromkeys(m.contender for m in self.measured if m.lesson == lesson))

    def of(self, lesson: str, contender: str) -> tuple[Measured, ...]:
        """One contender's rounds."""
        return tuple(m for m in self.measured if (m.lesson, m.contender) == (lesson, contender))

    def median(self, lesson: str, contender: str, figure: Callable[[Usage], float]) -> float:
        """The median of the rounds."""
        return median(figure(one.each) for one in self.of(lesson, contender))

    def ratios(self, lesson: str, contender: str) -> Ratios:
        """How a contender compares with ours in the same rounds."""
        ours = {one.round: one.each for one in self.of(lesson, OURS)}
        pairs = [(one.each, ours[one.round]) for one in self.of(lesson, contender)]
        return Ratios(
            cpu=median(theirs.cpu_s / mine.cpu_s for theirs, mine in pairs),
            wall=median(theirs.wall_s / mine.wall_s for theirs, mine in pairs),
        )

    def as_json(self) -> str:
        """`{lesson: {contender: {cpu_s, wall_s, peak_mib}}}`, a submission each."""
        table = {
            lesson: {
                contender: {
                    "cpu_s": round(self.median(lesson, contender, lambda u: u.cpu_s), 4),
                    "wall_s": round(self.median(lesson, contender, lambda u: u.wall_s), 4),
                    "peak_mib": round(self.median(lesson, contender, lambda u: u.tree_mib), 1),
                }
                for contender in self.contenders(lesson)
            }
            for lesson in self.lessons()
        }
        return json.dumps(table, indent=2) + "\n"

    def busy_elsewhere(self, cores: int) -> float:
        """The share of the machine that other work took during the measurements."""
        passed_s = sum(one.whole.wall_s for one in self.measured) * cores
        return sum(one.whole.others_s for one in self.measured) / passed_s
