from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grader.reporting.charts.histogram import histogram


def test_full_marks_have_a_column_of_their_own() -> None:
    picture = histogram([0, 9.9, 10, 95, 99.9, 100, 100])
    assert picture is not None
    assert [bar.count for bar in picture.bars] == [2, 1, 0, 0, 0, 0, 0, 0, 0, 2, 2]


def test_the_words_say_what_the_columns_show() -> None:
    picture = histogram([60, 80, 100])
    assert picture is not None
    assert str(picture.summary) == (
        "Marks: 3. Half of them are at 80 percent or above; the lowest is 60, the highest 100."
    )


def test_without_marks_there_is_no_picture() -> None:
    assert histogram([]) is None


@given(st.lists(st.floats(0, 100), min_size=1))
def test_every_mark_is_counted_once(percents: list[float]) -> None:
    picture = histogram(percents)
    assert picture is not None
    assert sum(bar.count for bar in picture.bars) == len(percents)
    assert all(0 < bar.top <= picture.floor for bar in picture.bars)
