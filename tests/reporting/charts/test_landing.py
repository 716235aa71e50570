from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from grader.models import Learned
from grader.reporting.charts.landing import landing_chart
from grader.reporting.charts.training import BOTTOM, LEFT, RIGHT, TOP

TARGET = Learned(2.0, 1.0)
anything = st.floats(allow_nan=True, allow_infinity=True)


def test_a_class_is_drawn_around_its_target_and_those_far_away_are_counted() -> None:
    landings = [Learned(2.1, 0.8), Learned(1.9, 1.2), Learned(1e30, 0.0), Learned(math.nan, 1.0)]
    chart = landing_chart(landings, TARGET)
    assert chart is not None
    assert (len(chart.dots), len(chart.strays)) == (2, 1)
    assert chart.strays[0].x == RIGHT
    assert chart.target is not None
    assert str(chart.summary).endswith("line: 4. Outside the picture: 2.")


def test_where_nobody_learned_a_line_there_is_no_picture_of_the_class() -> None:
    assert landing_chart([], TARGET) is None


@given(st.lists(st.builds(Learned, anything, anything), min_size=1, max_size=10))
def test_without_a_target_a_class_is_drawn_around_its_middle(landings: list[Learned]) -> None:
    chart = landing_chart(landings, None)
    if chart is not None:
        assert all(LEFT <= dot.x <= RIGHT and TOP <= dot.y <= BOTTOM for dot in chart.dots)
