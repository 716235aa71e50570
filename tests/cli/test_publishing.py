from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader.cli.publishing import Publisher
from grader.models import AssignmentInfo, GradedSubmission
from grader.reporting import report_path
from tests.reporting.samples import graded, unreadable


def at(path: str, one: GradedSubmission) -> GradedSubmission:
    return replace(one, submission=replace(one.submission, path=Path(path)))


def test_a_student_page_is_written_at_once(tmp_path: Path) -> None:
    one = graded("anna", language="en")
    Publisher(tmp_path).publish(one)
    assert report_path(tmp_path, one.assignment.id, "anna").is_file()


def test_a_second_notebook_never_overwrites_the_first_and_is_listed(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path, "en")
    first, second = (at(name, graded("anna", language="en")) for name in ("1.ipynb", "2.ipynb"))
    publisher.publish(first)
    page = report_path(tmp_path, first.assignment.id, "anna")
    written = page.stat().st_mtime_ns
    publisher.publish(second)
    overview = publisher.finish()
    assert page.stat().st_mtime_ns == written
    assert "2.ipynb" in overview.read_text("utf-8")


def test_an_unreadable_file_of_a_known_assignment_is_in_its_class(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path, "en")
    one = at("bert.ipynb", unreadable("bert", "en"))
    publisher.publish(one)
    publisher.finish()
    assert "bert" in (tmp_path / one.assignment.id / "index.html").read_text("utf-8")


def test_an_unreadable_file_of_no_assignment_is_on_the_overview(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path, "en")
    lost = replace(unreadable("bert", "en"), assignment=AssignmentInfo("", {}))
    publisher.publish(at("bert.ipynb", lost))
    assert "bert.ipynb" in publisher.finish().read_text("utf-8")


def test_a_class_of_nobody_has_an_overview_still(tmp_path: Path) -> None:
    assert Publisher(tmp_path, "en").finish().is_file()


def test_a_page_that_says_the_mark_already_is_left_alone(tmp_path: Path) -> None:
    one = graded("anna", language="en")
    Publisher(tmp_path).publish(one)
    page = report_path(tmp_path, one.assignment.id, "anna")
    written = page.stat().st_mtime_ns
    Publisher(tmp_path).keep(replace(one, duration_s=one.duration_s + 1))
    assert page.stat().st_mtime_ns == written


@pytest.mark.parametrize("lost", [".html", ".json"])
def test_a_page_that_is_not_all_there_is_written_again(tmp_path: Path, lost: str) -> None:
    one = graded("anna", language="en")
    Publisher(tmp_path).publish(one)
    place = report_path(tmp_path, one.assignment.id, "anna").with_suffix(lost)
    place.unlink()
    Publisher(tmp_path).keep(one)
    assert place.is_file()


def test_a_page_in_another_language_is_written_again(tmp_path: Path) -> None:
    one = graded("anna", language="en")
    Publisher(tmp_path, "en").publish(one)
    Publisher(tmp_path, "zh").keep(one)
    assert 'lang="zh' in report_path(tmp_path, one.assignment.id, "anna").read_text("utf-8")
