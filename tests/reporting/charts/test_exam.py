from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grader.language.messages import ENGLISH
from grader.models import Answers, PictureCard
from grader.reporting.charts.exam import exam_chart, hard_cards


def card(number: int, *, right: bool = False) -> PictureCard:
    """A card of four dots that tell its number; its back says yes."""
    return PictureCard((number / 8, 0.0, 0.0, 0.0), yes=True, share=0.9 if right else 0.1)


def sat(*wrong: int, of: int = 200, more: int = 0) -> Answers:
    """An exam in which these cards are wrong, and `more` that are not shown."""
    pictures = (*(card(n) for n in wrong), card(99, right=True))
    return Answers(pictures=pictures, wrong=len(wrong) + more, exam=of)


def test_a_good_class_is_shown_percent_by_percent_and_the_rest_in_one_bar() -> None:
    chart = exam_chart([sat(1, 2), sat(1), sat(), sat(3, more=99)], 0.95)
    assert chart is not None
    assert [(bar.low, bar.count) for bar in chart.bars if bar.count] == [(89, 1), (99, 2), (100, 1)]
    assert chart.line is not None
    sides = [bar.x for bar in chart.bars if bar.low in (94, 95)]
    assert sides[0] + chart.bars[0].width < chart.line < sides[1]


def test_a_class_that_learned_little_is_shown_on_a_wider_scale() -> None:
    chart = exam_chart([sat(more=n) for n in (80, 90, 100, 110)], 0.95)
    assert chart is not None
    assert [(bar.low, bar.count) for bar in chart.bars if bar.count] == [
        (45, 1),
        (50, 1),
        (55, 1),
        (60, 1),
    ]


def test_the_words_say_how_it_went() -> None:
    chart = exam_chart([sat(1, 2), sat(), sat(more=100)], None)
    assert chart is not None
    assert chart.line is None
    assert chart.summary.render(ENGLISH) == (
        "Students who sat the exam: 3. Half of them have 99 percent right or more; the lowest has "
        "50, the highest 100."
    )


def test_where_nobody_sat_the_exam_there_is_no_picture() -> None:
    assert exam_chart([Answers(wrong=3, exam=50, loss=0.1)], 0.95) is None
    assert hard_cards([Answers(wrong=3, exam=50, loss=0.1)]) is None


def test_the_hardest_cards_come_first_with_how_many_missed_them() -> None:
    hard = hard_cards([sat(1, 2, 3), sat(2, 3), sat(3), sat()])
    assert hard is not None
    assert [each.wrong for each in hard.cards] == [3, 2]
    assert "of 4 students" in hard.summary.render(ENGLISH)


def test_who_got_more_wrong_than_is_known_tells_nothing_of_what_is_hard() -> None:
    assert hard_cards([sat(1), sat(1, more=80)]) is None


def test_a_card_that_one_student_missed_is_not_hard() -> None:
    assert hard_cards([sat(1), sat(2)]) is None


@given(st.lists(st.integers(0, 200), min_size=1, max_size=20))
def test_everybody_who_sat_the_exam_is_in_a_bar(wrong: list[int]) -> None:
    chart = exam_chart([sat(more=n) for n in wrong], 0.95)
    assert chart is not None
    assert sum(bar.count for bar in chart.bars) == len(wrong)
    assert chart.bars[-1].count == wrong.count(0)
