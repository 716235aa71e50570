from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.class_of import LESSONS, Work, class_of
from benchmarks.metering import Command, Meter
from benchmarks.rounds import Entrant, Ground, Unfinished, rounds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="metering is for Linux")

COURSE = Path(__file__).parents[2]
WRITE = "import sys, pathlib; pathlib.Path(sys.argv[1]).touch()"


@dataclass(frozen=True)
class Toucher:
    """A contender whose results are empty files, one a work; it forgets the last `forgotten`."""

    name: str = "toucher"
    about: str = "touches files"
    forgotten: int = 0

    def prepare(self, works: Sequence[Work], folder: Path) -> tuple[Command, ...]:
        return tuple(
            Command((sys.executable, "-c", WRITE, work.student), folder, dict(os.environ))
            for work in works[: len(works) - self.forgotten]
        )

    def finished(self, folder: Path) -> int:
        return sum(1 for _ in folder.iterdir())


@pytest.fixture(scope="module")
def works() -> tuple[Work, ...]:
    return class_of(COURSE, LESSONS[0], 5)


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    with Meter() as meter:
        yield Ground(tmp_path, meter)


def test_each_round_has_the_next_submissions_of_the_class(works: tuple[Work, ...]) -> None:
    entrant = Entrant(Toucher(), 3)
    assert entrant.share(works, 0) == works[:3]
    assert entrant.share(works, 1) == (*works[3:], works[0])


def test_a_contender_starts_in_an_empty_folder_each_time(
    ground: Ground, works: tuple[Work, ...]
) -> None:
    ground.graded(Toucher(), works[:3])
    assert ground.graded(Toucher(), works[:2]).cpu_s > 0


def test_who_has_not_done_all_of_its_work_is_named(ground: Ground, works: tuple[Work, ...]) -> None:
    with pytest.raises(Unfinished, match=r"toucher has results for 1 of 2 works\. See .*log"):
        ground.graded(Toucher(forgotten=1), works[:2])


def test_contenders_take_turns(ground: Ground) -> None:
    entrants = [Entrant(Toucher("one"), 1), Entrant(Toucher("two"), 1)]
    turns = [
        (one.round, one.lesson, one.contender) for one in rounds(ground, entrants, LESSONS, 2, 2)
    ]
    assert turns == [
        (round_, lesson, name)
        for round_ in range(2)
        for lesson in LESSONS
        for name in ("one", "two")
    ]
