from __future__ import annotations

import pytest

from grader.judging.own_words import KEPT_BACK, OwnWords
from grader.language.messages import Message, Value, say
from grader.models import CheckResult, Diagnosis, Judgement, Step, StepMark, Verdict

WORDS = OwnWords(
    names=frozenset({"AdamW", "net", "X"}),
    texts=frozenset({"name 'optmizer' is not defined"}),
    lines={5: 3},
)
HUGE = 10**400


def told(value: Value) -> str:
    return str(WORDS.message(say("{value}", value=value)))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("AdamW", "AdamW"),
        ("name 'optmizer' is not defined", "name 'optmizer' is not defined"),
        ("(4, 1)", "(4, 1)"),
        ("0.01, 0.1", "0.01, 0.1"),
        ("0.30000000000000004", "0.3"),
    ],
)
def test_the_notebooks_own_words_and_short_numbers_are_repeated(text: str, shown: str) -> None:
    assert told(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "optimizer = torch.optim.SGD(model.parameters(), lr=0.01)",
        "net AdamW",
        "SGD",
        "",
        "0.123456789123456789123456789, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7",
        str(HUGE),
        "(9223372036854775807, 9223372036854775807, 9223372036854775807)",
    ],
)
def test_any_other_text_waits_until_the_steps_before_are_right(text: str) -> None:
    assert told(text) == str(KEPT_BACK)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(112, "112"), (HUGE, "inf"), (-HUGE, "-inf"), (1.23456789, "1.2346"), (1e300, "inf")],
)
def test_a_number_has_no_more_digits_than_a_page_needs(value: float, shown: str) -> None:
    assert told(value) == shown


def test_a_count_beyond_all_bounds_is_worded_all_the_same() -> None:
    many = Message("{count} thing", (("count", HUGE),), "{count} things", HUGE)
    assert str(WORDS.message(many)) == "inf things"


def test_every_part_of_a_mark_is_gone_through() -> None:
    stolen = say("{said}", said=say("{said}", said="stolen goods"))
    judgement = Judgement(Verdict.FAILED, stolen, stolen, stolen, stolen)
    check = CheckResult("train.epochs", Step.TRAIN, say("100 times"), judgement, 5)
    assert "stolen" not in repr(WORDS.mark(StepMark(Step.TRAIN, (check,))))


@pytest.mark.parametrize(
    ("place", "shown"), [((5, 2), (5, 2)), ((5, HUGE), (5, None)), ((-3, 1), (None, None))]
)
def test_a_mistake_is_shown_at_a_place_of_the_notebook_or_at_none(
    place: tuple[int, int], shown: tuple[int | None, int | None]
) -> None:
    found = Diagnosis("step_twice", Step.TRAIN, say("It behaves."), say("Look."), *place)
    mistake = WORDS.diagnosis(found)
    assert (mistake.cell, mistake.line) == shown


def test_a_cell_that_stopped_with_words_of_its_own_stopped_in_one_sentence() -> None:
    stopped = say(
        "The cell stopped in its line {line} with {name}: {value}", line=21, name="Leak", value="w"
    )
    assert str(WORDS.message(stopped)) == (
        "The cell stopped in its line 21; why is not shown until the steps before this one are "
        "right."
    )
    without = say("The cell stopped with {name}: {value}", name="Leak", value="w")
    assert str(WORDS.message(without)) == (
        "The cell stopped; why is not shown until the steps before this one are right."
    )


def test_the_kind_of_an_exception_that_is_known_is_told() -> None:
    stopped = say("The cell stopped with {name}: {value}", name="AdamW", value="stolen goods")
    assert str(WORDS.message(stopped)).startswith("The cell stopped with AdamW: not shown")
