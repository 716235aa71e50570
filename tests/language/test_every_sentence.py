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
from grader.isolation.tiers import LEFT_OPEN, TIERS
from grader.language.catalogues import CATALOGUES, translator
from grader.reporting.wording import ISOLATION_TIERS, isolation_gaps

if TYPE_CHECKING:
    from collections.abc import Iterator

# What a new lesson begins with brings its own Chinese along.
METHODS = [
    ("authoring/scaffolds/**.py", "ignore"),
    ("**.py", "python"),
    ("**/templates/**.j2", "jinja2.ext:babel_extract"),
]
KEYWORDS = {"say": None, "say_count": (2, 3), "_": None}
CATALOGUE_FILES = sorted(CATALOGUES.glob("*.po"))
POLITE = re.compile("您|请")
# Other words for what design and lessons already have a word for.
STRAY = re.compile("笔记本|格子|核查|标准答案|评语|测试")
UNSPACED = re.compile("[A-Za-z][\u4e00-\u9fff]|[\u4e00-\u9fff][A-Za-z]")


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


def chinese() -> list[str]:
    return [form for entry in polib.pofile(str(CATALOGUES / "zh.po")) for form in forms(entry)]


def test_chinese_has_one_word_for_one_idea() -> None:
    assert [text for text in chinese() if STRAY.search(text)] == []


def test_chinese_keeps_a_space_beside_latin_words() -> None:
    assert [text for text in chinese() if UNSPACED.search("".join(literals(text)))] == []


@pytest.mark.parametrize("gap", sorted({gap for gaps in LEFT_OPEN.values() for gap in gaps}))
def test_whatever_a_room_leaves_open_has_a_word_of_its_own(gap: str) -> None:
    english, translated = isolation_gaps([gap]), isolation_gaps([gap]).render(translator("zh"))
    assert str(english) != translated
    assert not re.search("[A-Za-z_]", translated)


@pytest.mark.parametrize("tier", TIERS)
def test_every_tier_of_isolation_has_a_word(tier: str) -> None:
    assert tier in ISOLATION_TIERS


def test_chinese_speaks_to_a_student_as_the_course_does() -> None:
    assert [text for text in chinese() if POLITE.search(text)] == []
