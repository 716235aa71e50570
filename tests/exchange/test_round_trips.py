"""From a platform's download through the grader and back: the right mark to the right student."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from grader.course.assignment import load_assignments
from grader.errors import UsageError
from grader.exchange import canvas, moodle
from grader.exchange.sheet import Sheet
from grader.exchange.standing import standings_of
from grader.gradebook import Gradebook
from grader.grading import grade_class, marks_of, write_roster
from grader.intake import Listed, find_candidates, identified
from tests.lms import CANVAS, MOODLE, zipped
from tests.recordings import Recordings, copy_course

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from grader.course.assignment import Assignment
    from grader.exchange.standing import Exported, Standing


class Class:
    """What came back from a platform, graded without a kernel."""

    def __init__(self, root: Path, assignments: Sequence[Assignment]) -> None:
        self.root = root
        self.assignments = assignments
        self.book = Gradebook(str(root / "gradebook.db"), create=True)

    def grade(self, files: Mapping[str, bytes], roster: Sequence[Listed] = ()) -> None:
        candidates = find_candidates([zipped(self.root / "download.zip", files)])
        if roster:
            write_roster(self.book, roster)
            candidates, _ = identified(candidates, roster)
        grade_class(
            candidates, assignments=self.assignments, runner=Recordings(), book=self.book, jobs=2
        )

    def standings(self, platform: str) -> Sequence[Standing]:
        marks = tuple(marks_of(self.book, self.assignments))
        return standings_of(self.book, marks, platform, "01_exact_line")

    def points(self) -> dict[str, float]:
        marks = marks_of(self.book, self.assignments)
        return {mark.submission.student: mark.mark.points for mark in marks}


@pytest.fixture
def class_(tmp_path: Path) -> Iterator[Class]:
    class_ = Class(tmp_path, load_assignments(copy_course(tmp_path / "course")))
    yield class_
    class_.book.close()


def notes(done: Exported) -> list[str]:
    return [str(note) for note in done.notes]


# Canvas

EXPORTED = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Quiz 1 (77),第 1 课 (4711),Current Score\n"
    "    Points Possible,,,,,10,10,(read only)\n"
    '"Doe, Anna",17,S17,anna@x.cn,A,9.5,,95\n'
    "李小明,23,S23,li,A,8,3,80\n"
    '"李小明",24,S24,li2,A,"7,5",,70\n'
    '"Gina ""Ghost""",25,S25,gina,B,,,\n'
    "Nobody Known,99,S99,nobody,B,1,,10\n"
    '"Student, Test",,,,A,,,\n'
)


def test_canvas_gets_the_right_mark_in_every_row_and_keeps_all_else(
    class_: Class, tmp_path: Path
) -> None:
    class_.grade(CANVAS)
    points = class_.points()
    assert points["doeanna"] == points["李小明 (23)"] > points["李小明 (24)"]
    path = tmp_path / "exported.csv"
    path.write_bytes(EXPORTED.replace("\n", "\r\n").encode())
    done = canvas.fill(Sheet.read(path), class_.standings(canvas.PLATFORM), ["第 1 课"])
    right, wrong = (f"{points[who] / 10:g}" for who in ("doeanna", "李小明 (24)"))
    expected = (
        EXPORTED.replace("9.5,,95", f"9.5,{right},95")
        .replace("8,3,80", f"8,{right},80")
        .replace('"7,5",,70', f'"7,5",{wrong},70')
        .replace("\n", "\r\n")
    )
    assert done.content.decode() == expected
    assert done.filled == 3
    assert any(note.startswith("Nobody Known:") for note in notes(done))
    assert any(note.startswith("ghostgina: the mark is withheld") for note in notes(done))


def test_canvas_matches_by_the_class_lists_ids_and_emails(class_: Class, tmp_path: Path) -> None:
    roster = [Listed("S17", "Doe Anna", "anna@x.cn"), Listed("S24", "someone else", "li2@x.cn")]
    class_.grade({"doeanna_1_901_nb.ipynb": CANVAS["doeanna_17_955_homework-1.ipynb"]}, roster)
    assert list(class_.points()) == ["S17"]
    path = tmp_path / "exported.csv"
    path.write_text(EXPORTED, "utf-8")
    done = canvas.fill(Sheet.read(path), class_.standings("none"), ["第 1 课"])
    assert done.filled == 1
    assert f"9.5,{class_.points()['S17'] / 10:g},95" in done.content.decode()


@pytest.mark.parametrize("titles", [["Unknown"], ["Quiz 1", "第 1 课"]])
def test_a_column_that_is_not_clear_is_asked_for(tmp_path: Path, titles: list[str]) -> None:
    path = tmp_path / "exported.csv"
    path.write_text(EXPORTED, "utf-8")
    with pytest.raises(UsageError, match="--column"):
        canvas.fill(Sheet.read(path), [], titles)


