"""A sample of each bank; `grader audit --previews` tries all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.authoring.agreement import (
    NOTEBOOK,
    PAGE,
    PLACES,
    TERMINAL,
    Compared,
    Said,
    findings_of,
)
from grader.authoring.bank import Entry
from grader.course.assignment import load_assignment
from grader.course.lesson import open_lesson
from tests.recordings import ROOT

if TYPE_CHECKING:
    from grader.course.lesson import Lesson

LESSONS = sorted(path.parent.name for path in (ROOT / "assignments").glob("*/assignment.toml"))
ENTRY = Entry(name="one", about="an entry")
GRADED = Said({"data.a": "passed", "data.b": "failed", "train.a": "not_assessed"}, {"data": "x"})


def opened(lesson: str) -> Lesson:
    return open_lesson(load_assignment(ROOT / "assignments" / lesson, ROOT / "solutions" / lesson))


def said(place: str, told: Said | None) -> Compared:
    return Compared(ENTRY, GRADED, {**dict.fromkeys(PLACES, GRADED), place: told})


def test_the_same_verdicts_agree() -> None:
    assert list(said(TERMINAL, GRADED).disagreements()) == []


@pytest.mark.parametrize("place", PLACES)
def test_another_verdict_or_diagnosis_is_told_with_its_place(place: str) -> None:
    other = Said({**GRADED.verdicts, "data.b": "passed"}, {"data": "y"})
    first, second = map(str, said(place, other).disagreements())
    assert first == f"one, {place}, data.b: passed, but grading says failed."
    assert second == f"one, {place}, data: y, but grading says x."


def test_what_is_left_to_grading_is_counted_and_is_no_difference() -> None:
    compared = said(NOTEBOOK, Said(dict.fromkeys(GRADED.verdicts, "not_assessed"), {}))
    assert list(compared.disagreements()) == []
    # What grading could not assess either was not left to it.
    assert compared.left_open(NOTEBOOK) == ("data.a", "data.b")
    assert compared.left_open(PAGE) == ()


def test_a_kernel_that_the_notebook_ended_is_counted() -> None:
    *_, notebook, last = map(str, findings_of(opened(LESSONS[0]), [said(NOTEBOOK, None)]))
    assert "1 notebooks ended their kernel" in notebook
    assert last.endswith("grading: 0.")
