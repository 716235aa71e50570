"""Everything that the grader says to people has its Chinese."""

from __future__ import annotations

import re
from functools import cache
from string import Formatter
from typing import TYPE_CHECKING

import polib
import pytest
from babel.messages.extract import extract_from_dir

import grader
from grader.reporting.language import CATALOGUES

if TYPE_CHECKING:
    from collections.abc import Iterator

METHODS = [("**.py", "python"), ("**/templates/**.j2", "jinja2.ext:babel_extract")]
KEYWORDS = {"say": None, "_": None}
CATALOGUE_FILES = sorted(CATALOGUES.glob("*.po"))
POLITE = re.compile("您|请")


@cache
def said() -> dict[str, str]:
    """Each sentence of the package, with a place where it is said."""
    folder = grader.__path__[0]
    found = extract_from_dir(folder, METHODS, keywords=KEYWORDS)
    return {str(text): f"{file}:{line}" for file, line, text, _, _ in found}


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def has_words(text: str) -> bool:
    """Whether anything is left to translate beside the fields."""
    return any(literal.isascii() and re.search("[A-Za-z]", literal) for literal in literals(text))


def literals(text: str) -> Iterator[str]:
    return (literal for literal, _, _, _ in Formatter().parse(text))


@pytest.fixture(params=CATALOGUE_FILES, ids=lambda file: file.stem)
def catalogue(request: pytest.FixtureRequest) -> polib.POFile:
    return polib.pofile(str(request.param))


def test_every_sentence_is_translated(catalogue: polib.POFile) -> None:
    translated = {entry.msgid for entry in catalogue.translated_entries()}
    missing = [
        f"{place}: {text}"
        for text, place in said().items()
        if has_words(text) and text not in translated
    ]
    assert missing == [], "\n".join(["no translation of", *missing])


def test_no_translation_is_doubtful(catalogue: polib.POFile) -> None:
    assert [entry.msgid for entry in catalogue.fuzzy_entries()] == []


def test_no_translation_is_left_over(catalogue: polib.POFile) -> None:
    assert [entry.msgid for entry in catalogue if entry.msgid not in said()] == []


def test_every_translation_names_the_same_values(catalogue: polib.POFile) -> None:
    differing = [e.msgid for e in catalogue if fields(e.msgid) != fields(e.msgstr)]
    assert differing == []


def test_no_sentence_is_translated_twice(catalogue: polib.POFile) -> None:
    ids = [entry.msgid for entry in catalogue]
    assert len(ids) == len(set(ids))


def test_chinese_speaks_to_a_student_as_the_course_does() -> None:
    chinese = polib.pofile(str(CATALOGUES / "zh.po"))
    assert [entry.msgstr for entry in chinese if POLITE.search(entry.msgstr)] == []
