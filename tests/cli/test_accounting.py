"""`grader grade` accounts for everything handed in, and for everybody on the class list."""

from __future__ import annotations

import csv
import json
import string
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from grader.cli import app
from tests.lms import FEW_EPOCHS, RIGHT, unpacked, zipped
from tests.notebooks import lesson
from tests.recordings import Recordings, copy_course

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typer.testing import Result

FIRST, SECOND = "01_exact_line", "02_noisy_line"
FEW = json.dumps(lesson(train=FEW_EPOCHS)).encode()
OTHER = RIGHT.replace(FIRST.encode(), SECOND.encode())


class Course:
    """A course of two lessons whose notebooks are run by recordings."""

    def __init__(self, root: Path) -> None:
        self.root = root
        copy_course(root)
        copy_course(root, SECOND)

    def run(self, *arguments: str | Path) -> Result:
        place = ("--course", self.root, "--out", self.root / "reports", "--lang", "en")
        book = ("--gradebook", str(self.root / "book.db"))
        return CliRunner().invoke(app, [*map(str, (*arguments, *place, *book))])

    def grade(self, path: Path, *options: str | Path) -> Result:
        return self.run("grade", path, "--jobs", "1", *options)

    def table(self, assignment: str = FIRST) -> dict[str, dict[str, str]]:
        path = self.root / "reports" / assignment / "grades.csv"
        if not path.exists():
            return {}
        rows = csv.DictReader(path.read_text("utf-8-sig").splitlines())
        return {row["student"]: row for row in rows}


@pytest.fixture(scope="module", autouse=True)
def no_kernel() -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("grader.execution.runner.notebook_runner", lambda **_: Recordings())
        patch.setattr("grader.authoring.examining.require_usable", lambda _: None)
        yield


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return Course(tmp_path / "course")


def roster(folder: Path, *students: str) -> Path:
    path = folder / "class.csv"
    path.write_text("\n".join(["student id", *students]), "utf-8")
    return path


def test_who_handed_in_nothing_is_named_in_the_terminal_the_table_and_the_page(
    course: Course, tmp_path: Path
) -> None:
    folder = unpacked(tmp_path / "c", {"anna.ipynb": RIGHT})
    done = course.grade(folder, "--roster", roster(tmp_path, "anna", "bert"))
    assert done.exit_code == 1
    assert "handed in nothing for 01_exact_line: bert." in done.stderr
    assert course.table()["bert"]["outcome"] == "missing"
    assert course.table()["bert"]["points"] == ""
    page = (course.root / "reports" / FIRST / "index.html").read_text("utf-8")
    assert "On the class list, but handed in nothing" in page


def test_who_is_missing_is_named_also_where_nobody_handed_in_this_lesson(
    course: Course, tmp_path: Path
) -> None:
    folder = unpacked(tmp_path / "c", {"zoe.ipynb": OTHER})
    list_ = roster(tmp_path, "zoe", "bert")
    done = course.grade(folder, "--assignment", FIRST, "--roster", list_)
    assert done.exit_code == 1
    assert "handed in nothing for 01_exact_line: bert, zoe." in done.stderr


def test_a_later_zip_makes_nobody_missing_who_has_a_mark(course: Course, tmp_path: Path) -> None:
    list_ = roster(tmp_path, "anna", "bert")
    course.grade(unpacked(tmp_path / "c", {"anna.ipynb": RIGHT}), "--roster", list_)
    done = course.grade(unpacked(tmp_path / "late", {"bert.ipynb": RIGHT}), "--roster", list_)
    assert done.exit_code == 0
    assert set(course.table()) == {"anna", "bert"}


def test_what_is_withheld_is_named_by_student_and_file_also_in_a_zip(
    course: Course, tmp_path: Path
) -> None:
    path = zipped(tmp_path / "c.zip", {"anna/nb.ipynb": RIGHT, "bert/scan.pdf": b"%PDF-1.4"})
    done = course.grade(path, "--assignment", FIRST)
    assert done.exit_code == 1
    assert f"bert, {path}/bert/scan.pdf: The file is a PDF" in done.stderr
    assert course.table()["bert"]["withheld"] == "true"
    given_ = course.run("override", "bert", FIRST, "total", "40", "--reason", "shown on paper")
    assert given_.exit_code == 0
    assert course.table()["bert"]["points"] == "40"


def test_what_lies_beside_notebooks_is_named(course: Course, tmp_path: Path) -> None:
    folder = unpacked(tmp_path / "c", {"anna/nb.ipynb": RIGHT, "anna/plot.png": b"\x89PNG"})
    done = course.grade(folder)
    assert done.exit_code == 0
    assert "Handed in next to notebooks, but not read: anna: anna/plot.png" in done.stdout
    page = (course.root / "reports" / FIRST / "anna.html").read_text("utf-8")
    assert "plot.png" in page


