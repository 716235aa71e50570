"""Everything that an assignment says to students has its Chinese."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING

import polib
import pytest

from grader.course.assignment import load_assignments
from grader.language.catalogues import CATALOGUES

if TYPE_CHECKING:
    from grader.course.assignment import Assignment

ROOT = Path(__file__).parent.parent
ASSIGNMENTS = {assignment.id: assignment for assignment in load_assignments(ROOT)}
READY_MADE = {entry.msgid for entry in polib.pofile(str(CATALOGUES / "zh.po"))}
POLITE = re.compile("您|请")


@pytest.fixture(params=ASSIGNMENTS)
def assignment(request: pytest.FixtureRequest) -> Assignment:
    return ASSIGNMENTS[request.param]


@pytest.fixture
def chinese(assignment: Assignment) -> polib.POFile:
    return polib.pofile(str(assignment.info.catalogues["zh"]))


def said(assignment: Assignment) -> list[str]:
    """The sentences and hints that are the assignment's own, in order, each once."""
    messages = [m for check in assignment.checks for m in (check.sentence, check.hint)]
    texts = dict.fromkeys(message.text for message in messages if message is not None)
    return [text for text in texts if text not in READY_MADE]


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_check_has_a_hint(assignment: Assignment) -> None:
    assert [check.id for check in assignment.checks if check.hint is None] == []


def test_every_sentence_and_hint_is_translated(
    assignment: Assignment, chinese: polib.POFile
) -> None:
    translated = {entry.msgid for entry in chinese.translated_entries()}
    assert [text for text in said(assignment) if text not in translated] == []


def test_no_translation_is_doubtful(chinese: polib.POFile) -> None:
    assert [entry.msgid for entry in chinese.fuzzy_entries()] == []


def test_no_translation_is_left_over_or_there_twice(
    assignment: Assignment, chinese: polib.POFile
) -> None:
    assert sorted(entry.msgid for entry in chinese) == sorted(said(assignment))


def test_every_translation_names_the_same_values(chinese: polib.POFile) -> None:
    differing = [e.msgid for e in chinese if fields(e.msgid) != fields(e.msgstr)]
    assert differing == []


def test_chinese_speaks_to_a_student_as_the_course_does(chinese: polib.POFile) -> None:
    assert [entry.msgstr for entry in chinese if POLITE.search(entry.msgstr)] == []


def test_the_same_sentence_has_the_same_chinese_in_every_assignment() -> None:
    translations: dict[str, set[str]] = {}
    for assignment in ASSIGNMENTS.values():
        for entry in polib.pofile(str(assignment.info.catalogues["zh"])):
            translations.setdefault(entry.msgid, set()).add(entry.msgstr)
    assert {text: words for text, words in translations.items() if len(words) > 1} == {}
