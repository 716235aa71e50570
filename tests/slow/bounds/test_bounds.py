"""No input of up to 20 MB takes the grader's own process a gigabyte, or twice a notebook's time."""

from __future__ import annotations

import pytest

from tests.kernels.running import linux_only
from tests.slow.bounds.inputs import FILES, HONESTLY, OUTPUTS, RECORDS, made
from tests.slow.bounds.measuring import GIB, Taken, taken_by

pytestmark = linux_only

# The lessons' notebooks may run for a minute.
MOST_S = 120
LARGEST = 20_000_000


def bounded(kind: str, name: str) -> Taken:
    taken = taken_by(made(kind, name))
    assert taken.memory < GIB
    assert taken.cpu_s < MOST_S
    return taken


@pytest.mark.parametrize("name", FILES)
def test_no_file_takes_the_graders_memory_or_time(name: str) -> None:
    assert len(made("file", name).content) <= LARGEST
    bounded("file", name)


@pytest.mark.parametrize("name", RECORDS)
def test_no_record_takes_the_graders_memory_or_time(name: str) -> None:
    bounded("record", name)


@pytest.mark.parametrize("name", OUTPUTS)
def test_no_output_takes_the_graders_memory_or_time(name: str) -> None:
    bounded("output", name)


@pytest.mark.parametrize(
    ("name", "points"),
    [
        ("pictures", 100),
        ("a chart", 100),
        ("10,000 lines", 100),
        # Another number of epochs, or of cards, than the lesson asks for costs its own check only.
        ("10,000 epochs", 90),
        ("20,000 cards", 95),
        ("20,000 cards in batches", 95),
    ],
)
def test_what_is_honest_and_large_keeps_its_points(name: str, points: float) -> None:
    taken = bounded("honest", name)
    assert isinstance(taken.came_to, dict)
    assert (taken.came_to["points"], taken.came_to["withheld"]) == (points, "")


def test_every_honest_input_is_tried() -> None:
    assert len(HONESTLY) == 6
