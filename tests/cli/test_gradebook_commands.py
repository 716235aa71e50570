"""regrade, override and export, on a gradebook that was filled without a kernel."""

from __future__ import annotations

import csv
import json
import shutil
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from benchmarks import gradebook
from grader.cli import app
from grader.cli.keeping import beside
from grader.cli.publishing import Publisher
from grader.course.assignment import load_assignments
from grader.gradebook import Gradebook
from grader.grading import grade_class
from grader.intake import find_candidates
from tests.lms import CANVAS, FEW_EPOCHS, zipped
from tests.notebooks import lesson, save
from tests.recordings import Recordings, copy_course

if TYPE_CHECKING:
    from typer.testing import Result

    from grader.models import GradedSubmission

LESSON = "01_exact_line"


@pytest.fixture(scope="module")
def graded_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course and its class: anna is right, bert is not, and cem's file is no notebook."""
    course = copy_course(tmp_path_factory.mktemp("graded") / "course")
    save(lesson(), course / "class" / "anna.ipynb")
    save(lesson(train=FEW_EPOCHS), course / "class" / "bert.ipynb")
    (course / "class" / "cem.ipynb").write_text("oh no")
    grade(course, course / "class")
    return course


@pytest.fixture
def course(graded_course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it that one works in."""
    shutil.copytree(graded_course, tmp_path / "course")
    monkeypatch.chdir(tmp_path / "course")
    return tmp_path / "course"


def grade(course: Path, *paths: Path) -> None:
    with Gradebook(str(course / "gradebook.db"), create=True) as book:
        grade_class(
            find_candidates(paths),
            assignments=load_assignments(course),
            runner=Recordings(),
            book=book,
        )


def run(*arguments: str, lang: str = "en") -> Result:
    return CliRunner().invoke(app, [*arguments, "--lang", lang])


def result(student: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(
        Path(f"reports/{LESSON}/{student}.json").read_text("utf-8")
    )
    return found


def page(student: str) -> str:
    return Path(f"reports/{LESSON}/{student}.html").read_text("utf-8")


def move_points(course: Path) -> None:
    gradebook.move_points(course / "assignments" / LESSON / "checks.py", "train.epochs")


# regrade


def test_a_regrade_names_who_changed_and_writes_the_pages_anew(course: Path) -> None:
    move_points(course)
    done = run("regrade", "--no-run")
    lines = done.stdout.splitlines()
    assert any(line.startswith("bert, 01_exact_line:") and "(+1)" in line for line in lines)
    assert not any(line.startswith("anna, ") for line in lines)
    assert "Regraded: 2. Points changed: 1. Run again: 0. Nothing new: 1." in lines
    assert done.exit_code == 1
    assert "cem.ipynb: The file is not the text of a notebook" in done.stderr
    assert Path(f"reports/{LESSON}/index.html").is_file()
    again = run("regrade", "--no-run")
    assert "Regraded: 0. Points changed: 0. Run again: 0. Nothing new: 3." in again.stdout


def test_a_regrade_that_may_not_run_says_who_is_left(course: Path) -> None:
    toml = course / "assignments" / LESSON / "assignment.toml"
    toml.write_text(toml.read_text("utf-8").replace("epochs = 100", "epochs = 50"), "utf-8")
    done = run("regrade", "--no-run")
    assert done.exit_code == 1
    assert "does not suffice for anna, bert; their marks" in done.stderr
    table = Path(f"reports/{LESSON}/grades.csv").read_text("utf-8-sig")
    assert [row["student"] for row in csv.DictReader(table.splitlines())] == ["anna", "bert", "cem"]


def test_a_regrade_that_was_stopped_before_its_pages_writes_them_the_next_time(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("regrade", "--no-run")
    before = float(str(result("bert")["points"]))
    move_points(course)

    def stop(_publisher: Publisher, _graded: GradedSubmission) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as stopped:
        stopped.setattr(Publisher, "publish", stop)
        run("regrade", "--no-run")
    assert result("bert")["points"] == before
    again = run("regrade", "--no-run")
    assert "Regraded: 0." in again.stdout
    assert result("bert")["points"] == before + 1


def test_more_processes_mark_a_class_as_one_does(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy("gradebook.db", "other.db")
    move_points(course)
    alone = run("regrade", "--no-run", "--jobs", "1", "--out", "alone")
    monkeypatch.setattr(import_module("grader.cli.regrade"), "_MANY", 1)
    together = run("regrade", "--no-run", "--jobs", "2", "--gradebook", "other.db")
    assert together.stdout == alone.stdout.replace("alone", "reports")
    for page in (path for path in Path("alone").rglob("*.*") if path.name != ".gradebook"):
        assert (Path("reports") / page.relative_to("alone")).read_bytes() == page.read_bytes()


def test_a_regrade_tells_all_that_is_wrong_with_a_lesson_at_once(course: Path) -> None:
    toml = course / "assignments" / LESSON / "assignment.toml"
    toml.write_text(toml.read_text("utf-8").replace("epochs = 100", "epochs = 'all'"), "utf-8")
    handout = course / "assignments" / LESSON / "handout.en.ipynb"
    handout.write_text("{", encoding="utf-8")
    done = run("regrade", "--no-run")
    assert done.exit_code == 2
    assert "epochs" in done.stderr
    assert handout.name in done.stderr


def test_without_a_gradebook_one_is_asked_for(course: Path) -> None:
    shutil.move(course / "gradebook.db", course / "class" / "gradebook.db")
    done = run("regrade")
    assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1)
    assert "--gradebook" in done.stderr
    assert run("regrade", "--gradebook", "class/gradebook.db").exit_code == 1
    assert not (course / "gradebook.db").exists()


# override


@pytest.mark.usefixtures("course")
def test_an_override_is_in_the_mark_and_on_the_page_with_who_and_why() -> None:
    run("regrade")
    before = float(str(result("bert")["points"]))
    done = run(
        "override", "bert", LESSON, "train.epochs", "4.5", "--reason", "<b>数过了", "--by", "王"
    )
    assert done.exit_code == 0, done.stderr
    assert result("bert")["points"] == before + 4.5
    assert "王 gave 4.5 points by hand" in page("bert")
    assert "&lt;b&gt;数过了" in page("bert")
    assert run("regrade").exit_code == 1
    assert result("bert")["points"] == before + 4.5


@pytest.mark.usefixtures("course")
def test_points_for_the_whole_free_a_withheld_mark() -> None:
    run("regrade")
    assert result("cem")["withheld"] is True
    done = run("override", "cem", LESSON, "total", "40", "--reason", "shown on paper")
    assert done.exit_code == 0, done.stderr
    assert (result("cem")["withheld"], result("cem")["points"]) == (False, 40)
    assert run("regrade").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nobody", LESSON, "total", "1"), "Those who have: anna, bert, cem"),
        (("anna", "99", "total", "1"), "Choose one of: 01_exact_line"),
        (("anna", LESSON, "train.epoch", "1"), "Choose one of: data.inputs"),
        (("anna", LESSON, "train.epochs", "5.5"), "5.5 is more"),
        (("anna", LESSON, "train.epochs", "1_0"), "Points are a number"),
        (("anna", LESSON, "train.epochs", "1e0"), "Points are a number"),
        (("anna", LESSON, "train.epochs", "nan"), "Points are a number"),
        (("anna", LESSON, "train.epochs", "+1"), "Points are a number"),
    ],
)
def test_an_override_of_nothing_is_answered_with_what_there_is(
    course: Path, arguments: tuple[str, ...], says: str
) -> None:
    done = run("override", *arguments, "--reason", "x")
    assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1)
    assert says in done.stderr
    with Gradebook(str(course / "gradebook.db")) as book:
        assert book.overrides([LESSON]) == {}


def test_an_override_without_a_reason_is_none(course: Path) -> None:
    assert run("override", "anna", LESSON, "total", "1").exit_code == 2
    done = run("override", "anna", LESSON, "total", "1", "--reason", "  ")
    assert (done.exit_code, "reason" in done.stderr) == (2, True)
    assert course.exists()


# export


def test_a_table_for_a_spreadsheet_has_everyone(course: Path) -> None:
    assert run("export", "csv").exit_code == 0
    with (course / "marks.csv").open(encoding="utf-8-sig") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert list(rows) == ["anna", "bert", "cem"]
    assert (rows["cem"]["points"], rows["cem"]["withheld"]) == ("", "true")
    assert float(rows["anna"]["points"]) > float(rows["bert"]["points"])


@pytest.mark.parametrize("format_", ["gradescope", "github"])
def test_a_format_for_one_student_asks_for_the_student(course: Path, format_: str) -> None:
    done = run("export", format_)
    assert (done.exit_code, "--student" in done.stderr) == (2, True)
    done = run("export", format_, "--student", "anna", "--to", "out.txt")
    assert (done.exit_code, (course / "out.txt").stat().st_size > 100) == (0, True)


def test_github_gets_its_result_where_a_step_puts_it(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_OUTPUT", str(course / "output"))
    run("export", "github", "--student", "anna")
    assert (course / "output").read_text().startswith("result=ey")


def test_moodle_asks_for_its_worksheet_and_canvas_for_its_export(course: Path) -> None:
    for format_ in ("moodle", "canvas"):
        done = run("export", format_)
        assert (done.exit_code, "--into" in done.stderr) == (2, True)
    assert course.exists()


def test_what_canvas_gave_goes_back_to_canvas(course: Path) -> None:
    shutil.rmtree(course / "class")
    (course / "gradebook.db").unlink()
    grade(course, zipped(course / "download.zip", CANVAS))
    exported = course / "exported.csv"
    exported.write_text("Student,ID,Section,第 1 课 (5)\n李小明,24,A,\n陌生人,99,A,\n", "utf-8")
    done = run(
        "export", "canvas", "--into", "exported.csv", "--column", "第 1 课", "--to", "new.csv"
    )
    assert done.exit_code == 1
    assert "陌生人: no student" in done.stderr
    assert exported.read_text("utf-8").splitlines()[1] == "李小明,24,A,"
    assert (course / "new.csv").read_text("utf-8").splitlines()[1].startswith("李小明,24,A,9")


def test_an_export_that_cannot_be_written_is_named(course: Path) -> None:
    (course / "file").touch()
    done = run("export", "csv", "--to", "file/marks.csv")
    assert (done.exit_code, "--to" in done.stderr) == (2, True)


# Where the gradebook is


def test_the_gradebook_is_beside_the_submissions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "week" / "submitted" / "anna").mkdir(parents=True)
    (tmp_path / "week" / "nb.ipynb").touch()
    monkeypatch.chdir(tmp_path / "week")
    week = tmp_path / "week"
    assert beside(Path("submitted")).resolve() == week / "gradebook.db"
    assert beside(week / "submitted") == week / "gradebook.db"
    assert beside(week) == week / "gradebook.db"
    assert beside(Path()).resolve() == week / "gradebook.db"
    assert beside(Path("nb.ipynb")).resolve() == week / "gradebook.db"
    assert beside(week / "submitted" / "anna") == week / "submitted" / "gradebook.db"
    assert beside(tmp_path).parent == tmp_path


# Messages


@pytest.mark.parametrize("command", ["regrade", "override", "export", "grade"])
def test_every_command_explains_itself(command: str) -> None:
    done = CliRunner().invoke(app, [command, "--help"])
    assert done.exit_code == 0
    assert "--gradebook" in done.stdout
