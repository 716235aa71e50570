from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.reading import NARROW
from tests.browser.serving import LINK, served
from tests.web.course import LESSON, Class, marked_class

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.browser.reading import Reader


@pytest.fixture
def marked(tmp_path: Path) -> Iterator[Class]:
    found = marked_class(tmp_path)
    yield found
    found.book.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_review_page_is_open_to_everybody(reader: Reader, marked: Class, language: str) -> None:
    with served(marked, language) as site, reader.visiting(site, LINK) as opened:
        opened.page.keyboard.press("j")
        opened.page.wait_for_url("**student=bert**")
        opened.page.keyboard.press("o")
        assert (opened.violations(), opened.overhang()) == ([], 0)
        opened.resize(NARROW)
        assert (opened.violations(), opened.overhang()) == ([], 0)
        opened.page.locator("h1").click()
        opened.page.keyboard.press("?")
        assert opened.page.locator("#help").is_visible()
        assert opened.violations() == []
        assert opened.trouble == []


def test_by_keyboard_alone_from_opening_to_a_released_override(
    reader: Reader, marked: Class
) -> None:
    with served(marked, "en") as site, reader.visiting(site, LINK) as opened:
        page, keyboard = opened.page, opened.page.keyboard
        keyboard.press("/")
        keyboard.type("ber")
        with page.expect_navigation():
            keyboard.press("Enter")
        keyboard.press("o")
        keyboard.type("4")
        keyboard.press("Tab")
        keyboard.type("Half the epochs, but you saw it yourself.")
        with page.expect_navigation():
            keyboard.press("Enter")
        assert "Half the epochs, but you saw it yourself." in page.locator("main").inner_text()
        keyboard.press("r")
        with page.expect_navigation():
            keyboard.press("Enter")
        assert page.locator(".bar .badge").inner_text() == "released"
        released = marked.root / "released" / LESSON / "bert.html"
        assert "Half the epochs, but you saw it yourself." in released.read_text("utf-8")
        keyboard.press("u")
        with page.expect_navigation():
            keyboard.press("Enter")
        assert not released.exists()
        assert opened.trouble == []
        assert [d.undone_by for d in marked.book.review("bert", LESSON).decisions] == [None, "chen"]


def test_j_and_k_go_through_the_class_and_back(reader: Reader, marked: Class) -> None:
    with served(marked, "en") as site, reader.visiting(site, LINK) as opened:
        seen = []
        for key in ("j", "j", "k"):
            with opened.page.expect_navigation():
                opened.page.keyboard.press(key)
            seen.append(opened.page.locator(".bar h2").inner_text())
        assert seen == ["bert", "李华", "bert"]


def test_without_the_link_a_browser_is_shown_nothing(reader: Reader, marked: Class) -> None:
    with served(marked, "en") as site, reader.visiting(site, "/work") as opened:
        assert "anna" not in opened.page.content()
