from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.evidence.bounds import MOST_CHARS
from grader.execution.events import (
    EVENT,
    MOST_RECORDED,
    Broke,
    CellBegan,
    CellEnded,
    DriverBrokeError,
    Ended,
    Gathering,
    Lost,
    Recorded,
    Suspected,
)
from grader.language.messages import Message, say
from grader.models import CellError, CellRun, Isolation, Outcome, Output, OutputKind

if TYPE_CHECKING:
    from grader.execution.events import Event

# Text of all kinds: control characters, line ends that are none for us, emoji, right to left.
texts = st.text(max_size=30) | st.sampled_from(["\x00\x1b[31m", "\u2028\r\n", "损失 🐍", "\u202e"])
numbers = st.integers(0, 1 << 40)
finite = st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    texts | st.integers(-(1 << 60), 1 << 60) | finite,
    lambda inner: st.builds(
        Message, texts, st.lists(st.tuples(texts, inner), max_size=3).map(tuple)
    ),
    max_leaves=5,
)
messages = st.builds(Message, texts, st.lists(st.tuples(texts, values), max_size=3).map(tuple))
errors = st.builds(CellError, numbers, texts, texts, texts, st.none() | numbers)
outputs = st.builds(Output, st.sampled_from(OutputKind), texts)
runs = st.builds(
    CellRun, numbers, st.lists(outputs, max_size=3).map(tuple), st.none() | errors, st.booleans()
)
events = st.one_of(
    st.builds(CellBegan, numbers),
    st.builds(CellEnded, runs),
    st.builds(Recorded, texts),
    st.builds(Suspected, messages),
    st.builds(Ended, st.sampled_from(Outcome), finite),
    st.builds(Lost),
    st.builds(Broke, texts),
)

ISOLATION = Isolation("none")
FAULT = CellError(2, "NameError", "name 'X' is not defined", "", 1)


@given(events)
def test_an_event_arrives_as_it_was_told_and_takes_one_line(event: Event) -> None:
    told = EVENT.dump_json(event)
    assert b"\n" not in told
    assert EVENT.validate_json(told) == event


def gathered(*events: Event) -> Gathering:
    gathering = Gathering()
    for event in events:
        gathering.take(event)
    return gathering


def test_what_was_told_in_order_becomes_an_execution() -> None:
    run = CellRun(1, (Output(OutputKind.TEXT, "2"),))
    whole = gathered(
        CellBegan(1),
        CellEnded(run),
        Recorded("{}"),
        CellBegan(2),
        CellEnded(CellRun(2, error=FAULT)),
        Suspected(say("odd")),
        Ended(Outcome.RAISED, 1.5),
    ).execution(ISOLATION, duration_s=9.0)
    assert whole.outcome is Outcome.RAISED
    assert whole.runs == (run, CellRun(2, error=FAULT))
    assert whole.records == ("{}",)
    assert whole.error == FAULT
    assert whole.suspicions == (say("odd"),)
    assert (whole.duration_s, whole.isolation) == (1.5, ISOLATION)


def test_a_run_without_an_end_is_one_whose_kernel_died_and_a_person_has_to_look() -> None:
    whole = gathered(CellBegan(1), CellEnded(CellRun(1)), Recorded("{}"), CellBegan(2))
    execution = whole.execution(ISOLATION, duration_s=9.0)
    assert execution.outcome is Outcome.KERNEL_DIED
    assert [str(each) for each in execution.suspicions] == [
        "What ran this notebook was itself ended on the way: a person has to look."
    ]
    assert [run.cell for run in execution.runs] == [1, 2]
    assert execution.records == ("{}",)
    assert execution.duration_s == 9.0


def test_a_run_that_was_lost_says_so() -> None:
    assert gathered(CellBegan(1), Lost()).ended is None


def test_a_driver_that_broke_is_our_fault_and_not_the_students() -> None:
    with pytest.raises(DriverBrokeError, match="no room left"):
        gathered(CellBegan(1), Broke("OSError: no room left"))


@pytest.mark.parametrize("sign", ["x", "损"])
def test_of_a_run_that_tells_too_much_no_record_is_kept(sign: str) -> None:
    gathering = Gathering()
    for _ in range(9):
        gathering.take(Recorded(sign * (MOST_RECORDED // 8)))
        assert sum(len(record.encode()) for record in gathering.records) <= MOST_RECORDED
    assert gathering.records == [""]


def test_as_much_is_kept_as_is_read() -> None:
    assert MOST_RECORDED == MOST_CHARS
