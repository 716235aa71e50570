"""The grader breaks on one student's notebook, page or chart: the class goes on."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from grader.cli import app
from grader.cli.faults import FaultLog
from grader.cli.publishing import Publisher
from grader.course.assignment import load_assignments
from grader.exchange import plain
from grader.gradebook import GRADED, Gradebook, Work
from grader.grading import classroom, grade_class, open_lesson
from grader.grading import marker as loss_function
from grader.grading.marker import LocalMarker
from grader.grading.remote import Reply
from grader.intake import choose, find_candidates
from grader.judging.notebook import grade_submission
from grader.reporting import classroom as class_page_module
from grader.reporting import result_of, undrawn, writing
from grader.reporting import student as student_page_module
from grader.reporting.charts.landing import landing_chart
from grader.web.desk import Desk, Looked
from tests.lms import FEW_EPOCHS
from tests.notebooks import EXACT_LINE, lesson, save
from tests.recordings import Recordings, copy_course

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from typer.testing import Result

    from grader.models import GradedSubmission

LESSON = "01_exact_line"


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course that one works in, and its class: anna, bert and cem."""
    root = copy_course(tmp_path / "course")
    for student in ("anna", "bert", "cem"):
        train = FEW_EPOCHS if student == "cem" else EXACT_LINE.train
        save(lesson(train=train), root / f"class/{student}.ipynb")
    monkeypatch.chdir(root)
    return root


def grade(course: Path) -> tuple[dict[str, GradedSubmission], FaultLog]:
    """What `grader grade` does, with recordings in place of kernels."""
    faults = FaultLog()
    with Gradebook(str(course / "gradebook.db"), create=True) as book:
        publisher = Publisher(course / "reports", "en", book=book, on_fault=faults.note)
        graded = grade_class(
            find_candidates([course / "class"]),
            assignments=load_assignments(course),
            runner=Recordings(),
            book=book,
            on_graded=publisher.publish,
            on_fault=faults.note,
        )
        publisher.finish()
    return {one.submission.student: one for one in publisher.told(graded)}, faults


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--lang", "en"])


def said(student: str) -> tuple[bool, float]:
    """Whether the student's JSON is withheld, and its points."""
    found = json.loads(Path(f"reports/{LESSON}/{student}.json").read_text("utf-8"))
    assert Path(f"reports/{LESSON}/{student}.html").is_file()
    return found["withheld"], found["points"]


def exported() -> dict[str, str]:
    done = run("export", "csv")
    assert done.exit_code in (0, 1), done.stderr
    with Path("marks.csv").open(encoding="utf-8-sig") as file:
        return {row["student"]: row["points"] for row in csv.DictReader(file)}


def breaks_for(student: str, whole: Callable[..., object]) -> Callable[..., object]:
    """The same, but it raises KeyError where it is about the student."""

    def broken(subject: object, *more: object, **named: object) -> object:
        submission = getattr(subject, "submission", subject)
        if getattr(submission, "student", None) == student:
            raise KeyError("a fault of ours")
        return whole(subject, *more, **named)

    return broken


@pytest.fixture
def judging_breaks() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loss_function, "grade_submission", breaks_for("bert", grade_submission))
        yield patch


@pytest.fixture
def page_breaks() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        drawn = student_page_module.student_page

        def broken(graded: GradedSubmission) -> object:
            if graded.submission.student == "bert" and graded.figures.cards:
                raise ValueError("math domain error")
            return drawn(graded)

        patch.setattr(writing, "student_page", broken)
        patch.setattr("grader.web.sheet.student_page", broken)
        yield patch


# Judging


