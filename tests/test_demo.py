from __future__ import annotations

import dataclasses
import json
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

from demo.colab import as_colab_saves
from demo.handing_in import Expected, HandedIn, hand_in
from demo.inspection import faults, result_path
from demo.roster import LESSONS, Form, works
from grader.intake import choose, find_candidates
from grader.language.messages import ENGLISH, say
from grader.models import CODE_STEPS, Judgement, Step, Verdict
from grader.reporting.result import result_of, write_json
from grader.submission import read_handout, read_submission
from tests.notebooks import lesson, save
from tests.reporting.samples import (
    forgot_zero_grad,
    graded,
    marked,
    unreadable,
    untouched,
    withheld,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from grader.models import GradedSubmission

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("class")


@pytest.fixture(scope="module")
def class_(folder: Path) -> tuple[HandedIn, ...]:
    return hand_in(ROOT, works(), folder)


def contents(folder: Path) -> dict[str, tuple[bytes, float]]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime) for path in files
    }


def of_form(class_: Iterable[HandedIn], form: Form) -> list[HandedIn]:
    return [handed_in for handed_in in class_ if handed_in.work.form is form]


# The class


def test_the_class_is_the_same_down_to_the_byte_every_time(
    class_: tuple[HandedIn, ...], folder: Path, tmp_path: Path
) -> None:
    again = hand_in(ROOT, works(), tmp_path)
    assert contents(tmp_path) == contents(folder)
    assert [h.expected for h in again] == [h.expected for h in class_]


def test_what_lay_there_before_is_gone(tmp_path: Path) -> None:
    left_over = save(lesson(), tmp_path / "submitted" / "nobody" / "nothing.ipynb")
    hand_in(ROOT, works()[:1], tmp_path)
    assert not left_over.exists()


@pytest.mark.parametrize("id_", LESSONS)
def test_each_lesson_has_right_wrong_and_untouched_work_in_both_languages(
    class_: tuple[HandedIn, ...], id_: str
) -> None:
    handed_in = [h for h in class_ if h.work.lesson == id_]
    assert len(handed_in) >= 16
    assert {h.work.language for h in handed_in} == {"zh", "en"}
    expected = [h.expected for h in handed_in]
    assert expected.count(Expected.NOT_ATTEMPTED) == 1
    assert expected.count(Expected.FULL_MARKS) >= 6
    assert expected.count(Expected.LESS) >= 6


def test_names_are_written_in_more_than_one_script() -> None:
    letters = "".join(work.student for work in works())
    names = {unicodedata.name(letter) for letter in letters if letter.isalpha()}
    assert any(name.startswith("CJK") for name in names)
    assert any(name.startswith("LATIN") and "WITH" in name for name in names)
    assert "'" in letters
    assert " " in letters


def test_the_grader_finds_every_student_and_lesson(
    class_: tuple[HandedIn, ...], folder: Path
) -> None:
    found = {(c.student, c.assignment) for c in find_candidates([folder])}
    assert found == {(h.work.student, h.work.lesson) for h in class_}


def test_of_two_notebooks_the_one_that_counts_was_changed_last(
    class_: tuple[HandedIn, ...],
) -> None:
    [twice] = of_form(class_, Form.TWICE)
    handouts = [read_handout(ROOT / "assignments" / twice.work.lesson / "handout.zh.ipynb")]
    files = sorted(twice.path.parent.iterdir())
    assert len(files) == 2
    [chosen] = choose([read_submission(file, twice.work.student, handouts) for file in files])
    assert chosen.submission.path == twice.path
    assert chosen.doubt is not None


# Colab


def test_colab_saves_format_4_0_without_ids_of_cells() -> None:
    saved = as_colab_saves(lesson(), "Zoë Müller")
    assert (saved.nbformat, saved.nbformat_minor) == (4, 0)
    assert not any("id" in cell for cell in saved.cells)
    nbformat.validate(saved)


def test_colab_keeps_ids_of_its_own_and_who_ran_the_cell() -> None:
    badge, *cells = as_colab_saves(lesson(), "Zoë Müller").cells
    assert badge.metadata["id"] == "view-in-github"
    assert len({cell.metadata["id"] for cell in cells}) == len(cells)
    ran = [cell.metadata["executionInfo"] for cell in cells if cell.cell_type == "code"]
    assert {info["user"]["displayName"] for info in ran} == {"Zoë Müller"}


