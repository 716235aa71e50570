"""Whatever a student's numbers are, the pages can be drawn."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.models import Answers, BoundaryExpected, Curve, Figures, Fit, Learned, PictureCard
from grader.reporting import result_of, student_html, translator
from grader.reporting.charts.scale import Scale, widened
from grader.reporting.writing import class_html
from tests.reporting.samples import ASSIGNMENT, graded

if TYPE_CHECKING:
    from grader.models import AssignmentInfo

NUMBER = re.compile(r"nan|inf|-?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?")
EXTREMES = (
    0.0, -0.0, 1.0, -1.0, 5e-324, 1e-300, 1e-17, 0.5, 1 + 2**-52, 1e16, 1e17, 1e100, 1.5e300, 1e308,
    float("nan"), float("inf"),
)  # fmt: skip
numbers = st.sampled_from([*EXTREMES, *(-n for n in EXTREMES)]) | st.floats()
pairs = st.tuples(numbers, numbers)
points = st.lists(pairs, max_size=6).map(tuple)
lines = st.builds(Learned, numbers, numbers)
shares = st.floats(0, 1)
curves = st.builds(Curve, points, st.none() | numbers)
cards = st.builds(
    PictureCard, st.lists(numbers, max_size=10).map(tuple), st.booleans(), shares | numbers
)
answers = st.builds(
    Answers,
    st.none() | curves,
    st.none() | curves,
    st.lists(cards, max_size=3).map(tuple),
    st.integers(0, 200),
    st.integers(0, 200),
    st.none() | numbers,
)
GOAL = tuple((x / 4, x / 7) for x in range(5))
as_many = st.lists(pairs, min_size=len(GOAL), max_size=len(GOAL)).map(tuple)
fits = st.builds(Fit, st.just(GOAL), st.just(()) | as_many, st.just(()) | as_many)
# The same card often: an axis of no length, far away from zero.
same_cards = st.tuples(pairs, st.integers(1, 50)).map(lambda drawn: (drawn[0],) * drawn[1])
figures = st.builds(
    Figures,
    cards=points | same_cards,
    losses=st.lists(numbers, max_size=6).map(tuple),
    start=st.none() | lines,
    learned=st.none() | lines,
    path=st.lists(lines, max_size=6).map(tuple),
    updates=st.integers(0, 10**30),
    by_epoch=st.booleans(),
    answers=st.none() | answers,
    fit=st.none() | fits,
)
ABOUT_YES = replace(
    ASSIGNMENT,
    target=None,
    expectation=replace(
        ASSIGNMENT.expectation,  # type: ignore[type-var]
        boundary=BoundaryExpected(0.0, 0.1, (0.01, 0.5)),
        accuracy=0.9,
    ),
)
assignments = st.sampled_from(
    [ASSIGNMENT, ABOUT_YES, replace(ASSIGNMENT, target=None, expectation=None)]
)
FAR_AWAY = Figures(
    cards=((1e17, 1.0),) * 50, answers=Answers(after=Curve(((-5.0, 0.1), (5.0, 0.9)), 0.0))
)


def places(html: str) -> list[str]:
    """All numbers of the pictures' geometry."""
    drawn = re.findall(r' (?:d|x|y|x1|x2|y1|y2|cx|cy|width|height|points)="([^"]*)"', html)
    return [number for each in drawn for number in NUMBER.findall(each)]


@settings(max_examples=300)
@example(FAR_AWAY, ASSIGNMENT)
@given(figures, assignments)
def test_a_students_page_can_be_drawn(figures: Figures, assignment: AssignmentInfo) -> None:
    one = replace(graded("anna", language="en"), figures=figures, assignment=assignment)
    html = student_html(one)
    assert not {"nan", "inf"} & set(places(html))
    result_of(one, translator("en"), "en")


@settings(max_examples=150)
@example([FAR_AWAY, FAR_AWAY], ASSIGNMENT)
@given(st.lists(figures, min_size=1, max_size=4), assignments)
def test_the_page_of_a_class_can_be_drawn(drawn: list[Figures], assignment: AssignmentInfo) -> None:
    class_ = [
        replace(graded(f"s{n}", language="en"), figures=figures, assignment=assignment)
        for n, figures in enumerate(drawn)
    ]
    html = class_html(assignment, class_, "en")
    assert not {"nan", "inf"} & set(places(html))


def test_the_numbers_beside_an_axis_are_told_apart_and_short() -> None:
    for low, high in ((1e17, 1e17), (1000.0, 1001.0), (1e-300, 1e-300), (-1e300, 1e300), (0, 0)):
        labels = [tick.label for tick in Scale(*widened(low, high), 0, 100).ticks()]
        assert len(set(labels)) == len(labels) >= 2
        assert max(map(len, labels)) <= 9


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_picture_of_cards_at_one_far_place_is_drawn_or_left_out(language: str) -> None:
    one = replace(graded("anna", language=language), figures=FAR_AWAY)
    assert "anna" in student_html(one, language)
