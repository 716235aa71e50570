from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.grading import points_of


@pytest.mark.parametrize(
    ("typed", "points"),
    [
        ("10", 10), ("7.5", 7.5), ("7,5", 7.5), (" 5 ", 5), ("0", 0), ("１０", 10), ("７．５", 7.5),
    ],
)  # fmt: skip
def test_points_are_what_a_person_typed(typed: str, points: float) -> None:
    assert points_of(typed) == points


@pytest.mark.parametrize(
    "typed",
    [
        "", "1_0", "1e1", "nan", "inf", "-1", "+5", "0x5", "5 5", "1,000", "1.2.3", ".5", "5.",
        "five", "٥", "10\n20", "100000",
    ],
)  # fmt: skip
def test_whatever_else_python_or_somebody_takes_for_a_number_is_none(typed: str) -> None:
    assert points_of(typed) is None


@given(st.text())
def test_anything_that_is_typed_is_points_or_none(typed: str) -> None:
    points = points_of(typed)
    assert points is None or 0 <= points < 10_000
