from __future__ import annotations

from typing import TYPE_CHECKING

import polib
import pytest

from grader.language.catalogues import (
    default_language,
    html_language,
    known_language,
    languages,
    translator,
)
from grader.language.messages import say

if TYPE_CHECKING:
    from pathlib import Path


def test_english_and_chinese_are_there() -> None:
    assert languages() == ("en", "zh")


@pytest.mark.parametrize("tag", ["zh", "zh-CN", "zh_CN.UTF-8", "ZH", "zh.utf8"])
def test_every_spelling_of_chinese_is_known(tag: str) -> None:
    assert known_language(tag) == "zh"


@pytest.mark.parametrize("tag", ["", "tlh", "C.UTF-8", "../zh", "chinese"])
def test_a_language_without_a_catalogue_is_not_known(tag: str) -> None:
    assert known_language(tag) is None


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LANGUAGE": "tlh:zh", "LANG": "en_US"}, "zh"),
        ({"LANG": "C"}, "en"),
    ],
)
def test_the_locale_chooses_the_language(environ: dict[str, str], language: str) -> None:
    assert default_language(environ) == language


def test_a_sentence_is_worded_in_chinese() -> None:
    assert say("Cell {cell}", cell=3).render(translator("zh")) == "第 3 个单元格"


def test_english_needs_no_catalogue() -> None:
    assert say("Cell {cell}", cell=3).render(translator("en")) == "Cell 3"


def test_pages_name_their_language_as_html_does() -> None:
    assert html_language(translator("zh")) == "zh-CN"
    assert html_language(translator("en")) == "en"


def test_the_catalogue_of_an_assignment_is_asked_before_ours(tmp_path: Path) -> None:
    catalogue = polib.POFile()
    catalogue.metadata = {"Content-Type": "text/plain; charset=UTF-8"}
    catalogue.append(polib.POEntry(msgid="Is it a cat?", msgstr="是猫吗？"))
    catalogue.append(polib.POEntry(msgid="Data", msgstr="图片"))
    catalogue.save(str(tmp_path / "zh.po"))
    translations = translator("zh", [tmp_path / "zh.po"])
    assert [translations.gettext(text) for text in ("Is it a cat?", "Data", "Model")] == [
        "是猫吗？",
        "图片",
        "模型",
    ]
    assert translator("zh").gettext("Data") == "数据"
