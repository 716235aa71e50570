from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.reporting import write_class, write_report
from tests.browser.reading import NARROW, reading
from tests.reporting import hostile, samples

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

CORPUS = hostile.corpus()


@pytest.mark.parametrize("name", CORPUS)
def test_nothing_hostile_acts_or_reaches_out_or_breaks_the_layout(
    browser: Browser, tmp_path: Path, name: str
) -> None:
    path = write_report(CORPUS[name], tmp_path)
    # The policy of the page would stop most of it: what counts here is that it is not needed.
    with reading(browser, path, NARROW, shielded=False) as opened:
        for closed in opened.page.locator("details.outputs").all():
            closed.evaluate("it => it.open = true")
        opened.page.mouse.click(180, 300)
        assert opened.trouble == []
        assert opened.page.evaluate("window.acted") is None
        assert opened.overhang() <= 0
        assert opened.page.locator("footer").is_visible()
        assert opened.page.locator("h1").count() == 1


def test_a_class_of_hostile_names_holds_together(browser: Browser, tmp_path: Path) -> None:
    path = write_class(samples.ASSIGNMENT, list(CORPUS.values()), tmp_path)
    with reading(browser, path, NARROW, shielded=False) as opened:
        assert opened.violations() == []
        assert opened.overhang() <= 0
        assert opened.trouble == []
