from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from grader.course.assignment import load_assignment
from grader.course.rates import RATES_FILE, rates_text, with_measured, written_rates
from grader.errors import AssignmentError
from grader.models import Measured, Rates, Tally
from tests.course.test_course import ROOT

if TYPE_CHECKING:
    from pathlib import Path

MIXED = Measured(date(2026, 12, 1), "0.2.0", "abc+", Tally(right=1500, wrong=500), "a seed")
SEALED = Measured(date(2026, 12, 2), "0.2.0", "abc", Tally(right=60, hurt=1))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    rates = Rates(MIXED, SEALED)
    (tmp_path / RATES_FILE).write_text(rates_text("01", rates), encoding="utf-8")
    assert written_rates(tmp_path) == rates


def test_a_lesson_that_was_never_measured_has_no_rates(tmp_path: Path) -> None:
    assert written_rates(tmp_path) is None


def test_each_kind_is_measured_on_its_own() -> None:
    assert with_measured(with_measured(None, "sealed", SEALED), "mixed", MIXED) == Rates(
        MIXED, SEALED
    )


def test_a_file_that_says_something_else_is_not_read(tmp_path: Path) -> None:
    (tmp_path / RATES_FILE).write_text("[mixed]\non = 3\n", encoding="utf-8")
    with pytest.raises(AssignmentError):
        written_rates(tmp_path)


def test_rates_make_no_mark(tmp_path: Path) -> None:
    import shutil

    shutil.copytree(ROOT / "assignments" / "01_exact_line", lesson := tmp_path / "01_exact_line")
    (lesson / RATES_FILE).unlink(missing_ok=True)
    before = load_assignment(lesson)
    (lesson / RATES_FILE).write_text(rates_text("01_exact_line", Rates(MIXED)), encoding="utf-8")
    after = load_assignment(lesson)
    assert after.digest == before.digest
    assert (before.info.rates, after.info.rates) == (None, Rates(MIXED))
