from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.messages import say
from grader.reporting.writing import Unplaced, write_class, write_overview, write_report
from tests.browser.reading import HEIGHT, NARROW
from tests.reporting import samples

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.reading import Reader

STUDENTS = (
    samples.graded,
    samples.forgot_zero_grad,
    samples.two_mistakes,
    samples.untouched,
    samples.timed_out,
    samples.raised,
    samples.withheld,
    samples.unreadable,
)
PAGES = [*(make.__name__ for make in STUDENTS), "class", "overview"]


@pytest.fixture(scope="package", params=["zh", "en"])
def pages(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every kind of page in one language, each by its name."""
    language: str = request.param
    folder = tmp_path_factory.mktemp(language)
    out = folder / "reports"
    for make in STUDENTS:
        path = write_report(make(language=language), out, language)
        (folder / f"{make.__name__}.html").symlink_to(path)
    graded = samples.whole_class(language)
    unplaced = [Unplaced("<b>one.ipynb", say("The file is not valid JSON."))]
    (folder / "class.html").symlink_to(write_class(samples.ASSIGNMENT, graded, out, language))
    overview = write_overview([(samples.ASSIGNMENT, graded)], out, language, unplaced)
    (folder / "overview.html").symlink_to(overview)
    return folder


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_open_to_everybody_and_asks_for_nothing(
    reader: Reader, pages: Path, name: str
) -> None:
    with reader.reading(pages / f"{name}.html") as opened:
        assert (opened.violations(), opened.overhang()) == ([], 0)
        opened.resize(NARROW)
        assert (opened.violations(), opened.overhang()) == ([], 0)
        assert opened.trouble == []


@pytest.mark.parametrize("name", ["forgot_zero_grad", "class"])
def test_a_page_can_be_read_in_the_dark(reader: Reader, pages: Path, name: str) -> None:
    with reader.reading(pages / f"{name}.html", scheme="dark") as opened:
        assert opened.violations() == []


def test_on_a_phone_the_diagnosis_and_its_line_are_in_the_first_screen(
    reader: Reader, pages: Path
) -> None:
    with reader.reading(pages / "forgot_zero_grad.html", NARROW) as opened:
        for seen in ("p.big", "p.lead", ".advice .hint", ".advice .marked"):
            box = opened.page.locator(seen).first.bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= HEIGHT


@pytest.mark.parametrize("name", PAGES)
def test_without_scripts_everything_is_there_to_be_read(
    reader: Reader, pages: Path, name: str
) -> None:
    with reader.reading(pages / f"{name}.html") as opened:
        sections = opened.page.locator("main > section").count()
    with reader.reading(pages / f"{name}.html", scripts=False) as opened:
        assert opened.page.locator("main > section").count() == sections
        assert opened.page.locator("h1").is_visible()
        rows = opened.page.locator("tbody tr")
        assert rows.locator("visible=true").count() == rows.locator("th").count()
        # What only a script can move is not offered.
        assert opened.page.locator("button:visible, input:visible, select:visible").count() == 0
