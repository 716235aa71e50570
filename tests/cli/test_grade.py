from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from grader.cli import app
from grader.errors import SubmissionUnreadable
from grader.models import AssignmentInfo, Isolation, Outcome
from grader.submission import Handout, read_handout, read_submission
from tests.notebooks import STUBS, lesson, save, save_all
from tests.reporting.samples import graded, unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from typer.testing import Result

    from grader.intake import Candidate
    from grader.models import GradedSubmission


@dataclass
class Runner:
    """A runner that nobody asks to run anything."""

    missing: tuple[str, ...] = ()
    closed: bool = False

    @property
    def isolation(self) -> Isolation:
        return Isolation("none" if self.missing else "room", self.missing, "bwrap: not found")

    def close(self) -> None:
        self.closed = True


@dataclass
class Bench:
    """The command line with everything below it replaced: no kernel starts."""

    handouts: tuple[Handout, ...]
    folder: Path
    runner: Runner = field(default_factory=Runner)
    failure: BaseException | None = None
    called_with: dict[str, Any] = field(default_factory=dict)

    def run(self, *arguments: str | Path, lang: str = "en") -> Result:
        out = ("--out", str(self.folder / "reports"), "--lang", lang)
        return CliRunner().invoke(app, ["grade", *map(str, arguments), *out])

    def grade_class(
        self,
        candidates: Sequence[Candidate],
        *,
        on_graded: Callable[[GradedSubmission], None],
        **called_with: Any,
    ) -> tuple[GradedSubmission, ...]:
        self.called_with = called_with
        if self.failure is not None:
            raise self.failure
        results = tuple(map(self._graded, candidates))
        for result in results:
            on_graded(result)
        return results

    def _graded(self, candidate: Candidate) -> GradedSubmission:
        try:
            read = read_submission(
                candidate.path, candidate.student, self.handouts, candidate.assignment
            )
        except SubmissionUnreadable as error:
            blank = unreadable(candidate.student)
            return replace(
                blank,
                submission=replace(blank.submission, path=candidate.path),
                assignment=AssignmentInfo(candidate.assignment or "", {}),
                mark=replace(blank.mark, withheld_reason=error.message),
            )
        right = graded(candidate.student, language="en")
        return replace(
            right, submission=read, assignment=replace(right.assignment, id=read.assignment)
        )


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    handout = read_handout(save(lesson(STUBS), tmp_path / "handouts" / "handout.en.ipynb"))
    bench = Bench((handout,), tmp_path)
    lessons = (SimpleNamespace(id="01_exact_line"),)
    monkeypatch.setattr("grader.grading.grade_class", bench.grade_class)
    monkeypatch.setattr("grader.course.assignment.load_assignments", lambda _: lessons)
    monkeypatch.setattr("grader.execution.runner.notebook_runner", lambda **_: bench.runner)
    return bench


def test_no_students_code_sees_the_course_the_class_or_the_marks(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}

    def open_runner(**how: Any) -> Runner:
        asked.update(how)
        return bench.runner

    monkeypatch.setattr("grader.execution.runner.notebook_runner", open_runner)
    path = save(lesson(), bench.folder / "class/anna.ipynb")
    roster = bench.folder / "roster.csv"
    roster.write_text("id,name\n1,anna\n")
    book = bench.folder / "marks/class.db"
    book.parent.mkdir()
    bench.run(path, "--roster", roster, "--gradebook", book)
    assert {path, roster, book, bench.folder / "reports", Path()} <= set(asked["hidden"])


def pages(bench: Bench) -> set[str]:
    out = bench.folder / "reports"
    return {str(path.relative_to(out)) for path in out.rglob("*.html")}


def test_a_folder_of_notebooks_becomes_a_folder_of_reports(bench: Bench) -> None:
    save_all(lesson(), [bench.folder / "class" / f"{name}.ipynb" for name in ("anna", "bert")])
    result = bench.run(bench.folder / "class")
    assert result.exit_code == 0
    assert "[2/2] bert, 01_exact_line: 100 of 100 points" in result.stdout
    assert "Marked: 2" in result.stdout
    assert result.stderr == ""
    assert pages(bench) == {
        "index.html",
        "01_exact_line/index.html",
        "01_exact_line/anna.html",
        "01_exact_line/bert.html",
    }
    assert bench.runner.closed


def test_the_options_reach_the_grading(bench: Bench) -> None:
    path = save(lesson(), bench.folder / "anna.ipynb")
    bench.run(path, "--jobs", "3", "--seed", "7")
    assert (bench.called_with["jobs"], bench.called_with["seed"]) == (3, 7)


