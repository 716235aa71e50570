from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.models import Expectation, Figures, Learned, LossRange
from grader.reporting.charts.training import (
    BOTTOM,
    LEFT,
    RIGHT,
    TOP,
    LineKind,
    data_chart,
    equation,
    loss_chart,
)

CARDS = tuple((float(x), 2.0 * x + 1.0) for x in range(5))
TARGET = Learned(2.0, 1.0)
anything = st.floats(allow_nan=True, allow_infinity=True)


def test_falling_losses_are_drawn_falling_on_a_logarithmic_axis() -> None:
    chart = loss_chart(Figures(losses=(100.0, 10.0, 1.0)))
    assert chart is not None
    assert chart.logarithmic
    corners = re.findall(r"[ML]([\d.]+) ([\d.]+)", chart.path)
    assert [(float(x), float(y)) for x, y in corners] == [
        (LEFT, TOP),
        ((LEFT + RIGHT) / 2, (TOP + BOTTOM) / 2),
        (RIGHT, BOTTOM),
    ]
    assert "from 100 in the first epoch to 1 in epoch 3" in str(chart.summary)


def test_negative_losses_are_drawn_on_a_plain_axis() -> None:
    chart = loss_chart(Figures(losses=(1.0, -1.0, -3.0)))
    assert chart is not None
    assert not chart.logarithmic


def test_a_loss_of_zero_stands_at_the_bottom_of_a_logarithmic_axis() -> None:
    chart = loss_chart(Figures(losses=(1.0, 0.1, 0.0)))
    assert chart is not None
    assert chart.logarithmic
    assert chart.path.endswith(f" {float(BOTTOM)}")


EXPECTED = Expectation(tuple(LossRange(n, 1.0 / n, 100.0 / n) for n in range(1, 11)), share=0.99)


@pytest.mark.parametrize(
    ("last", "where"), [(50.0, "above"), (5.0, "inside"), (0.01, "below")], ids=str
)
def test_the_words_say_where_the_curve_ends_beside_the_band(last: float, where: str) -> None:
    losses = tuple(np.geomspace(60, last, 10))
    chart = loss_chart(Figures(losses=losses), EXPECTED)
    assert chart is not None
    assert chart.percent == 99
    assert chart.band.endswith("Z")
    assert f"In epoch 10 it is {where} the band" in str(chart.summary)


def test_losses_of_single_cards_are_not_compared_with_those_of_epochs() -> None:
    chart = loss_chart(Figures(losses=tuple(range(50, 0, -1)), by_epoch=False), EXPECTED)
    assert chart is not None
    assert chart.band == ""
    assert "50 losses were kept" in str(chart.summary)


def test_when_the_loss_diverges_then_the_words_say_from_where() -> None:
    chart = loss_chart(Figures(losses=(1.0, 10.0, math.inf, math.nan)))
    assert chart is not None
    assert "after epoch 2 it is no longer a finite number" in str(chart.summary)


def test_without_losses_there_is_no_picture_of_them() -> None:
    assert loss_chart(Figures()) is None
    assert loss_chart(Figures(losses=(math.nan,) * 5)) is None


@given(st.lists(anything, max_size=30))
def test_every_loss_curve_stays_in_its_frame(losses: list[float]) -> None:
    chart = loss_chart(Figures(losses=tuple(losses)), EXPECTED)
    if chart is not None:
        for x, y in re.findall(r"[ML]([\d.]+) ([\d.]+)", chart.path + chart.band):
            assert LEFT <= float(x) <= RIGHT
            assert TOP <= float(y) <= BOTTOM


def test_three_lines_are_drawn_and_told_apart() -> None:
    figures = Figures(CARDS, start=Learned(-0.3, 0.4), learned=Learned(2.06, 0.84))
    chart = data_chart(figures, TARGET)
    assert chart is not None
    assert [line.kind for line in chart.lines] == [
        LineKind.TARGET,
        LineKind.START,
        LineKind.LEARNED,
    ]
    assert len(chart.dots) == 5
    assert "your line is y = 2.06x + 0.84; the target is y = 2x + 1" in str(chart.summary)


def test_a_line_far_away_is_told_in_words() -> None:
    chart = data_chart(Figures(CARDS, learned=Learned(0.0, 1e30)), TARGET)
    assert chart is not None
    assert [line.kind for line in chart.lines] == [LineKind.TARGET]
    assert "outside the picture" in str(chart.summary)


def test_without_data_there_is_no_picture_of_them() -> None:
    assert data_chart(Figures(learned=TARGET), TARGET) is None


@given(
    st.lists(st.tuples(anything, anything), max_size=10),
    st.builds(Learned, anything, anything),
    st.builds(Learned, anything, anything),
)
def test_whatever_was_learned_every_line_stays_in_its_frame(
    cards: list[tuple[float, float]], start: Learned, learned: Learned
) -> None:
    chart = data_chart(Figures(tuple(cards), start=start, learned=learned), TARGET)
    if chart is not None:
        ends = [dot for line in chart.lines for dot in (line.start, line.end)]
        for dot in (*ends, *chart.dots):
            assert LEFT <= dot.x <= RIGHT
            assert TOP <= dot.y <= BOTTOM


def test_thousands_of_points_are_thinned() -> None:
    figures = Figures(tuple((n / 10, n / 5) for n in range(10_000)), tuple(range(1, 10_000)))
    data, loss = data_chart(figures, None), loss_chart(figures)
    assert data is not None
    assert loss is not None
    assert len(data.dots) == loss.path.count(" ") == 400


def test_an_equation_is_written_as_in_the_course() -> None:
    assert equation(Learned(2.0, -1.0)) == "y = 2x - 1"
