from __future__ import annotations

import base64
import zlib

import pytest

from grader.language.messages import ENGLISH
from grader.models import Answers, Curve, Figures, PictureCard
from grader.reporting.charts.answers import contact_sheet, curve_chart

CARDS = ((-1.0, 0.0), (0.0, 0.0), (1.0, 1.0))
CURVE = Curve(((-1.0, 0.1), (0.0, 0.4), (1.0, 0.9)), boundary=0.25)
DOTS = tuple(n / 15 for n in range(16))


def told(**answers: object) -> Figures:
    return Figures(CARDS, answers=Answers(**answers))  # type: ignore[arg-type]


def test_the_curve_turns_where_the_model_does() -> None:
    chart = curve_chart(told(before=CURVE, after=CURVE))
    assert chart is not None
    left, middle, right = (dot.x for dot in chart.dots)
    assert chart.boundary == pytest.approx(middle + (right - middle) / 4, abs=0.01)
    assert left < middle
    assert "0.25" in chart.summary.render(ENGLISH)


def test_without_a_boundary_the_words_say_so() -> None:
    chart = curve_chart(told(after=Curve(CURVE.points)))
    assert chart is not None
    assert chart.boundary is None
    assert "Nowhere" in chart.summary.render(ENGLISH)


@pytest.mark.parametrize("figures", [Figures(CARDS), told(), Figures(answers=Answers(after=CURVE))])
def test_without_curve_or_cards_there_is_no_chart(figures: Figures) -> None:
    assert curve_chart(figures) is None


def test_a_card_is_shown_as_a_grey_picture_of_its_dots() -> None:
    card = PictureCard(DOTS, yes=True, share=0.3)
    sheet = contact_sheet(told(pictures=(card,), wrong=1, exam=20))
    assert sheet is not None
    (shown,) = sheet.cards
    assert (shown.yes, shown.right, shown.percent) == (True, False, 30)
    image = base64.b64decode(shown.image.removeprefix("data:image/png;base64,"))
    assert image.startswith(b"\x89PNG")
    start = image.index(b"IDAT") + 4
    rows = zlib.decompress(image[start : image.index(b"IEND") - 8])
    assert rows == b"".join(
        b"\0" + bytes(round(255 * (1 - dot)) for dot in DOTS[first : first + 4])
        for first in range(0, 16, 4)
    )


def test_the_words_count_what_is_wrong() -> None:
    card = PictureCard(DOTS, yes=True, share=0.9)
    right = contact_sheet(told(pictures=(card,), exam=20))
    wrong = contact_sheet(told(pictures=(card,), wrong=3, exam=20))
    assert right is not None
    assert wrong is not None
    assert right.summary.render(ENGLISH).startswith("All 20")
    assert wrong.summary.render(ENGLISH).startswith("3 of 20")


def test_without_an_exam_there_is_no_sheet() -> None:
    assert contact_sheet(told(exam=20)) is None
