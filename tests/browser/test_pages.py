from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.language.messages import say
from grader.reporting.writing import Unplaced, write_class, write_overview, write_report
from tests.browser.reading import HEIGHT, NARROW
from tests.reporting import answer_samples, samples

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
OF_YES_AND_NO = (
    answer_samples.found_the_boundary,
    answer_samples.swapped_answers,
    answer_samples.never_cleared,
    answer_samples.passed_the_exam,
    answer_samples.failed_the_exam,
)
CLASSES = {
    "class": (samples.ASSIGNMENT, samples.whole_class),
    "threshold_class": (answer_samples.BIG_OR_SMALL, answer_samples.threshold_class),
    "pictures_class": (answer_samples.CAT_OR_NOT, answer_samples.pictures_class),
}
PAGES = [*(make.__name__ for make in (*STUDENTS, *OF_YES_AND_NO)), *CLASSES, "overview"]


@pytest.fixture(scope="package", params=["zh", "en"])
def pages(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every kind of page in one language, each by its name."""
    language: str = request.param
    folder = tmp_path_factory.mktemp(language)
    out = folder / "reports"
    for make in (*STUDENTS, *OF_YES_AND_NO):
        path = write_report(make(language=language), out, language)
        (folder / f"{make.__name__}.html").symlink_to(path)
    classes = {name: (lesson, make(language)) for name, (lesson, make) in CLASSES.items()}
    for name, (lesson, graded) in classes.items():
        (folder / f"{name}.html").symlink_to(write_class(lesson, graded, out, language))
    unplaced = [Unplaced("<b>one.ipynb", say("The file is not valid JSON."))]
    overview = write_overview(list(classes.values()), out, language, unplaced)
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


@pytest.mark.parametrize(
    ("name", "pictures"),
    [
        ("found_the_boundary", ["How sure your model is", "你的模型有多大把握"]),
        ("passed_the_exam", ["The exam", "期末考试"]),
    ],
)
def test_a_lesson_about_yes_and_no_has_its_picture(
    reader: Reader, pages: Path, name: str, pictures: list[str]
) -> None:
    with reader.reading(pages / f"{name}.html", NARROW) as opened:
        titles = opened.page.locator("figcaption strong").all_inner_texts()
        assert set(titles) & set(pictures)


def test_the_wrong_cards_of_an_exam_are_marked(reader: Reader, pages: Path) -> None:
    with reader.reading(pages / "passed_the_exam.html") as opened:
        wrong = opened.page.locator(".sheet li.wrong")
        assert wrong.count() == 5
        colours = {
            kind: opened.page.locator(f".sheet li.{kind}").first.evaluate(
                "card => getComputedStyle(card).borderTopColor"
            )
            for kind in ("wrong", "right")
        }
        assert colours["wrong"] != colours["right"]


@pytest.mark.parametrize(
    "name",
    [
        "forgot_zero_grad",
        "swapped_answers",
        "failed_the_exam",
        *CLASSES,
    ],
)
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
