from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from grader.language.messages import say
from grader.reporting import Unplaced, write_class, write_overview, write_report
from tests.reporting import samples
from tests.reporting.markup import Page

if TYPE_CHECKING:
    from pathlib import Path


def test_a_report_is_a_page_and_a_result_beside_it(tmp_path: Path) -> None:
    path = write_report(samples.graded("李华.v2"), tmp_path)
    assert path == tmp_path / "01_exact_line" / "李华.v2.html"
    result = json.loads((path.parent / "李华.v2.json").read_text(encoding="utf-8"))
    assert (result["student"], result["language"]) == ("李华.v2", "zh")


def test_the_same_submission_gives_the_same_page_every_time(tmp_path: Path) -> None:
    one = write_report(samples.two_mistakes(), tmp_path / "1")
    two = write_report(samples.two_mistakes(), tmp_path / "2")
    assert one.read_bytes() == two.read_bytes()


def test_a_class_is_a_page_and_a_table_that_excel_reads(tmp_path: Path) -> None:
    path = write_class(samples.ASSIGNMENT, samples.whole_class(), tmp_path, "zh")
    assert path == tmp_path / "01_exact_line" / "index.html"
    table = (path.parent / "grades.csv").read_bytes()
    assert table.startswith(b"\xef\xbb\xbf")
    assert "王小明" in table.decode("utf-8-sig")


def test_the_page_of_a_class_tells_each_verdict_in_words(tmp_path: Path) -> None:
    path = write_class(samples.ASSIGNMENT, [samples.two_mistakes()], tmp_path, "en")
    page = Page(path.read_text(encoding="utf-8"))
    row = [
        e.attributes["aria-label"] for e in page.all("span", "letter") if e.attributes.get("role")
    ]
    assert row == ["right", "right", "right", "not right yet", "not right yet", "right"]


def test_the_overview_links_the_assignments_and_lists_what_belongs_to_none(tmp_path: Path) -> None:
    unplaced = [Unplaced("notes.ipynb", say("The file is not valid JSON."))]
    classes = [(samples.ASSIGNMENT, samples.whole_class())]
    path = write_overview(classes, tmp_path, "en", unplaced)
    page = Page(path.read_text(encoding="utf-8"))
    links = [e.attributes["href"] for e in page.all("a") if "index.html" in e.attributes["href"]]
    assert links == ["01_exact_line/index.html"]
    assert page.text_of("strong") == ["notes.ipynb"]
    assert "The file is not valid JSON." in page.text_of("p")


def test_calibrated_pages_say_how_often_honest_training_misses_the_goal(tmp_path: Path) -> None:
    calibrated = replace(samples.ASSIGNMENT, false_fail=1e-6, draws=100_000_000)
    one = replace(samples.graded(language="en"), assignment=calibrated)
    for path in (write_report(one, tmp_path), write_class(calibrated, [one], tmp_path, "en")):
        said = " ".join(Page(path.read_text(encoding="utf-8")).text_of("p"))
        assert "once in 1,000,000 times (checked over 100,000,000 random starts)" in said


def test_pages_of_an_assignment_that_was_never_calibrated_say_nothing_of_it(tmp_path: Path) -> None:
    path = write_report(samples.graded(language="en"), tmp_path)
    assert "calibrated" not in path.read_text(encoding="utf-8")
