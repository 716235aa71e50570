from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from grader.errors import SubmissionUnreadable
from grader.models import CODE_STEPS
from grader.submission import Handout, read_handout, read_submission
from tests.notebooks import STUBS, code, lesson, markdown, notebook, save

if TYPE_CHECKING:
    from pathlib import Path

NOISE = "X = ...\nnoise = ...\ny = ..."


@pytest.fixture
def handouts(tmp_path: Path) -> tuple[Handout, ...]:
    other = lesson(STUBS, assignment="02_noisy_line", data=NOISE)
    other.cells.append(markdown("# The line with noise"))
    chinese = lesson(STUBS, language="zh")
    chinese.cells.insert(0, markdown("# 五张卡片"))
    return tuple(
        read_handout(save(built, tmp_path / "handouts" / f"{number}.ipynb"))
        for number, built in enumerate((lesson(STUBS), chinese, other))
    )


def test_a_submission_says_whose_work_it_is_and_on_what(
    tmp_path: Path, handouts: tuple[Handout, ...]
) -> None:
    path = save(lesson(), tmp_path / "anna.ipynb")
    submission = read_submission(path, "anna", handouts)
    assert (submission.student, submission.assignment) == ("anna", "01_exact_line")
    assert submission.path == path
    assert submission.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert set(submission.steps) == set(CODE_STEPS)
    assert [cell.number for cell in submission.cells] == list(range(1, 17))


def test_the_notebooks_own_word_outweighs_the_command_line(
    tmp_path: Path, handouts: tuple[Handout, ...]
) -> None:
    path = save(lesson(), tmp_path / "anna.ipynb")
    assert read_submission(path, "anna", handouts, "02_noisy_line").assignment == "01_exact_line"


def test_the_command_line_helps_a_notebook_that_names_no_assignment_of_ours(
    tmp_path: Path, handouts: tuple[Handout, ...]
) -> None:
    for named in (None, "some_other_course"):
        path = save(lesson(assignment=named), tmp_path / "anna.ipynb")
        assert (
            read_submission(path, "anna", handouts, "02_noisy_line").assignment == "02_noisy_line"
        )


def test_the_cells_tell_the_assignment_where_nothing_else_does(
    tmp_path: Path, handouts: tuple[Handout, ...]
) -> None:
    built = lesson(assignment=None)
    built.cells.append(markdown("# The line with noise"))
    path = save(built, tmp_path / "anna.ipynb")
    assert read_submission(path, "anna", handouts, "homework 3").assignment == "02_noisy_line"


def test_a_notebook_of_another_course_is_left_to_a_person(
    tmp_path: Path, handouts: tuple[Handout, ...]
) -> None:
    path = save(notebook("print('hello')", assignment=None), tmp_path / "anna.ipynb")
    with pytest.raises(SubmissionUnreadable, match="one of: 01_exact_line, 02_noisy_line"):
        read_submission(path, "anna", handouts)


@pytest.mark.parametrize(
    ("named", "prose", "language"),
    [
        ("zh", "English prose", "zh"),
        ("en", "中文", "en"),
        (None, "中文", "zh"),
        (None, "English prose", "en"),
        ("fr", "中文", "zh"),
    ],
)
def test_the_language_is_the_notebooks_own_or_that_of_its_prose(
    tmp_path: Path, handouts: tuple[Handout, ...], named: str | None, prose: str, language: str
) -> None:
    built = lesson(language=named)
    built.cells.append(markdown(prose))
    submission = read_submission(save(built, tmp_path / "anna.ipynb"), "anna", handouts)
    assert submission.language == language


def test_what_only_works_in_colab_is_passed_over_on_its_own_line(
    tmp_path: Path, handouts: tuple[Handout, ...]
) -> None:
    built = lesson()
    built.cells.insert(0, code('!pip install torch\ndrive.mount("/content/drive")\nx = 1'))
    submission = read_submission(save(built, tmp_path / "anna.ipynb"), "anna", handouts)
    assert submission.cells[0].source == "pass\npass\nx = 1"


def test_nothing_personal_is_kept(tmp_path: Path, handouts: tuple[Handout, ...]) -> None:
    built = lesson()
    built.cells.insert(0, markdown("[badge](github.com/anna-secret)", id="view-in-github"))
    for cell in built.cells:
        cell.metadata["executionInfo"] = {"user": {"displayName": "anna-secret"}}
    submission = read_submission(save(built, tmp_path / "anna.ipynb"), "anna", handouts)
    assert "anna-secret" not in repr(submission)