def test_a_new_file_for_canvas_has_its_ids_and_no_formula(class_: Class) -> None:
    class_.grade(CANVAS)
    done = canvas.new_sheet(class_.standings(canvas.PLATFORM), "Lesson 1")
    lines = done.content.decode().splitlines()
    assert lines[0] == "Student,ID,SIS User ID,SIS Login ID,Section,Lesson 1"
    assert lines[1].startswith("    Points Possible,,,,,")
    assert {line.split(",")[1] for line in lines[2:]} == {"17", "23", "24", "25"}


def test_who_is_excused_stays_excused(class_: Class, tmp_path: Path) -> None:
    class_.grade(CANVAS)
    path = tmp_path / "exported.csv"
    path.write_text(EXPORTED.replace("8,3,80", "8,EX,80"), "utf-8")
    done = canvas.fill(Sheet.read(path), class_.standings(canvas.PLATFORM), ["第 1 课"])
    assert "8,EX,80" in done.content.decode()
    assert any("excused" in note for note in notes(done))


# Moodle

WORKSHEET = (
    "\ufeffIdentifier,Full name,Email address,Status,Grade,Maximum grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\r\n"
    'Participant 31,李 小明,li@x.cn,Submitted for grading,,50.00,Yes,"Friday, 20 November",-,\r\n'
    'Participant 32,Anna Doe,,Submitted,,50.00,Yes,,-,"<p>keep ""this""</p>\r\nand this"\r\n'
    "Participant 33,Anna Doe,,Submitted,12.00,50.00,Yes,,-,\r\n"
    "Participant 40,Zoë Absent,,No submission,,50.00,Yes,-,-,\r\n"
)


def test_moodles_worksheet_is_filled_in_place(class_: Class, tmp_path: Path) -> None:
    class_.grade(MOODLE)
    points = class_.points()
    assert points["Anna Doe (33)"] > points["Anna Doe (32)"]
    path = tmp_path / "worksheet.csv"
    path.write_bytes(WORKSHEET.encode())
    done = moodle.fill(Sheet.read(path), class_.standings(moodle.PLATFORM))
    right, wrong = (f"{points[f'Anna Doe ({n})'] / 2:g}" for n in (33, 32))
    expected = (
        WORKSHEET.replace("Submitted for grading,,", f"Submitted for grading,{right},")
        .replace("Submitted,,50", f"Submitted,{wrong},50")
        .replace("Submitted,12.00", f"Submitted,{right}")
    )
    assert done.content == expected.encode()
    assert [note.partition(":")[0] for note in notes(done)] == ["Zoë Absent", "Participant"]


def test_a_worksheet_in_another_language_is_filled_all_the_same(
    class_: Class, tmp_path: Path
) -> None:
    class_.grade(MOODLE)
    path = tmp_path / "worksheet.csv"
    path.write_text("标识符,姓名,成绩\n参与者 31,李 小明,\n", "utf-8")
    done = moodle.fill(Sheet.read(path), class_.standings(moodle.PLATFORM))
    points = class_.points()["李 小明"]
    assert done.content.decode() == f"标识符,姓名,成绩\n参与者 31,李 小明,{points:g}\n"


def test_feedback_goes_to_each_participants_own_folder(class_: Class) -> None:
    class_.grade(MOODLE)
    done = moodle.feedback_zip(
        class_.standings(moodle.PLATFORM), lambda one: one.student.id.encode()
    )
    with zipfile.ZipFile(io.BytesIO(done.content)) as archive:
        pages = {name: archive.read(name).decode() for name in archive.namelist()}
    assert pages == {
        "李 小明_31_assignsubmission_file/feedback.html": "李 小明",
        "Anna Doe_32_assignsubmission_file/feedback.html": "Anna Doe (32)",
        "Anna Doe_33_assignsubmission_file/feedback.html": "Anna Doe (33)",
        "Participant_34_assignsubmission_file/feedback.html": "Participant",
    }


def test_a_name_that_moodle_would_cut_or_take_for_a_folder_is_written_with_spaces(
    class_: Class,
) -> None:
    class_.grade(MOODLE)
    one = class_.standings(moodle.PLATFORM)[0]
    named = replace(one, student=replace(one.student, name="Ann_e/Marie"))
    with zipfile.ZipFile(
        io.BytesIO(moodle.feedback_zip([named], lambda _: b"").content)
    ) as archive:
        [name] = archive.namelist()
    assert name.partition("_")[0] == "Ann e Marie"


# Two downloads of one course


def test_an_account_keeps_its_student_whatever_else_comes_later(class_: Class) -> None:
    right = CANVAS["doeanna_17_955_homework-1.ipynb"]
    class_.grade({"wangfang_1_10_nb.ipynb": right})
    class_.grade({"wangfang_2_11_nb.ipynb": right})
    assert set(class_.points()) == {"wangfang", "wangfang (2)"}
    class_.grade({"wangfang_1_12_nb.ipynb": right})
    assert set(class_.points()) == {"wangfang", "wangfang (2)"}
