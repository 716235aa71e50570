"""Which gradebook a command uses, and that the reports of two classes never lie in one folder."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from grader.cli import app
from grader.cli.keeping import claim, kept_gradebook
from grader.course.assignment import load_assignments
from grader.errors import UsageError
from grader.gradebook import Gradebook
from grader.grading import grade_class
from grader.intake import find_candidates
from tests.notebooks import lesson, save
from tests.recordings import Recordings, copy_course

if TYPE_CHECKING:
    from typer.testing import Result

LESSON = "01_exact_line"


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course with two classes, each with a gradebook of its own beside its hand-ins."""
    root = copy_course(tmp_path / "course")
    for class_, student in (("a", "anna"), ("b", "bert")):
        save(lesson(), root / class_ / "handed_in" / f"{student}.ipynb")
        with Gradebook(str(root / class_ / "gradebook.db"), create=True) as book:
            grade_class(
                find_candidates([root / class_ / "handed_in"]),
                assignments=load_assignments(root),
                runner=Recordings(),
                book=book,
            )
    monkeypatch.chdir(root)
    return root


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--lang", "en"])


def pages() -> list[str]:
    return sorted(path.name for path in Path(f"reports/{LESSON}").glob("*.html"))


@pytest.mark.usefixtures("no_kernels")
def test_the_reports_of_one_class_are_not_written_among_those_of_another(course: Path) -> None:
    assert run("regrade", "--gradebook", "a/gradebook.db").exit_code == 0
    assert pages() == ["anna.html", "index.html"]
    for command in (
        ("regrade",),
        ("override", "bert", LESSON, "total", "1", "--reason", "x"),
        ("review",),
        ("grade", "b/handed_in", "--isolation", "best-effort"),
    ):
        done = run(*command, "--gradebook", "b/gradebook.db")
        assert done.exit_code == 2, command
        assert "belong to another gradebook" in done.stderr
        assert str(course / "a/gradebook.db") in done.stderr
        assert pages() == ["anna.html", "index.html"]
    assert run("regrade", "--gradebook", "b/gradebook.db", "--out", "reports_b").exit_code == 0
    assert run("regrade", "--gradebook", "a/gradebook.db").exit_code == 0


def test_every_command_says_which_gradebook_it_used(course: Path) -> None:
    shutil.copy("a/gradebook.db", "gradebook.db")
    done = run("regrade")
    assert "Gradebook: gradebook.db" in done.stderr
    done = run("override", "anna", LESSON, "total", "1", "--reason", "x")
    assert "Gradebook: gradebook.db" in done.stderr
    done = run("export", "csv")
    assert "Gradebook: gradebook.db" in done.stderr
    assert course.exists()


def test_without_a_gradebook_here_that_of_the_reports_here_is_used(course: Path) -> None:
    run("regrade", "--gradebook", "a/gradebook.db")
    done = run("export", "csv")
    assert done.exit_code == 0, done.stderr
    assert "Gradebook: " in done.stderr
    assert str(Path("a/gradebook.db")) in done.stderr
    assert "anna" in Path("marks.csv").read_text("utf-8-sig")
    assert course.exists()


def test_of_two_gradebooks_neither_is_taken_unasked(course: Path) -> None:
    run("regrade", "--gradebook", "a/gradebook.db")
    shutil.copy("b/gradebook.db", "gradebook.db")
    for command in (("export", "csv"), ("regrade",)):
        done = run(*command)
        assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1)
        assert "There are two gradebooks: gradebook.db" in done.stderr
        assert "--gradebook" in done.stderr
    assert not Path("marks.csv").exists()
    assert run("export", "csv", "--gradebook", "a/gradebook.db").exit_code == 0
    assert course.exists()


def test_a_course_that_is_moved_whole_keeps_its_reports(course: Path, tmp_path: Path) -> None:
    run("regrade", "--gradebook", "a/gradebook.db")
    moved = tmp_path / "moved"
    shutil.copytree(course, moved)
    out = moved / "reports"
    with Gradebook(str(moved / "a/gradebook.db")) as book:
        claim(out, book)
    with Gradebook(str(moved / "b/gradebook.db")) as book, pytest.raises(UsageError):
        claim(out, book)


def test_a_gradebook_that_is_gone_holds_no_reports(course: Path) -> None:
    run("regrade", "--gradebook", "a/gradebook.db")
    shutil.move("a/gradebook.db", "gradebook.db")
    assert run("regrade").exit_code == 0
    with kept_gradebook(None) as book:
        assert book.where == "gradebook.db"
    assert course.exists()


@pytest.mark.parametrize("note", ["", "\0", "../../nowhere.db", "x" * 5000, "a\nb"])
def test_a_note_that_says_nothing_is_none(course: Path, note: str) -> None:
    Path("reports").mkdir()
    Path("reports/.gradebook").write_text(note, "utf-8")
    assert run("regrade", "--gradebook", "a/gradebook.db").exit_code == 0
    assert course.exists()


def test_the_same_file_by_another_name_is_the_same_gradebook(course: Path) -> None:
    run("regrade", "--gradebook", "a/gradebook.db")
    absolute = str(course / "a/gradebook.db")
    for name in (absolute, "./b/../a/gradebook.db", "sqlite:///a/gradebook.db"):
        assert run("regrade", "--gradebook", name).exit_code == 0, name


def test_what_is_forgotten_claims_no_reports_and_is_not_mixed_with_any(course: Path) -> None:
    with Gradebook("sqlite://", create=True) as book:
        claim(Path("other"), book)
        assert not Path("other").exists()
        run("regrade", "--gradebook", "a/gradebook.db")
        with pytest.raises(UsageError):
            claim(course / "reports", book)
