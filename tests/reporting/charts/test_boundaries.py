from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.language.messages import ENGLISH
from grader.models import Answers, BoundaryExpected, Curve
from grader.reporting.charts.boundaries import boundary_chart
from grader.reporting.charts.training import BOTTOM, LEFT, RIGHT, TOP

EXPECTED = BoundaryExpected(0.0, within=0.11, losses=(0.054, 0.057))
NOWHERE = Answers(after=Curve(()), wrong=25, exam=50, loss=0.69)


def found(boundary: float, loss: float = 0.055, wrong: int = 0) -> Answers:
    return Answers(after=Curve((), boundary), wrong=wrong, exam=50, loss=loss)


def test_those_with_every_card_right_are_told_from_those_without() -> None:
    chart = boundary_chart([found(0.05), found(0.1), found(-0.5, 0.2, wrong=3)], EXPECTED)
    assert chart is not None
    assert (len(chart.all_right), len(chart.some_wrong), len(chart.strays)) == (2, 1, 0)
    assert chart.some_wrong[0].x < chart.target < chart.all_right[0].x < chart.all_right[1].x


def test_right_trainings_lie_in_the_region() -> None:
    chart = boundary_chart([found(0.05), found(0.05, 0.01), found(0.2)], EXPECTED)
    assert chart is not None
    assert chart.region is not None
    region = chart.region
    inside = [
        region.x <= dot.x <= region.x + region.width
        and region.y <= dot.y <= region.y + region.height
        for dot in chart.all_right
    ]
    assert inside == [True, False, False]


def test_who_is_far_away_or_has_no_boundary_is_counted() -> None:
    chart = boundary_chart(
        [found(0.05), found(3.0, 1.0, wrong=15), found(0.1, 0.0), NOWHERE], EXPECTED
    )
    assert chart is not None
    assert [dot.x for dot in chart.strays][:1] == [RIGHT]
    assert chart.summary.render(ENGLISH) == (
        "Students who trained a model: 4. With every card right: 2. Without a boundary, or with "
        "yes and no the wrong way round: 1. Outside the picture: 2."
    )


def test_a_class_without_boundaries_is_told_of_in_words() -> None:
    chart = boundary_chart([NOWHERE], EXPECTED)
    assert chart is not None
    assert (chart.all_right, chart.some_wrong, chart.strays) == ((), (), ())


@pytest.mark.parametrize("answers", [[], [Answers(after=Curve((), 0.1))]])
def test_where_nobody_trained_there_is_no_picture(answers: list[Answers]) -> None:
    assert boundary_chart(answers, EXPECTED) is None


def test_a_lesson_without_a_threshold_has_no_picture() -> None:
    assert boundary_chart([found(0.1)], None) is None


def test_before_calibration_there_is_no_region() -> None:
    chart = boundary_chart([found(0.1)], BoundaryExpected(0.0))
    assert chart is not None
    assert chart.region is None


@given(
    st.lists(
        st.tuples(st.floats(allow_nan=False), st.floats(0, math.inf), st.integers(0, 50)),
        min_size=1,
        max_size=10,
    )
)
def test_everybody_is_inside_the_frame(each: list[tuple[float, float, int]]) -> None:
    chart = boundary_chart([found(*one) for one in each], EXPECTED)
    assert chart is not None
    dots = (*chart.all_right, *chart.some_wrong, *chart.strays)
    assert len(dots) == len(each)
    assert all(LEFT <= dot.x <= RIGHT and TOP <= dot.y <= BOTTOM for dot in dots)
