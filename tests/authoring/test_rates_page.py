from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from grader.authoring.rates_page import LANGUAGES, page_name, rates_page
from grader.course.assignment import load_assignments
from grader.models import AssignmentInfo, Measured, Rates, Tally

ROOT = Path(__file__).parents[2]
LESSON = AssignmentInfo("01", {"zh": "第一课", "en": "Lesson 1"})
MIXED = Measured(date(2026, 12, 1), "0.2.0", "abc", Tally(right=1500, wrong=500), "a seed")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_what_the_stored_figures_say(language: str) -> None:
    lessons = [assignment.info for assignment in load_assignments(ROOT)]
    page = (ROOT / "docs" / page_name(language)).read_text(encoding="utf-8")
    assert page == rates_page(lessons, language), "run: grader rates --docs docs"


def test_a_lesson_is_on_it_with_each_share_and_its_bound() -> None:
    page = rates_page([replace(LESSON, rates=Rates(mixed=MIXED))], "en")
    assert "## Lesson 1" in page
    assert "1,500 right and 500 wrong ones, graded on 2026-12-01" in page
    assert "| right notebooks that lost points | 0 | 1,500 | 0% | < 0.2% |" in page


def test_a_lesson_that_was_never_measured_is_not_on_it() -> None:
    assert "Lesson 1" not in rates_page([LESSON], "en")


def test_the_chinese_page_is_chinese() -> None:
    page = rates_page([replace(LESSON, rates=Rates(MIXED, MIXED))], "zh")
    assert "## 第一课" in page
    assert "notebooks" not in page
