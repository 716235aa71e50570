from __future__ import annotations

from grader.models import Step, Verdict
from grader.reporting.classroom import class_page
from tests.reporting import samples


def test_a_class_is_counted() -> None:
    tally = class_page(samples.ASSIGNMENT, samples.whole_class()).tally
    assert (tally.submissions, tally.marked, tally.withheld) == (22, 20, 2)
    assert (tally.full, tally.not_attempted) == (10, 1)


def test_a_withheld_mark_is_in_no_statistic_of_marks() -> None:
    page = class_page(samples.ASSIGNMENT, [samples.graded("ada"), samples.withheld()])
    assert page.tally.mean == 100
    assert page.histogram is not None
    assert sum(bar.count for bar in page.histogram.bars) == 1


def test_students_stand_in_the_order_of_their_names() -> None:
    graded = [samples.graded(name) for name in ("王", "bo", "Ada", "cy")]
    page = class_page(samples.ASSIGNMENT, graded)
    assert [row.link.student for row in page.rows] == ["Ada", "bo", "cy", "王"]


def test_who_waits_for_a_person_is_listed_with_what_broke() -> None:
    unreadable, broken = class_page(samples.ASSIGNMENT, samples.whole_class()).withheld
    assert (unreadable.link.student, unreadable.broken) == ("qian_duo", ())
    (check,) = broken.broken
    assert check.judgement.reason == "ZeroDivisionError in result.learned"


def test_the_most_common_mistake_comes_first_with_its_students() -> None:
    first, second = class_page(samples.ASSIGNMENT, samples.whole_class()).mistakes
    assert (first.id, len(first.students)) == ("zero_grad_missing", 7)
    assert (second.id, len(second.students)) == ("learning_rate_too_high", 1)
    assert first.share == 7 / 22


def test_a_step_that_was_never_reached_has_no_verdict() -> None:
    (row,) = class_page(samples.ASSIGNMENT, [samples.unreadable()]).rows
    assert row.verdict(Step.DATA) is None
    (row,) = class_page(samples.ASSIGNMENT, [samples.untouched()]).rows
    assert row.verdict(Step.DATA) is Verdict.NOT_ATTEMPTED


def test_an_empty_class_has_a_page() -> None:
    page = class_page(samples.ASSIGNMENT, [])
    assert page.tally.mean is None
    assert page.rows == ()
