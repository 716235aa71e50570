from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from grader.cli import app

if TYPE_CHECKING:
    from typer.testing import Result

SOLUTIONS = Path(__file__).parents[2] / "solutions"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    for path in SOLUTIONS.glob("01_*/reference.*.ipynb"):
        target = tmp_path / path.relative_to(SOLUTIONS.parent)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    return tmp_path


def run(course: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["release", *arguments, "--course", str(course), "--lang", "en"])


def test_released_handouts_are_up_to_date(course: Path) -> None:
    assert run(course).exit_code == 0
    assert (course / "assignments" / "01_exact_line" / "handout.zh.ipynb").is_file()
    assert run(course, "--check").exit_code == 0


def test_a_handout_out_of_date_is_named(course: Path) -> None:
    result = run(course, "01_exact_line", "--check")
    assert result.exit_code == 2
    assert "handout.zh.ipynb" in result.stdout
    assert "out of date" in result.stderr


def test_an_assignment_without_reference_is_answered_with_those_there_are(course: Path) -> None:
    result = run(course, "99")
    assert result.exit_code == 2
    assert "Choose one of: 01_exact_line." in result.stderr
