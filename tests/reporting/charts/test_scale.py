from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.reporting.charts.scale import Scale, decades, in_short, widened

numbers = st.floats(-1e30, 1e30)
positive = st.floats(1e-30, 1e30)


@given(numbers, numbers, numbers)
def test_whatever_is_placed_stands_between_the_ends(a: float, b: float, value: float) -> None:
    low, high = widened(min(a, b), max(a, b))
    assert 10 <= Scale(low, high, 10, 300).place(value) <= 300


@given(positive, positive)
def test_a_logarithmic_axis_names_powers_of_ten_within_its_range(a: float, b: float) -> None:
    low, high = decades(min(a, b), max(a, b))
    ticks = Scale(low, high, 0, 100, logarithmic=True).ticks()
    places = [tick.at for tick in ticks]
    assert 1 <= len(ticks) <= 7
    assert places == sorted(set(places))


@given(numbers, numbers)
def test_a_linear_axis_has_a_handful_of_numbers(a: float, b: float) -> None:
    low, high = widened(min(a, b), max(a, b))
    assert 1 <= len(Scale(low, high, 0, 100).ticks()) <= 7


def test_the_numbers_of_an_axis_are_round() -> None:
    assert [t.label for t in Scale(0, 100, 0, 1).ticks()] == ["0", "20", "40", "60", "80", "100"]
    labels = [t.label for t in Scale(1e-5, 1e5, 0, 1, logarithmic=True).ticks()]
    assert labels == ["10⁻⁵", "0.001", "0.1", "10", "1000", "10⁵"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.0, "2"),
        (0.8413, "0.841"),
        (1000.0, "1000"),
        (-45678.0, "-45700"),
        (99_990.0, "1e5"),
        (-4e30, "-4e30"),
        (1.5e-7, "1.5e-7"),
        (float("nan"), "nan"),
    ],
)
def test_a_number_is_written_short(value: float, text: str) -> None:
    assert in_short(value) == text
