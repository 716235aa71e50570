from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.reporting import write_class, write_report
from tests.browser.reading import NARROW
from tests.reporting import hostile, samples

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.reading import Reader

CORPUS = hostile.corpus()


@pytest.mark.parametrize("name", CORPUS)
def test_nothing_hostile_acts_or_reaches_out_or_breaks_the_layout(
    reader: Reader, tmp_path: Path, name: str
) -> None:
    path = write_report(CORPUS[name], tmp_path)
    # The policy of the page would stop most of it: what counts here is that it is not needed.
    with reader.reading(path, NARROW, shielded=False) as opened:
        for closed in opened.page.locator("details.outputs").all():
            closed.evaluate("it => it.open = true")
        opened.page.mouse.click(180, 300)
        assert opened.trouble == []
        assert opened.page.evaluate("window.acted") is None
        assert opened.overhang() <= 0
        assert opened.page.locator("footer").is_visible()
        assert opened.page.locator("h1").count() == 1


def test_a_class_of_hostile_names_holds_together(reader: Reader, tmp_path: Path) -> None:
    path = write_class(samples.ASSIGNMENT, list(CORPUS.values()), tmp_path)
    with reader.reading(path, NARROW, shielded=False) as opened:
        assert opened.violations() == []
        assert opened.overhang() <= 0
        assert opened.trouble == []
