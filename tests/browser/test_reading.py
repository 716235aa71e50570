"""The reader itself: a test that could not fail would prove nothing of the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.reading import Reader

WHOLE = "<!doctype html><html lang='en'><title>t</title><body><main><h1>t</h1>{}</main>"


def page(folder: Path, body: str) -> Path:
    path = folder / "page.html"
    path.write_text(WHOLE.format(body), encoding="utf-8")
    return path


def test_a_sound_page_has_no_trouble(reader: Reader, tmp_path: Path) -> None:
    with reader.reading(page(tmp_path, "<p>x</p>")) as opened:
        assert (opened.violations(), opened.overhang(), opened.trouble) == ([], 0, [])


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("<img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>", "image-alt"),
        ("<p style='color:#bbb'>pale</p>", "color-contrast"),
        ("<button></button>", "button-name"),
    ],
)
def test_a_barrier_is_noticed(reader: Reader, tmp_path: Path, body: str, rule: str) -> None:
    with reader.reading(page(tmp_path, body)) as opened:
        assert [v.partition(":")[0] for v in opened.violations()] == [rule]


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("<script>alert('spoken')</script>", "spoken"),
        ("<script>console.error('complaint')</script>", "complaint"),
        ("<script>throw new Error('thrown')</script>", "thrown"),
        ("<img alt='x' src='http://127.0.0.1:9/x.png'>", "127.0.0.1"),
    ],
)
def test_trouble_is_noticed(reader: Reader, tmp_path: Path, body: str, what: str) -> None:
    with reader.reading(page(tmp_path, body)) as opened:
        assert any(what in trouble for trouble in opened.trouble)


def test_what_is_too_wide_is_noticed(reader: Reader, tmp_path: Path) -> None:
    with reader.reading(page(tmp_path, "<div style='width:400px'>x</div>"), 375) as opened:
        assert opened.overhang() > 0