def test_colab_keeps_the_marks_of_the_steps() -> None:
    saved = as_colab_saves(lesson(), "Zoë Müller")
    steps = [c.metadata["grader"]["step"] for c in saved.cells if "grader" in c.metadata]
    assert steps == [str(step) for step in CODE_STEPS]
    assert saved.metadata["grader"] == lesson().metadata["grader"]


def test_saving_in_colab_leaves_the_notebook_as_it_was() -> None:
    notebook = lesson()
    before = json.dumps(notebook)
    as_colab_saves(notebook, "Zoë Müller")
    assert json.dumps(notebook) == before


# The inspection


def deserved(handed_in: HandedIn) -> GradedSubmission:
    """What a grader without fault says of this work."""
    student, id_ = handed_in.work.student, handed_in.work.lesson
    match handed_in.expected:
        case Expected.FULL_MARKS:
            whole = graded(student)
        case Expected.NOT_ATTEMPTED:
            idle = (Judgement(Verdict.NOT_ATTEMPTED, say("Not done yet.")),) * 2
            whole = graded(student, marked(**dict.fromkeys(Step, idle)))
        case Expected.LESS:
            whole = forgot_zero_grad(student)
        case Expected.UNREADABLE:
            whole = unreadable(student)
        case Expected.TO_CONFIRM:
            mark = dataclasses.replace(marked(), withheld_reason=say("Which one counts?"))
            whole = graded(student, mark)
    info = dataclasses.replace(whole.assignment, id=id_)
    return dataclasses.replace(whole, assignment=info)


def reported(class_: tuple[HandedIn, ...], reports: Path) -> Path:
    """Reports of the class as it deserves them."""
    for handed_in in class_:
        write_json(result_of(deserved(handed_in), ENGLISH, "en"), result_path(reports, handed_in))
    return reports


def test_a_class_that_gets_what_it_deserves_is_as_it_has_to_be(
    class_: tuple[HandedIn, ...], tmp_path: Path
) -> None:
    assert faults(reported(class_, tmp_path), class_) == ()


@pytest.mark.parametrize("expected", Expected)
@pytest.mark.parametrize("wrongly", [graded, untouched, forgot_zero_grad, unreadable, withheld])
def test_a_mark_that_was_not_deserved_is_named(
    class_: tuple[HandedIn, ...],
    tmp_path: Path,
    expected: Expected,
    wrongly: Callable[[str], GradedSubmission],
) -> None:
    due = {
        (Expected.FULL_MARKS, graded),
        (Expected.LESS, forgot_zero_grad),
        (Expected.LESS, untouched),
        (Expected.UNREADABLE, unreadable),
    }
    handed_in = next(h for h in class_ if h.expected is expected)
    student = handed_in.work.student
    write_json(result_of(wrongly(student), ENGLISH, "en"), result_path(tmp_path, handed_in))
    found = [fault for fault in faults(tmp_path, [handed_in]) if fault.startswith(student)]
    assert len(found) == ((expected, wrongly) not in due)


def test_a_missing_result_is_named(class_: tuple[HandedIn, ...], tmp_path: Path) -> None:
    reports = reported(class_, tmp_path)
    gone = result_path(reports, class_[0])
    gone.unlink()
    assert faults(reports, class_) == (f"{gone} is missing.",)


def test_a_result_that_breaks_the_schema_is_named(
    class_: tuple[HandedIn, ...], tmp_path: Path
) -> None:
    reports = reported(class_, tmp_path)
    broken = result_path(reports, class_[0])
    broken.write_text(broken.read_text("utf-8").replace('"points"', '"marks"', 1), "utf-8")
    assert f"{broken} breaks the schema" in faults(reports, class_)[0]


def test_a_class_with_too_few_marks_is_not_enough(
    class_: tuple[HandedIn, ...], tmp_path: Path
) -> None:
    few = tuple(h for h in class_ if h.work.lesson == LESSONS[0])
    found = faults(reported(few, tmp_path), few)
    assert found == (
        "Only 19 submissions are marked, not 48.",
        "Only 1 lessons are marked, not 4.",
    )
