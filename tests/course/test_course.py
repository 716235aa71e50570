from __future__ import annotations

import ast
from pathlib import Path

import pytest

from grader.course.course import Course, references_in
from grader.errors import UsageError

ROOT = Path(__file__).parent.parent.parent
# Files of a lesson that an author begins with, not modules.
SCAFFOLDS = ROOT / "grader/authoring/scaffolds"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course of two assignments, and of folders that are none."""
    for id_ in ("02_line", "01_line"):
        (tmp_path / "assignments" / id_).mkdir(parents=True)
        (tmp_path / "assignments" / id_ / "assignment.toml").touch()
    (tmp_path / "assignments" / "notes").mkdir()
    (tmp_path / "solutions" / "03_line").mkdir(parents=True)
    return Course(tmp_path)


def test_every_assignment_is_found_by_its_table(course: Course) -> None:
    assert [home.id for home in course.all()] == ["01_line", "02_line"]


def test_without_a_name_all_are_chosen(course: Course) -> None:
    assert course.chosen(None) == course.all()
    assert course.chosen("02_line") == (course.folders("02_line"),)


@pytest.mark.parametrize("id_", ["notes", "03_line", "", "../assignments/01_line"])
def test_what_is_no_assignment_is_told_with_those_that_are(course: Course, id_: str) -> None:
    with pytest.raises(UsageError, match="Choose one of: 01_line, 02_line"):
        course.chosen(id_)


def test_a_folder_without_assignments_has_none_to_choose(tmp_path: Path) -> None:
    assert Course(tmp_path).all() == ()
    with pytest.raises(UsageError, match=r"no assignment under .*assignments"):
        Course(tmp_path).chosen(None)


def test_what_belongs_to_an_assignment_is_in_its_two_folders() -> None:
    home = Course(ROOT).folders("01_exact_line")
    for path in (home.table, home.tolerances, home.handout("zh"), *home.references()):
        assert path.is_file()
    assert home.bank.is_dir()
    assert home.references() == (home.reference("en"), home.reference("zh"))
    assert references_in(home.assignment) == ()


def test_a_course_is_hidden_with_what_its_links_lead_to(tmp_path: Path) -> None:
    course, elsewhere = tmp_path / "course", tmp_path / "elsewhere"
    for folder in (course / "assignments", elsewhere / "all/01_line", elsewhere / "02_line"):
        folder.mkdir(parents=True)
    (course / "solutions").symlink_to(elsewhere / "all")
    (course / "assignments/02_line").symlink_to(elsewhere / "02_line")
    named = {path.resolve() for path in Course(course).hidden()}
    assert {course, elsewhere / "all/01_line", elsewhere / "02_line"} <= named


def test_no_other_module_knows_what_the_folders_are_called() -> None:
    told = {
        str(path.relative_to(ROOT))
        for folder in ("grader", "benchmarks", "demo")
        for path in (ROOT / folder).rglob("*.py")
        if SCAFFOLDS not in path.parents and {"solutions", "assignments"} & texts(path)
    }
    assert told == {"grader/course/course.py"}


def texts(path: Path) -> set[str]:
    """The parts of all paths that stand in a module as texts."""
    found = (
        node.value
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant)
    )
    return {
        part
        for text in found
        if isinstance(text, str) and " " not in text
        for part in text.split("/")
    }
