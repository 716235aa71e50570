from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.isolation import fonts
from grader.isolation.fonts import Font

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _search_anew() -> Iterator[None]:
    fonts.chinese_font.cache_clear()
    yield
    fonts.chinese_font.cache_clear()


def test_a_machine_without_a_chinese_font_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "PACKAGED", ("no-such-package", "", ""))
    monkeypatch.setattr(fonts, "INSTALLED_IN", {})
    assert fonts.chinese_font() is None


def test_an_installed_font_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "truetype").mkdir()
    font = tmp_path / "truetype" / "wqy-microhei.ttc"
    font.touch()
    monkeypatch.setattr(fonts, "PACKAGED", ("no-such-package", "", ""))
    monkeypatch.setattr(fonts, "INSTALLED_IN", {sys.platform: (str(tmp_path),)})
    assert fonts.chinese_font() == Font(font, "WenQuanYi Micro Hei")


def test_an_offered_font_comes_after_matplotlibs_own(tmp_path: Path) -> None:
    fonts.offer(Font(Path("/fonts/song.ttf"), "Song"), tmp_path / "home", tmp_path)
    assert (tmp_path / "matplotlibrc").read_text() == "font.family: DejaVu Sans, Song\n"
