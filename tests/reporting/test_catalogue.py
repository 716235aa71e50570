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
KEYWORDS = {"say": None, "say_count": (2, 3), "_": None}
CATALOGUE_FILES = sorted(CATALOGUES.glob("*.po"))
POLITE = re.compile("您|请")


@cache
def said() -> dict[str, str]:
    """Each sentence of the package, with a place where it is said."""
    folder = grader.__path__[0]
    found = extract_from_dir(folder, METHODS, keywords=KEYWORDS)
    # A sentence with a plural comes as both; its singular is what it is looked up by.
    return {
        text if isinstance(text, str) else str(text[0]): f"{file}:{line}"
        for file, line, text, _, _ in found
    }


@cache
def plurals() -> dict[str, str]:
    """The plural of each sentence that has one."""
    found = extract_from_dir(grader.__path__[0], METHODS, keywords=KEYWORDS)
    return {str(text[0]): str(text[1]) for _, _, text, _, _ in found if not isinstance(text, str)}


def forms(entry: polib.POEntry) -> list[str]:
    """Every wording that a translation has."""
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


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
    differing = [e.msgid for e in catalogue for f in forms(e) if fields(e.msgid) != fields(f)]
    assert differing == []


def test_every_count_has_the_forms_that_its_language_knows(catalogue: polib.POFile) -> None:
    known = int(re.findall(r"nplurals=(\d+)", catalogue.metadata["Plural-Forms"])[0])
    assert {e.msgid: e.msgid_plural for e in catalogue if e.msgid_plural} == plurals()
    assert [e.msgid for e in catalogue if e.msgid_plural and len(forms(e)) != known] == []


def test_no_sentence_is_translated_twice(catalogue: polib.POFile) -> None:
    ids = [entry.msgid for entry in catalogue]
    assert len(ids) == len(set(ids))


def test_chinese_speaks_to_a_student_as_the_course_does() -> None:
    chinese = polib.pofile(str(CATALOGUES / "zh.po"))
    assert [f for entry in chinese for f in forms(entry) if POLITE.search(f)] == []