def test_an_unreadable_file_is_named_and_the_others_are_graded(bench: Bench) -> None:
    save(lesson(), bench.folder / "class" / "anna.ipynb")
    (bench.folder / "class" / "bert.ipynb").write_text("oh no")
    result = bench.run(bench.folder / "class")
    assert result.exit_code == 1
    named, last = result.stderr.splitlines()
    assert "bert.ipynb: The file is not the text of a notebook" in named
    assert "Withheld: 1." in last
    assert "01_exact_line/anna.html" in pages(bench)
    assert "bert.ipynb" in (bench.folder / "reports" / "index.html").read_text("utf-8")


def test_an_unreadable_file_does_not_take_the_place_of_a_readable_one(bench: Bench) -> None:
    save(lesson(), bench.folder / "class" / "anna" / "b.ipynb")
    (bench.folder / "class" / "anna" / "a.ipynb").touch()
    bench.run(bench.folder / "class", "--assignment", "01_exact_line")
    result = json.loads((bench.folder / "reports/01_exact_line/anna.json").read_text("utf-8"))
    assert result["outcome"] == Outcome.COMPLETED.value
    assert "a.ipynb" in (bench.folder / "reports" / "index.html").read_text("utf-8")


@pytest.mark.parametrize(
    "name", ["李 小明", 'O\'Brien "Bob"', "<script>alert(1)<", "[red]", "{x}", "a\x1b[2Jb\nc"]
)
def test_any_name_is_graded_and_shown_as_it_is(bench: Bench, name: str) -> None:
    save(lesson(), bench.folder / "class" / f"{name}.ipynb")
    result = bench.run(bench.folder / "class")
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout
    if name.isprintable():
        assert f"] {name}, 01_exact_line" in result.stdout


def test_an_unknown_assignment_is_answered_with_those_there_are(bench: Bench) -> None:
    path = save(lesson(), bench.folder / "anna.ipynb")
    result = bench.run(path, "--assignment", "99")
    assert result.exit_code == 2
    assert result.stderr == "There is no assignment 99. Choose one of: 01_exact_line.\n"


def test_a_path_without_notebooks_is_wrong_usage(bench: Bench) -> None:
    (bench.folder / "class").mkdir()
    result = bench.run(bench.folder / "class")
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)


def test_reports_that_cannot_be_written_are_wrong_usage(bench: Bench) -> None:
    path = save(lesson(), bench.folder / "anna.ipynb")
    (bench.folder / "reports").write_text("a file")
    result = bench.run(path)
    assert result.exit_code == 2
    assert "--out" in result.stderr


def test_messages_come_in_the_language_that_was_asked_for(bench: Bench) -> None:
    result = bench.run(bench.folder / "nowhere", lang="zh")
    assert "不存在" in result.stderr


def test_a_language_that_does_not_exist_is_wrong_usage(bench: Bench) -> None:
    assert bench.run(bench.folder, lang="tlh").exit_code == 2


def test_a_fault_of_ours_leaves_details_to_paste(bench: Bench) -> None:
    path = save(lesson(), bench.folder / "anna.ipynb")
    bench.failure = ZeroDivisionError("oops")
    result = bench.run(path)
    assert result.exit_code == 3
    assert "ZeroDivisionError: oops" in result.stderr
    details = Path(result.stderr.partition("details are in ")[2].partition("; paste")[0])
    assert "Traceback" in details.read_text("utf-8")
    details.unlink()


def test_an_interruption_ends_in_one_line(bench: Bench) -> None:
    path = save(lesson(), bench.folder / "anna.ipynb")
    bench.failure = KeyboardInterrupt()
    result = bench.run(path)
    assert (result.exit_code, len(result.stderr.splitlines())) == (130, 1)
    assert bench.runner.closed


@pytest.mark.parametrize(
    ("wish", "exit_code", "line"),
    [
        ("required", 2, "bwrap: not found"),
        ("best-effort", 0, "open to it: network"),
        ("none", 0, ""),
    ],
)
def test_a_machine_that_cannot_shut_code_in_is_told_as_wished(
    bench: Bench, wish: str, exit_code: int, line: str
) -> None:
    bench.runner = Runner(missing=("network",))
    result = bench.run(save(lesson(), bench.folder / "anna.ipynb"), "--isolation", wish)
    assert result.exit_code == exit_code
    assert line in result.stderr
    assert bool(line) is bool(result.stderr)
    assert bench.runner.closed
