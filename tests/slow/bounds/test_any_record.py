"""Whatever stands anywhere in the recorder's words, reading and judging it takes little."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from grader.evidence.packed import MOST_NUMBERS
from grader.judging.notebook import run_and_judge
from grader.submission.reading import parse_submission
from tests.evidence_factory import observed
from tests.slow.bounds.inputs import (
    HONEST,
    LESSON,
    Input,
    Shows,
    grade,
    opened,
    packed_zeros,
    told,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_MEMORY = 400_000_000
RECORDS = [json.loads(record) for record in told(observed(epochs=3))]


def _places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if place:
        yield place
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _places(each, (*place, name))
    if isinstance(value, list):
        for number, each in enumerate(value[:2]):
            yield from _places(each, (*place, number))


PLACES = list(_places(RECORDS))


# Something large: a number, a text, a list, or numbers that are packed.
MANY = (10**3, 10**5)
ONES: list[Any] = [0, -1, 2**40, 1e300, "X", None, True, []]
SIZES: list[Any] = [
    *(0, -1, 2**40, 2**60, 10**400, 1e308),
    *(text * many for text in "FBS[<`" for many in MANY),
    *([one] * many for one in ONES for many in MANY),
    *([[number, [0]] for number in range(many)] for many in MANY),
    *(packed_zeros(count) for count in (1, 1000, MOST_NUMBERS, 10 * MOST_NUMBERS)),
]


@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.generate],  # what is large is not made smaller in good time
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(place=st.sampled_from(PLACES), value=st.sampled_from(SIZES), repeated=st.booleans())
def test_nothing_large_anywhere_takes_much(
    place: tuple[Any, ...], value: Any, repeated: bool
) -> None:
    changed = json.loads(json.dumps(RECORDS))
    *way, last = place
    holder: Any = changed
    for step in way:
        holder = holder[step]
    holder[last] = [holder[last]] * 10_000 if repeated else value
    given = Input(HONEST, [json.dumps(record) for record in changed])
    tracemalloc.start()
    try:
        grade(given)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MOST_MEMORY


@pytest.mark.parametrize("which", range(len(RECORDS)))
@pytest.mark.parametrize("said", ["null", "{}", '{"kind": "data", "X": 3}', "["])
def test_points_are_never_lost_in_silence_to_a_record_that_cannot_be_read(
    which: int, said: str
) -> None:
    records = [json.dumps(record) for record in RECORDS]
    records[which] = said
    outcome = grade(Input(HONEST, records))
    assert isinstance(outcome, dict)
    assert "could not be read: an instructor has to look" in outcome["withheld"]


def test_a_model_of_more_numbers_than_are_read_wants_a_person() -> None:
    records = json.loads(json.dumps(RECORDS))
    seen = records[1]["model"]
    seen["parameters"] = [*seen["parameters"]] + [seen["parameters"][0]] * 5_100
    outcome = grade(Input(HONEST, [json.dumps(record) for record in records]))
    assert isinstance(outcome, dict)
    assert "could not be read" in outcome["withheld"]


def test_a_run_waits_for_its_mark_without_what_the_recorder_told() -> None:
    lesson, records = opened(), [json.dumps(record) for record in RECORDS]
    submission = parse_submission(HONEST, Path("a.ipynb"), "anna", lesson.handouts, LESSON)
    run = run_and_judge(submission, lesson.assignment, Shows(records))
    assert list(run.facts.evidence.parts())
    assert run.execution.records == ()
