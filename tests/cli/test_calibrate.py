from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from grader.authoring import calibrate as calibration
from grader.cli import app
from grader.errors import AssignmentError
from grader.language.messages import say
from grader.recipes.reading import written_tolerances
from grader.recipes.tolerances import LineTolerances

if TYPE_CHECKING:
    from typer.testing import Result

pytestmark = pytest.mark.usefixtures("no_kernels")

ROOT = Path(__file__).parents[2]


@pytest.fixture
def course(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "assignments" / "01_exact_line", lesson(tmp_path))
    return tmp_path


@pytest.fixture
def fair(monkeypatch: pytest.MonkeyPatch) -> None:
    """No kernel runs the reference."""
    monkeypatch.setattr(calibration, "require_fair_to_reference", lambda *_: None)


def lesson(course: Path) -> Path:
    return course / "assignments" / "01_exact_line"


def run(course: Path, *arguments: str, lang: str = "en") -> Result:
    options = ("--draws", "10000", "--course", str(course), "--lang", lang)
    return CliRunner().invoke(app, ["calibrate", *arguments, *options])


@pytest.mark.usefixtures("fair")
def test_what_changed_is_written_and_told(course: Path) -> None:
    path = lesson(course) / "tolerances.toml"
    path.write_text(path.read_text("utf-8").replace("b = 0.8063", "b = 0.1"), encoding="utf-8")
    result = run(course, "01_exact_line")
    assert result.exit_code == 0
    assert "  b: 0.1 → 0.8063" in result.stdout.splitlines()
    tolerances = written_tolerances(lesson(course), LineTolerances)
    assert tolerances is not None
    assert (tolerances.b, tolerances.draws) == (0.8063, 10_000)


@pytest.mark.usefixtures("fair")
def test_a_lesson_without_tolerances_gets_its_first(course: Path) -> None:
    (lesson(course) / "tolerances.toml").unlink()
    result = run(course)
    assert result.exit_code == 0
    assert "  w: - → 0.2829" in result.stdout.splitlines()
    assert written_tolerances(lesson(course), LineTolerances) is not None


def test_a_check_finds_the_lesson_up_to_date_and_writes_nothing(course: Path) -> None:
    before = (lesson(course) / "tolerances.toml").read_bytes()
    result = run(course, "--check")
    assert result.exit_code == 0
    assert "Nothing has changed." in result.stdout
    assert (lesson(course) / "tolerances.toml").read_bytes() == before


def test_a_check_fails_once_the_recipe_is_another(course: Path) -> None:
    path = lesson(course) / "assignment.toml"
    path.write_text(path.read_text("utf-8").replace("epochs = 100", "epochs = 200"), "utf-8")
    result = run(course, "--check")
    assert result.exit_code == 2
    assert "out of date" in result.stderr


def test_tolerances_for_another_rate_are_wider(course: Path) -> None:
    result = run(course, "--check", "--false-fail", "0.01", lang="zh")
    assert result.exit_code == 2
    assert "  false_fail: 1e-06 → 0.01" in result.stdout.splitlines()
    assert "这些容差已经过时" in result.stderr


def test_where_the_reference_fails_nothing_is_written(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssignmentError(say("The reference does not hold them."))

    monkeypatch.setattr(calibration, "require_fair_to_reference", refuse)
    (lesson(course) / "tolerances.toml").unlink()
    result = run(course)
    assert result.exit_code == 2
    assert result.stderr == "The reference does not hold them.\n"
    assert written_tolerances(lesson(course), LineTolerances) is None


def test_too_few_draws_are_wrong_usage(course: Path) -> None:
    result = CliRunner().invoke(app, ["calibrate", "--draws", "10", "--course", str(course)])
    assert result.exit_code == 2


def test_an_unknown_lesson_is_answered_with_those_there_are(course: Path) -> None:
    result = run(course, "99")
    assert result.exit_code == 2
    assert "Choose one of: 01_exact_line." in result.stderr


def test_all_that_is_wrong_with_a_lesson_is_told_at_once(course: Path) -> None:
    toml = lesson(course) / "assignment.toml"
    toml.write_text(toml.read_text("utf-8").replace("epochs = 100", "epochs = 'all'"), "utf-8")
    (lesson(course) / "zh.po").write_text('msgid "{w}"\nmsgstr "{b}"\n', encoding="utf-8")
    result = run(course)
    assert result.exit_code == 2
    assert "epochs" in result.stderr
    assert "zh.po" in result.stderr
