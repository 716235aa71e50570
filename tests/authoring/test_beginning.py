from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from grader.authoring.beginning import Kind, begin
from grader.authoring.examining import examine
from grader.course.course import Course, Folders
from grader.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

each_kind = pytest.mark.parametrize("kind", Kind)


def home(course: Path) -> Folders:
    return Course(course).folders("05_mine")


@each_kind
def test_a_new_lesson_is_without_problems(tmp_path: Path, kind: Kind) -> None:
    written = begin(Course(tmp_path), "05_mine", kind)
    assert examine(home(tmp_path)) == ()
    assert {path.suffix for path in written} == {".toml", ".py", ".po", ".ipynb"}
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@each_kind
def test_a_new_lesson_bears_its_own_name(tmp_path: Path, kind: Kind) -> None:
    begin(Course(tmp_path), "05_mine", kind)
    mine = home(tmp_path)
    for path in (*mine.assignment.glob("*.ipynb"), *mine.solutions.glob("*.ipynb")):
        assert json.loads(path.read_text("utf-8"))["metadata"]["grader"]["assignment"] == "05_mine"
    assert "grader calibrate 05_mine" in mine.tolerances.read_text("utf-8")


@pytest.mark.parametrize("part", ["assignments", "solutions"])
def test_what_is_there_is_never_written_over(tmp_path: Path, part: str) -> None:
    mine = tmp_path / part / "05_mine"
    mine.mkdir(parents=True)
    with pytest.raises(UsageError, match="already exists; nothing was written"):
        begin(Course(tmp_path), "05_mine", Kind.LINE)
    assert list(mine.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == [part]


@pytest.mark.parametrize(
    "id_", ["", ".", "..", "a/b", "../mine", "my lesson", "第五课", "-x", "x" * 65, "a\\b", "nul\0"]
)
def test_what_is_no_name_for_a_folder_is_told(tmp_path: Path, id_: str) -> None:
    with pytest.raises(UsageError, match="05_sine"):
        begin(Course(tmp_path), id_, Kind.LINE)
    assert list(tmp_path.iterdir()) == []


def test_a_course_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written to"):
        begin(Course(tmp_path / "nowhere"), "05_mine", Kind.LINE)


def test_where_the_grader_was_installed_without_beginnings_it_says_where_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.authoring.beginning.files", lambda _: tmp_path / "installed")
    course = tmp_path / "course"
    course.mkdir()
    with pytest.raises(UsageError, match=r"clone.*grader new 05_mine --course .*course"):
        begin(Course(course), "05_mine", Kind.LINE)
    assert list(course.iterdir()) == []
