from __future__ import annotations

import math
import re

from hypothesis import given
from hypothesis import strategies as st

from grader.models import Expectation, Figures, Learned
from grader.reporting.charts.descent import descent_chart
from grader.reporting.charts.training import BOTTOM, LEFT, RIGHT, TOP

CARDS = tuple((float(x), 2.0 * x + 1.0) for x in range(5))
TARGET = Learned(2.0, 1.0)
EXPECTED = Expectation((), 0.99, w_within=0.3, b_within=0.8)
WAY = tuple(Learned(2.0 - 2.0 * 0.9**n, 1.0 - 0.9**n) for n in range(60))
anything = st.floats(allow_nan=True, allow_infinity=True)


def corners(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path)]


def test_the_way_goes_from_its_first_line_to_its_last() -> None:
    chart = descent_chart(Figures(CARDS, path=WAY), TARGET, EXPECTED)
    assert chart is not None
    assert corners(chart.path)[0] == (chart.start.x, chart.start.y)
    assert chart.end is not None
    assert corners(chart.path)[-1] == (chart.end.x, chart.end.y)
    assert str(chart.summary).startswith("w and b go from (0, 0) to (2, 0.998).")


def test_the_rings_lie_around_the_line_that_fits_the_students_own_cards() -> None:
    shifted = tuple((x, 3.0 * x) for x, _ in CARDS)
    chart = descent_chart(Figures(shifted, path=(*WAY, Learned(3.0, 0.0))), TARGET, EXPECTED)
    assert chart is not None
    assert chart.end is not None
    innermost = corners(chart.rings[-1])
    assert math.isclose(sum(x for x, _ in innermost) / len(innermost), chart.end.x, abs_tol=0.5)
    assert math.isclose(sum(y for _, y in innermost) / len(innermost), chart.end.y, abs_tol=0.5)


def test_on_a_ring_the_loss_is_the_same_everywhere() -> None:
    # The picture is undone: two known places give the scale of each axis.
    chart = descent_chart(Figures(CARDS, path=WAY), TARGET, EXPECTED)
    assert chart is not None
    assert chart.target is not None
    first, goal = chart.start, chart.target
    for ring in chart.rings:
        losses = []
        for x, y in corners(ring):
            w = (x - first.x) / (goal.x - first.x) * 2.0
            b = (y - first.y) / (goal.y - first.y) * 1.0
            losses.append(sum((w * at + b - value) ** 2 for at, value in CARDS))
        assert max(losses) < min(losses) * 1.05 + 0.01


def test_the_words_say_whether_the_way_ends_where_it_should() -> None:
    inside = descent_chart(Figures(CARDS, path=WAY), TARGET, EXPECTED)
    outside = descent_chart(Figures(CARDS, path=WAY[:5]), TARGET, EXPECTED)
    assert inside is not None
    assert outside is not None
    assert "inside the target region" in str(inside.summary)
    assert "outside the target region" in str(outside.summary)


def test_a_model_that_never_moves_has_learned_nothing() -> None:
    chart = descent_chart(Figures(CARDS, path=(Learned(0.3, 0.2),) * 9), TARGET, EXPECTED)
    assert chart is not None
    assert "nothing was learned" in str(chart.summary)


def test_a_way_that_runs_off_is_drawn_up_to_there() -> None:
    path = tuple(Learned(2 + (-3.0) ** n, 1.0) for n in range(9))
    chart = descent_chart(Figures(CARDS, path=path), TARGET, EXPECTED)
    assert chart is not None
    assert chart.end is None
    assert "leave the picture" in str(chart.summary)
    assert len(corners(chart.path)) == 2


def test_without_a_way_or_with_one_that_is_nowhere_near_there_is_no_picture() -> None:
    assert descent_chart(Figures(CARDS), TARGET, EXPECTED) is None
    assert descent_chart(Figures(CARDS, path=(Learned(1e9, 0),)), TARGET, EXPECTED) is None
    assert descent_chart(Figures(CARDS, path=(Learned(math.nan, 0),)), TARGET, EXPECTED) is None


def test_one_card_makes_no_rings() -> None:
    chart = descent_chart(Figures(CARDS[:1], path=WAY), TARGET, None)
    assert chart is not None
    assert (chart.rings, chart.region) == ((), None)


@given(
    st.lists(st.tuples(anything, anything), max_size=8),
    st.lists(st.builds(Learned, anything, anything), max_size=8),
)
def test_wherever_it_went_it_is_drawn_in_the_frame(
    cards: list[tuple[float, float]], path: list[Learned]
) -> None:
    chart = descent_chart(Figures(tuple(cards), path=tuple(path)), TARGET, EXPECTED)
    if chart is not None:
        for x, y in (*corners(chart.path), *((dot.x, dot.y) for dot in chart.dots)):
            assert LEFT <= x <= RIGHT
            assert TOP <= y <= BOTTOM
