from __future__ import annotations

import math
from dataclasses import replace

from grader.judging.figures.run import fit_of
from grader.models import Figures, Fit
from grader.reporting.charts.fit import fit_chart
from tests.answers_factory import threshold_facts
from tests.curve_factory import curve_facts

CARDS = ((-1.0, 0.0), (1.0, 1.0))
FIT = Fit(
    goal=((-1.0, 0.0), (1.0, 1.0)),
    before=((-1.0, 2.0), (1.0, 2.0)),
    after=((-1.0, 0.25), (1.0, 1.0)),
)
FIGURES = Figures(CARDS, fit=FIT)


def test_the_curve_and_both_models_are_drawn_with_how_far_the_last_is_off() -> None:
    chart = fit_chart(FIGURES)
    assert chart is not None
    assert len(chart.dots) == 2
    assert chart.before is not None
    assert chart.after is not None
    assert chart.goal.startswith("M")
    assert str(chart.summary) == (
        "2 cards. Your model is nowhere farther from the curve than 0.25."
    )


def test_a_model_that_cannot_be_drawn_is_left_out() -> None:
    wild = replace(FIT, after=((-1.0, math.inf), (1.0, 1.0)))
    chart = fit_chart(replace(FIGURES, fit=wild))
    assert chart is not None
    assert (chart.after, chart.before is None) == (None, False)
    assert "that they should lie on" in str(chart.summary)


def test_other_lessons_have_no_such_picture() -> None:
    assert fit_chart(Figures(CARDS)) is None
    assert fit_of(threshold_facts()) is None


def test_what_is_drawn_is_what_was_seen() -> None:
    fit = fit_of(curve_facts())
    assert fit is not None
    assert len(fit.goal) == len(fit.before) == len(fit.after) > 50
    assert (fit.goal[0][0], fit.goal[-1][0]) == (-3.0, 3.0)
    off = max(abs(a - b) for (_, a), (_, b) in zip(fit.after, fit.goal, strict=True))
    assert off < 0.6
