from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from grader.cli import app
from grader.models import Outcome
from tests.notebooks import STUBS, lesson, save
from tests.recordings import ROOT, Recordings
from tests.reporting.markup import Page

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result


@pytest.fixture
def recordings(monkeypatch: pytest.MonkeyPatch) -> Recordings:
    """No kernel is started: what is recorded is that of an honest notebook."""
    recordings = Recordings()
    monkeypatch.setattr("grader.execution.shell_runner.AloneRunner", lambda: recordings)
    return recordings


def look(path: Path, *options: str) -> Result:
    command = ["check", str(path), "--course", str(ROOT), *options]
    return CliRunner().invoke(app, command, env={"COLUMNS": "100"})


def signs(said: str) -> str:
    return "".join(line[0] for line in said.splitlines() if line[1:2] == " " and line[0] in "✓·!?")


@pytest.mark.usefixtures("recordings")
def test_a_right_notebook_is_told_step_by_step(tmp_path: Path) -> None:
    result = look(save(lesson(), tmp_path / "mine.ipynb"))
    assert result.exit_code == 0
    assert "Lesson 1" in result.stdout
    assert "✓ Data: right" in result.stdout


@pytest.mark.usefixtures("recordings")
def test_it_speaks_the_notebooks_language_unless_another_is_asked_for(tmp_path: Path) -> None:
    path = save(lesson(STUBS, language="zh"), tmp_path / "mine.ipynb")
    assert "· 数据：还没做" in look(path).stdout
    assert "· Data: not done yet" in look(path, "--lang", "en").stdout


@pytest.mark.usefixtures("recordings")
def test_of_steps_that_wait_only_the_first_is_explained(tmp_path: Path) -> None:
    said = look(save(lesson(STUBS), tmp_path / "mine.ipynb")).stdout
    assert signs(said) == "······"
    assert said.count("Try this") == 1


@pytest.mark.usefixtures("recordings")
def test_a_page_says_the_same_and_gives_no_points(tmp_path: Path) -> None:
    page = tmp_path / "new folder" / "mine.html"
    result = look(save(lesson(), tmp_path / "mine.ipynb"), "-o", str(page))
    assert result.exit_code == 0
    assert str(page) in result.stdout.replace("\n", "")
    html = page.read_text("utf-8")
    assert "Steps that are right" in html
    seen = Page(html)
    assert seen.faults == []
    classes = {name for e in seen.elements for name in e.attributes.get("class", "").split()}
    assert "checks" in classes
    assert "points" not in classes


@pytest.mark.usefixtures("recordings")
def test_a_page_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    path = save(lesson(), tmp_path / "mine.ipynb")
    result = look(path, "-o", str(path / "page.html"))
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


@pytest.mark.usefixtures("recordings")
def test_a_file_that_is_no_notebook_is_said_and_no_fault_of_ours(tmp_path: Path) -> None:
    (tmp_path / "empty.ipynb").touch()
    result = look(tmp_path / "empty.ipynb", "--lang", "en")
    assert result.exit_code == 1
    assert "empty" in result.stderr


@pytest.mark.usefixtures("recordings")
def test_an_unknown_assignment_is_wrong_usage(tmp_path: Path) -> None:
    result = look(save(lesson(), tmp_path / "mine.ipynb"), "--assignment", "nine")
    assert result.exit_code == 2
    assert "01_exact_line" in result.stderr


def test_a_run_that_did_not_end_is_said_first(tmp_path: Path, recordings: Recordings) -> None:
    recordings.outcome = Outcome.TIMED_OUT
    said = look(save(lesson(), tmp_path / "mine.ipynb")).stdout
    assert "took longer than a notebook is given here" in said.partition("Data")[0].replace(
        "\n", " "
    )


def test_without_torch_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    result = look(save(lesson(), tmp_path / "mine.ipynb"))
    assert result.exit_code == 2
    assert 'pip install "torchgrade[student]"' in result.stderr


def test_without_what_grades_a_class_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object, **__: object) -> None:
        raise ModuleNotFoundError("No module named 'nbclient'", name="nbclient.client")

    monkeypatch.setattr("grader.execution.runner.notebook_runner", missing)
    path = save(lesson(), tmp_path / "mine.ipynb")
    result = look(path, "--isolation", "best-effort")
    assert result.exit_code == 2
    assert "nbclient" in result.stderr
    assert 'pip install "torchgrade[class]"' in result.stderr