def test_choose_says_which_notebook_counts(course: Course, tmp_path: Path) -> None:
    folder = unpacked(tmp_path / "c", {"anna/a.ipynb": RIGHT, "anna/b.ipynb": FEW})
    assert course.grade(folder).exit_code == 1
    done = course.run("choose", "anna", FIRST, "a.ipynb")
    assert done.exit_code == 0
    assert "a.ipynb counts" in done.stdout
    assert course.table()["anna"]["withheld"] == "false"
    assert course.grade(folder).exit_code == 0
    wrong = course.run("choose", "anna", FIRST, "c.ipynb")
    assert wrong.exit_code == 2
    assert "Choose one of: a.ipynb, b.ipynb" in wrong.stderr


def test_another_lessons_notebook_is_on_the_overview(course: Course, tmp_path: Path) -> None:
    folder = unpacked(tmp_path / "c", {"anna.ipynb": RIGHT, "zoe.ipynb": OTHER})
    done = course.grade(folder, "--assignment", FIRST)
    assert done.exit_code == 1
    assert "This is a notebook for 02_noisy_line" in done.stderr
    assert set(course.table()) == {"anna"}
    assert "zoe" in (course.root / "reports" / "index.html").read_text("utf-8")


# The law: every file and everybody on the list, exactly once

FILES: Mapping[str, bytes] = {
    "hw.ipynb": RIGHT,
    "deep/er/hw.ipynb": FEW,
    "hw.json": RIGHT,
    "hw.ipynb.txt": RIGHT.decode().encode("utf-16"),
    "gbk.ipynb": RIGHT.replace(b"Data", "数据".encode("gbk")),
    "other.ipynb": OTHER,
    "broken.ipynb": RIGHT[:500],
    "empty.ipynb": b"",
    "scan.pdf": b"%PDF-1.4",
    "work.zip": b"PK\x03\x04",
    "submitted/zoe/x/hw.ipynb": RIGHT,
    "submission_metadata.yml": b'"zoe": {":submitters": [{":name": mallory}]}',
    "timestamp.txt": b"2020-01-01",
}
students = st.text(string.ascii_lowercase, min_size=2, max_size=5)
classes = st.dictionaries(
    students,
    st.sets(st.sampled_from(sorted(FILES)), min_size=1, max_size=3),
    max_size=4,
    min_size=2,
)


def outcome(course: Course, path: Path, list_: Path) -> dict[str, dict[str, str]]:
    done = course.grade(path, "--assignment", FIRST, "--roster", list_)
    assert done.exit_code in (0, 1), done.output
    table = course.table()
    told = done.stdout + done.stderr
    return {**table, "": {"told": told, "code": str(done.exit_code)}}


# A failing class is small as it is, and each costs a grading: none is made smaller.
@settings(max_examples=12, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(classes, students, st.booleans())
def test_everything_is_marked_withheld_or_listed_and_one_more_changes_no_other(
    class_: dict[str, set[str]], newcomer: str, zip_: bool
) -> None:
    def graded(members: Mapping[str, set[str]]) -> dict[str, dict[str, str]]:
        with TemporaryDirectory() as folder:
            root = Path(folder)
            files = {f"{who}/{name}": FILES[name] for who, own in members.items() for name in own}
            path = zipped(root / "c.zip", files) if zip_ else unpacked(root / "c", files)
            everybody = [*class_, newcomer, "absent"]
            list_ = roster(root, *dict.fromkeys(everybody))
            return outcome(Course(root / "course"), path, list_)

    found = graded(class_)
    told = found[""]["told"]
    for who, own in class_.items():
        assert who in told
        if who in found:
            assert (
                found[who]["withheld"] == "true"
                or found[who]["points"]
                or (found[who]["outcome"] == "missing")
            )
        for name in own:
            file = name.rpartition("/")[2]
            assert file in told or found[who]["points"]
    assert "absent" in told
    # Where nobody's notebook is this lesson's, there is no page of its class.
    assert found.get("absent", {"outcome": "missing"})["outcome"] == "missing"
    assert found[""]["code"] == "1"
    if newcomer not in class_:
        after = graded({**class_, newcomer: {"hw.ipynb", "submitted/zoe/x/hw.ipynb"}})
        for who in class_:
            said = [table[who] for table in (found, after) if who in table]
            assert len({(row["points"], row["withheld"], row["outcome"]) for row in said}) <= 1
            assert (who in found) == (who in after)
