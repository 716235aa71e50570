from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from grader.errors import DecidedMeanwhile, UsageError
from grader.gradebook import WHOLE
from grader.web import Filter
from grader.web.desk import Looked
from tests.web.course import LESSON

if TYPE_CHECKING:
    from grader.web import Desk
    from tests.web.course import Class


def look(desk: Desk, student: str) -> Looked:
    return Looked(LESSON, student, desk.review(LESSON, student).state)


def points(desk: Desk, student: str) -> float:
    graded = desk.mark(LESSON, student)
    assert graded is not None
    return graded.mark.points


def test_points_by_hand_are_in_the_gradebook_and_in_the_report(marked: Class) -> None:
    desk = marked.desk()
    before = points(desk, "bert")
    desk.override(look(desk, "bert"), "train.epochs", 5, "He asked first.")
    assert points(marked.desk(), "bert") == before + 5
    report = marked.root / "reports" / LESSON
    assert json.loads((report / "bert.json").read_text("utf-8"))["points"] == before + 5
    assert "He asked first." in (report / "bert.html").read_text("utf-8")


def test_a_comment_is_in_the_report_and_an_empty_one_takes_it_away(marked: Class) -> None:
    desk = marked.desk()
    page = marked.root / "reports" / LESSON / "anna.html"
    desk.comment(look(desk, "anna"), "Beautiful <b>loop</b>!")
    assert "Beautiful &lt;b&gt;loop&lt;/b&gt;!" in page.read_text("utf-8")
    desk.comment(look(desk, "anna"), " ")
    assert "Beautiful" not in page.read_text("utf-8")


def test_a_released_report_is_where_students_may_see_it_until_that_is_undone(
    marked: Class,
) -> None:
    desk = marked.desk()
    page = marked.root / "released" / LESSON / "bert.html"
    desk.comment(look(desk, "bert"), "Nearly!")
    assert not page.exists()
    desk.release(look(desk, "bert"))
    assert "Nearly!" in page.read_text("utf-8")
    desk.undo(look(desk, "bert"))
    assert not page.exists()
    assert not page.with_suffix(".json").exists()


def test_everything_can_be_undone_step_by_step_and_nothing_is_forgotten(marked: Class) -> None:
    desk = marked.desk()
    before = points(desk, "bert")
    desk.override(look(desk, "bert"), "train.epochs", 5, "once")
    desk.override(look(desk, "bert"), "train.epochs", 2, "twice")
    assert points(desk, "bert") == before + 2
    desk.undo(look(desk, "bert"))
    assert points(desk, "bert") == before + 5
    desk.undo(look(desk, "bert"))
    assert points(desk, "bert") == before
    with pytest.raises(UsageError):
        desk.undo(look(desk, "bert"))
    decided = desk.review(LESSON, "bert").decisions
    assert [(d.text, d.undone_by) for d in decided] == [("once", "chen"), ("twice", "chen")]


def test_of_two_reviewers_the_second_is_told_and_writes_nothing(marked: Class) -> None:
    chen, wang = marked.desk("chen"), marked.desk("wang")
    seen_by_both = look(chen, "bert")
    chen.override(seen_by_both, "train.epochs", 5, "generous")
    with pytest.raises(DecidedMeanwhile, match="chen decided about bert meanwhile"):
        wang.override(seen_by_both, "train.epochs", 0, "strict")
    assert len(wang.review(LESSON, "bert").decisions) == 1
    wang.override(look(wang, "bert"), "train.epochs", 1, "after a talk")
    assert len(chen.review(LESSON, "bert").decisions) == 2


def test_work_on_different_students_does_not_get_in_the_way(marked: Class) -> None:
    chen, wang = marked.desk("chen"), marked.desk("wang")
    at_anna, at_bert = look(chen, "anna"), look(wang, "bert")
    chen.comment(at_anna, "Good.")
    wang.comment(at_bert, "Nearly.")


@pytest.mark.parametrize(
    ("check", "given", "reason"),
    [
        ("train.epochs", 6, "too much"),
        ("train.epochs", -1, "less than nothing"),
        ("train.epochs", float("nan"), "no number"),
        ("train.nothing", 1, "no such check"),
        (WHOLE, 101, "too much"),
        ("train.epochs", 5, "  "),
    ],
)
def test_points_that_cannot_be_are_refused(
    marked: Class, check: str, given: float, reason: str
) -> None:
    desk = marked.desk()
    with pytest.raises(UsageError):
        desk.override(look(desk, "bert"), check, given, reason)
    assert desk.review(LESSON, "bert").decisions == ()


def test_submissions_are_filtered_by_name_verdict_and_diagnosis(marked: Class) -> None:
    desk = marked.desk()

    def names(**wanted: str) -> list[str]:
        return [g.submission.student for g in desk.marks(LESSON, Filter(**wanted))]

    assert names() == ["anna", "bert", "李华"]
    assert names(name="AN") == ["anna"]
    assert names(verdict="failed") == ["bert"]
    assert names(diagnosis="too_few_epochs") == ["bert"]
    assert names(verdict="withheld") == []
