from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from grader.language.catalogues import translator
from grader.models import Measured, Rates, Tally
from grader.reporting.error_rate import error_rate
from grader.reporting.writing import write_class, write_report
from tests.reporting import samples

if TYPE_CHECKING:
    from pathlib import Path


def measured(right: int, hurt: int = 0) -> Measured:
    return Measured(date(2026, 12, 1), "0.2.0", "abc", Tally(right=right, hurt=hurt))


def told(rates: Rates | None, language: str = "en") -> str | None:
    message = error_rate(rates)
    return message.render(translator(language)) if message is not None else None


def test_nothing_is_said_of_a_lesson_that_was_never_measured() -> None:
    assert told(None) is None
    assert told(Rates()) is None


def test_no_fault_is_told_with_its_bound() -> None:
    assert told(Rates(mixed=measured(1500))) == (
        "In tests with 1,500 right notebooks, this lesson's grader took points from none of them "
        "(95 % certain: fewer than 1 in 500)."
    )


def test_faults_are_told_as_they_are() -> None:
    assert told(Rates(mixed=measured(1500, hurt=3), sealed=measured(60, hurt=1))) == (
        "In tests with 1,500 right notebooks, this lesson's grader took points from 3 of them "
        "(95 % certain: fewer than 1 in 190); 1 of 60 right notebooks by people who had not "
        "seen the grader lost points."
    )


def test_the_sealed_ones_are_told_alone_where_nothing_was_composed() -> None:
    assert told(Rates(sealed=measured(60))) == (
        "60 right notebooks by people who had not seen the grader lost no points."
    )


def test_it_is_one_chinese_sentence() -> None:
    sentence = told(Rates(mixed=measured(1500), sealed=measured(60)), "zh")
    assert sentence is not None
    assert sentence.count("。") == 1
    assert not any(word in sentence for word in ("right", "none", "certain"))


@pytest.mark.parametrize(("language", "said"), [("en", "1,500 right"), ("zh", "1,500 份")])
def test_it_is_at_the_foot_of_every_page(tmp_path: Path, language: str, said: str) -> None:
    lesson = replace(samples.ASSIGNMENT, rates=Rates(mixed=measured(1500)))
    one = replace(samples.graded(language=language), assignment=lesson)
    for path in (write_report(one, tmp_path), write_class(lesson, [one], tmp_path, language)):
        text = path.read_text(encoding="utf-8")
        assert said in text[text.index("<footer>") :]