def test_a_mark_that_cannot_be_made_is_withheld_and_in_the_gradebook_and_the_class_goes_on(
    course: Path, judging_breaks: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        told, faults = grade(course)
        assert [told[who].mark.withheld for who in ("anna", "bert", "cem")] == [False, True, False]
        assert "KeyError: 'a fault of ours'" in str(told["bert"].mark.withheld_reason)
        assert faults.path is not None
        assert "Traceback" in faults.path.read_text("utf-8")
        assert said("bert") == (True, 0)
    points = exported()
    assert (points["bert"], points["anna"]) == ("", "100")
    judging_breaks.undo()
    told, faults = grade(course)
    assert (told["bert"].mark.points, faults.path) == (100, None)
    assert exported()["bert"] == "100"
    with Gradebook("gradebook.db") as book:
        assert list(book.changes(LESSON)) == []


def test_a_regrade_withholds_what_it_breaks_on_and_heals_it_the_next_time(course: Path) -> None:
    grade(course)
    checks = course / "assignments" / LESSON / "checks.py"
    checks.write_text(checks.read_text("utf-8") + "\n# another digest\n", "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loss_function, "grade_submission", breaks_for("bert", grade_submission))
        done = run("regrade", "--no-run", "--jobs", "1")
        assert done.exit_code == 1
        assert re.search(r"bert.ipynb: The grader broke on this notebook", done.stderr)
        assert len(re.findall(r"details are in", done.stderr)) == 1
        assert "Points changed: 0." in done.stdout
        assert said("bert") == (True, 0)
        assert exported()["bert"] == ""
    done = run("regrade", "--no-run", "--jobs", "1")
    assert (done.exit_code, done.stderr.count("details")) == (0, 0)
    assert said("bert") == (False, 100)
    assert exported()["bert"] == "100"


def test_a_fault_before_the_judging_is_one_students_as_well(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(submissions: list[object], _settled: object) -> object:
        if getattr(submissions[0], "student", "") == "bert":
            raise RuntimeError("a fault of ours")
        return choose(submissions)  # type: ignore[arg-type]

    monkeypatch.setattr(classroom, "choose", broken)
    told, _ = grade(course)
    assert [told[who].mark.withheld for who in ("anna", "bert", "cem")] == [False, True, False]
    assert exported()["bert"] == ""


def test_points_by_hand_free_a_mark_that_could_not_be_made(
    course: Path, judging_breaks: pytest.MonkeyPatch
) -> None:
    grade(course)
    done = run("override", "bert", LESSON, "total", "90", "--reason", "read by hand")
    assert done.exit_code == 0, done.stderr
    assert said("bert") == (False, 90)
    grade(course)
    assert said("bert") == (False, 90)
    assert judging_breaks is not None


# Pages


def test_whose_page_cannot_be_drawn_is_withheld_and_has_a_page_that_says_so(
    course: Path, page_breaks: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        told, faults = grade(course)
        assert [told[who].mark.withheld for who in ("anna", "bert", "cem")] == [False, True, False]
        assert faults.path is not None
        assert "math domain error" in faults.path.read_text("utf-8")
        assert said("bert") == (True, 0)
        page = Path(f"reports/{LESSON}/bert.html").read_text("utf-8")
        assert "The grader broke while it drew the page of this work" in page
        rows = Path(f"reports/{LESSON}/grades.csv").read_text("utf-8-sig")
        assert re.search(r"^bert,01_exact_line,,", rows, re.MULTILINE)
    assert exported()["bert"] == ""
    page_breaks.undo()
    assert run("regrade", "--no-run").exit_code == 0
    assert said("bert") == (False, 100)
    assert exported()["bert"] == "100"


def test_regrade_and_override_withhold_a_page_that_cannot_be_drawn(
    course: Path, page_breaks: pytest.MonkeyPatch
) -> None:
    grade(course)
    done = run("regrade", "--no-run")
    assert done.exit_code == 1
    assert "bert.ipynb: The grader broke while it drew the page of this work" in done.stderr
    done = run("override", "bert", LESSON, "train.epochs", "1", "--reason", "x")
    assert (done.exit_code, "bert is still on hold" in done.stderr) == (1, True)
    done = run("override", "bert", LESSON, "total", "77", "--reason", "x")
    assert done.exit_code == 0
    assert (said("bert"), exported()["bert"]) == ((False, 77), "77")
    assert page_breaks is not None


def test_a_page_that_breaks_in_another_process_is_written_here_without_what_broke(
    course: Path, page_breaks: pytest.MonkeyPatch
) -> None:
    grade(course)
    with ThreadPoolExecutor() as pool, Gradebook("gradebook.db") as book:
        faults = FaultLog()
        publisher = Publisher(course / "other", "en", pool, book, faults.note)
        from grader.grading import marks_of

        marks = list(marks_of(book, load_assignments(course)))
        for one in marks:
            publisher.publish(one)
        publisher.finish()
        told = publisher.told(marks)
    assert [one.mark.withheld for one in told] == [False, True, False]
    assert (course / "other" / LESSON / "bert.html").is_file()
    assert page_breaks is not None


def test_a_review_shows_and_decides_about_a_page_that_cannot_be_drawn(
    course: Path, page_breaks: pytest.MonkeyPatch
) -> None:
    from grader.web.desk import Filter
    from grader.web.sheet import Sent, review_html

    grade(course)
    faults = FaultLog()
    with Gradebook("gradebook.db") as book:
        assignments = {one.id: one for one in load_assignments(course)}
        desk = Desk(book, assignments, "wang", Path("reports"), Path("released"), "en", faults.note)
        html = review_html(
            desk,
            assignment=LESSON,
            student="bert",
            wanted=Filter(),
            form="",
            notice=None,
            sent=Sent(),
        )
        assert "The grader broke while it drew the page of this work" in html
        at = Looked(LESSON, "bert", desk.review(LESSON, "bert").state)
        desk.override(at, "total", 50.0, "looked at")
        at = Looked(LESSON, "bert", desk.review(LESSON, "bert").state)
        desk.release(at)
        desk.publish_classes()
    assert said("bert") == (False, 50)
    assert Path(f"released/{LESSON}/bert.html").is_file()
    assert faults.any
    assert page_breaks is not None


# The page of a class


def test_whose_numbers_break_the_class_page_is_withheld_there(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(lines: list[object], *more: object) -> object:
        if any(getattr(line, "w", 0) == 17.0 for line in lines):
            raise OverflowError("math range error")
        return landing_chart(lines, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(class_page_module, "landing_chart", broken)
    grade(course)
    with Gradebook("gradebook.db") as book:
        from grader.grading import marks_of

        marks = [
            replace(
                one,
                figures=replace(one.figures, learned=replace(one.figures.learned, w=17.0))  # type: ignore[type-var]
                if one.submission.student == "bert"
                else one.figures,
            )
            for one in marks_of(book, load_assignments(course))
        ]
        publisher = Publisher(course / "reports", "en", book=book)
        for one in marks:
            publisher.publish(one)
        publisher.finish()
    assert [one.mark.withheld for one in publisher.told(marks)] == [False, True, False]
    assert "bert" in Path(f"reports/{LESSON}/index.html").read_text("utf-8")
    assert said("bert") == (True, 0)
    assert exported()["bert"] == ""


def test_a_class_page_that_breaks_on_all_together_has_the_marks(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(percents: list[float]) -> object:
        if len(percents) > 1:
            raise ZeroDivisionError
        return None

    monkeypatch.setattr(class_page_module, "histogram", broken)
    told, faults = grade(course)
    assert not any(one.mark.withheld for one in told.values())
    page = Path(f"reports/{LESSON}/index.html").read_text("utf-8")
    assert "could not be made: a fault of the grader" in page
    assert all(f"{student}.html" in page for student in told)
    assert faults.any


# Names


def test_a_file_whose_name_is_no_utf_8_is_graded_like_any_other(course: Path) -> None:
    content = (course / "class" / "anna.ipynb").read_bytes()
    names = [
        "李华".encode("gbk") + b".ipynb",
        "坏".encode("gbk") + b".ipynb",
        b"new\nline.ipynb",
        b"\x1b[31mred\x1b]0;title\x07.ipynb",
        b"x..\xff.ipynb",
        "tur\u202ened.ipynb".encode(),
        b"\xed\xa0\xbd.ipynb",
        b"a" * 249 + b".ipynb",
    ]
    for name in names:
        Path(os.fsdecode(os.fsencode(course / "class") + b"/" + name)).write_bytes(content)
    Path(os.fsdecode(os.fsencode(course / "class") + b"/" + names[1])).write_text("no notebook")
    folder = Path(os.fsdecode(os.fsencode(course / "class") + b"/" + "王".encode("gbk")))
    folder.mkdir()
    (folder / "nb.ipynb").write_bytes(content)
    told, faults = grade(course)
    assert len(told) == 4 + len(names)
    assert not faults.any
    assert sum(one.mark.withheld for one in told.values()) == 1
    assert len(list((course / "reports" / LESSON).glob("*.json"))) == len(told)
    assert len(exported()) == len(told)
    again, _ = grade(course)
    assert again.keys() == told.keys()


@pytest.mark.parametrize(
    "names",
    [
        ["{}_101_assignsubmission_file_/x.ipynb", "Anna A_102_assignsubmission_file_/x.ipynb"],
        ["{}_101_2001_x.ipynb", "annaa_102_2002_x\udcff.ipynb"],
    ],
)
def test_a_platforms_folder_whose_names_are_no_utf_8_is_graded_too(
    course: Path, names: list[str]
) -> None:
    content = (course / "class" / "anna.ipynb").read_bytes()
    shutil.rmtree(course / "class")
    for name in names:
        path = course / "class" / name.format(os.fsdecode("李".encode("gbk")))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    told, faults = grade(course)
    assert [one.mark.points for one in told.values()] == [100, 100]
    assert not faults.any
    assert len(exported()) == 2


def test_points_by_hand_for_what_has_no_steps_are_of_a_hundred(
    course: Path, judging_breaks: pytest.MonkeyPatch
) -> None:
    grade(course)
    done = run("override", "bert", LESSON, "total", "90", "--reason", "read by hand")
    assert "90 of 100 points" in done.stdout
    assert json.loads(Path(f"reports/{LESSON}/bert.json").read_text("utf-8"))["max_points"] == 100
    assert judging_breaks is not None


def test_a_name_never_begins_a_line_of_the_terminal(course: Path) -> None:
    shutil.move(course / "class/bert.ipynb", course / "class/bert\n[9⁄9] anna: 0\x1b[31m.ipynb")
    grade(course)
    done = run("regrade", "--no-run")
    done = run("override", "bert\n[9⁄9] anna: 0\x1b[31m", LESSON, "total", "1", "--reason", "x")
    assert done.stdout.startswith("bert\ufffd[9⁄9] anna: 0, ")
    assert len(done.stdout.splitlines()) == 1


def test_what_was_handed_in_and_has_no_mark_yet_is_exported_as_withheld(course: Path) -> None:
    grade(course)
    with Gradebook("gradebook.db") as book:
        work = next(iter(book.entries())).work
        # As a run leaves it that was killed before it came to this student.
        book.receive([replace(work, student="dora", version="0" * 64)])
    assert exported() == {"anna": "100", "bert": "100", "cem": exported()["cem"], "dora": ""}


def test_an_export_withholds_whose_result_cannot_be_told(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grade(course)
    told = result_of

    def broken(one: GradedSubmission, *more: object) -> object:
        if one.submission.student == "bert" and one.mark.steps:
            raise ValueError("Input should be a finite number")
        return told(one, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(undrawn, "result_of", broken)
    monkeypatch.setattr(plain, "result_of", broken)
    done = run("export", "json")
    assert done.exit_code == 1
    assert done.stderr.count("the details are in") == 1
    results = json.loads(Path("marks.json").read_text("utf-8"))["results"]
    assert [one["withheld"] for one in results] == [False, True, False]


def test_a_worker_that_breaks_on_one_notebook_withholds_that_one(course: Path) -> None:
    class Away(ThreadPoolExecutor):
        """A worker that makes marks with recordings, and breaks on bert's notebook."""

        def submit(self, _do: object, parcel: Any) -> Any:  # type: ignore[override]
            def work() -> Reply:
                if parcel.student == "bert":
                    raise KeyError("a fault of ours")
                handed_in = Work(parcel.student, parcel.assignment, parcel.version, parcel.name)
                marked = LocalMarker(lessons, Recordings())(
                    replace(handed_in, content=parcel.content), dict(parcel.kept)
                )
                return Reply(GRADED.pack(marked.graded), marked.first, tuple(marked.made.items()))

            return super().submit(work)

    assignments = load_assignments(course)
    lessons = {one.id: open_lesson(one) for one in assignments}
    faults = FaultLog()
    with Away() as away, Gradebook("gradebook.db", create=True) as book:
        graded = grade_class(
            find_candidates([course / "class"]),
            assignments=assignments,
            executor=away,
            book=book,
            on_fault=faults.note,
        )
    assert [one.mark.withheld for one in graded] == [False, True, False]
    assert faults.any
    assert exported()["bert"] == ""
