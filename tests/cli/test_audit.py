from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from grader.authoring import audit as auditing
from grader.authoring.audit import Audit, Tried
from grader.authoring.bank import Entry
from grader.cli import app
from grader.course.assignment import load_assignment
from grader.language.messages import say
from grader.models import CheckResult, Diagnosis, Judgement, Mark, Step, StepMark, Verdict
from tests.reporting.samples import graded, judged, unreadable

if TYPE_CHECKING:
    from collections.abc import Callable

    from typer.testing import Result

pytestmark = pytest.mark.usefixtures("no_kernels")

ROOT = Path(__file__).parents[2]
LESSON = "01_exact_line"
BANK = """
[sequential]
about = "a right variant"

[step_missing]
about = "a wrong variant"
verdicts = { train = "failed" }
diagnosis = ["step_missing"]
"""
RIGHT = Entry(name="sequential", about="a right variant")
WRONG = Entry(
    name="step_missing",
    about="a wrong variant",
    verdicts={Step.TRAIN: Verdict.FAILED},
    diagnosis=("step_missing",),
)


def tried(entry: Entry, *diagnoses: str, seed: int = 0, **verdicts: str) -> Tried:
    """The entry with these verdicts (passed where none is given) and these mistakes named."""
    steps = tuple(
        judged(step, (Judgement(Verdict(verdicts.get(step, "passed")), say("So it is.")),))
        for step in Step
    )
    named = tuple(Diagnosis(id_, Step.TRAIN, say("Like it."), say("Look.")) for id_ in diagnoses)
    return Tried(entry, seed, graded(entry.name, Mark(steps, named)))


def by_check(entry: Entry, *checks: str, failed: str) -> Tried:
    """The entry with checks of these ids, one of which it fails."""
    results = [
        CheckResult(
            id_,
            Step(id_.partition(".")[0]),
            say("So it is."),
            Judgement(Verdict.FAILED if id_ == failed else Verdict.PASSED, say("So it is.")),
            1,
        )
        for id_ in checks
    ]
    steps = tuple(StepMark(step, tuple(r for r in results if r.step is step)) for step in Step)
    return Tried(entry, 0, graded(entry.name, Mark(steps)))


AS_DUE = (tried(RIGHT), tried(WRONG, "step_missing", train="failed"))


@dataclass
class Course:
    """A course with one lesson, whose audit finds what it is told to: no kernel starts."""

    folder: Path
    found: Audit = field(default_factory=lambda: Audit(AS_DUE, ()))
    called_with: dict[str, Any] = field(default_factory=dict)

    def run(self, *arguments: str, lang: str = "en") -> Result:
        options = ("--course", str(self.folder), "--lang", lang)
        return CliRunner().invoke(app, ["audit", *arguments, *options])

    def audit(self, *_: object, on_tried: Callable[[Tried], None], **called_with: object) -> Audit:
        self.called_with = called_with
        for one in self.found.tried:
            on_tried(one)
        return self.found


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    shutil.copytree(ROOT / "assignments" / LESSON, tmp_path / "assignments" / LESSON)
    solutions = tmp_path / "solutions" / LESSON
    (solutions / "bank").mkdir(parents=True)
    (solutions / "bank" / "two.toml").write_text(BANK, encoding="utf-8")
    for reference in (ROOT / "solutions" / LESSON).glob("reference.*.ipynb"):
        shutil.copy(reference, solutions)
    course = Course(tmp_path)
    monkeypatch.setattr(auditing, "audit", course.audit)
    return course


def row(result: Result, name: str) -> list[str]:
    """The cells of an entry's row."""
    rows = (line.split() for line in result.stdout.splitlines())
    [cells] = (cells for cells in rows if cells[:1] == [name] and len(cells) < 10)
    return cells[1:]


def test_where_everything_is_as_due_the_lesson_is_sound(course: Course) -> None:
    result = course.run()
    assert result.exit_code == 0
    assert row(result, "sequential") == ["✓"] * 6
    assert row(result, "step_missing") == ["✓", "✓", "✓", "✓", "✗", "✓", "✓"]
    assert "2 entries, 2 runs. False passes: 0; false fails: 0" in result.stdout
    assert "01_exact_line is sound" in result.stdout
    assert result.stderr == ""


def test_a_verdict_that_is_not_due_fails_the_audit_and_is_told(course: Course) -> None:
    course.found = Audit((AS_DUE[0], tried(WRONG, "step_missing")), ())
    result = course.run()
    assert result.exit_code == 2
    assert row(result, "step_missing")[4] == "✗→✓"
    assert "step_missing, seed 0, Training: expected “not right yet”, got “right”." in result.stdout
    assert "False passes: 1" in result.stdout
    assert "is sound" not in result.stdout
    assert "Not sound: 01_exact_line." in result.stderr


def test_seeds_that_disagree_show_every_verdict_that_came(course: Course) -> None:
    course.found = Audit((tried(RIGHT), tried(RIGHT, seed=1, model="failed")), ())
    result = course.run()
    assert row(result, "sequential")[1] == "✓→✓✗"
    assert "sequential, seed 1, Model: expected “right”" in result.stdout


def test_a_right_variant_that_is_accused_fails_the_audit(course: Course) -> None:
    course.found = Audit((tried(RIGHT, "loss_l1"), AS_DUE[1]), ())
    result = course.run()
    assert result.exit_code == 2
    assert "sequential, seed 0: is right, but was diagnosed with loss_l1." in result.stdout
    assert row(result, "sequential")[6] == "✗"


def test_a_wrong_diagnosis_is_told_but_costs_nobody_points(course: Course) -> None:
    course.found = Audit((tried(WRONG, "loss_l1", train="failed"),), ())
    result = course.run()
    assert result.exit_code == 0
    assert "expected the diagnosis step_missing, got loss_l1." in result.stdout
    assert "diagnosis named first: 0 of 1" in result.stdout


def test_a_check_that_no_entry_fails_fails_the_audit(course: Course) -> None:
    course.found = Audit(AS_DUE, ("loss.gradient",))
    result = course.run()
    assert result.exit_code == 2
    assert "No entry fails loss.gradient" in result.stdout


def test_an_entry_without_verdicts_is_told_with_the_reason(course: Course) -> None:
    course.found = Audit((Tried(RIGHT, 0, unreadable()),), ())
    result = course.run()
    assert result.exit_code == 2
    assert "sequential, seed 0: no verdicts: The file is not valid JSON." in result.stdout


def test_the_matrix_has_a_column_for_every_check(course: Course) -> None:
    ids = [check.id for check in load_assignment(course.folder / "assignments" / LESSON).checks]
    course.found = Audit((by_check(WRONG, *ids, failed="train.epochs"),), ())
    lines = course.run("--matrix").stdout.splitlines()
    assert [line.split() for line in lines if line.endswith("train.epochs")] == [
        ["12", "train.epochs"]
    ]
    assert [line.split() for line in lines if line.split()[:1] == ["step_missing"]] == [
        ["step_missing", *["✓"] * 11, "✗", *["✓"] * 4]
    ]


def test_the_options_reach_the_audit(course: Course) -> None:
    result = course.run(LESSON, "--seeds", "2", "--jobs", "1", "--only", "sequential")
    assert result.exit_code == 0
    assert course.called_with == {"seeds": range(2), "jobs": 1, "names": ["sequential"]}
    assert "what was tried got the expected verdicts" in result.stdout
    assert "is sound" not in result.stdout


def test_an_unknown_entry_is_answered_with_where_the_names_are(course: Course) -> None:
    result = course.run("--only", "step_mising")
    assert result.exit_code == 2
    assert "has no entry step_mising" in result.stderr
    assert course.called_with == {}


def test_an_unknown_lesson_is_answered_with_those_there_are(course: Course) -> None:
    result = course.run("99")
    assert result.exit_code == 2
    assert "Choose one of: 01_exact_line." in result.stderr


def test_an_audit_speaks_chinese(course: Course) -> None:
    course.found = Audit((AS_DUE[0], tried(WRONG, "step_missing")), ())
    result = course.run(lang="zh")
    assert "step_missing，种子 0，训练：应判“还不对”，实判“正确”。" in result.stdout
    assert "审查没有通过：01_exact_line" in result.stderr


def test_a_sample_is_drawn_by_a_text_the_same_by_the_same(course: Course) -> None:
    def sampled(text: str) -> list[str]:
        assert course.run("--sample", "1", "--drawn-by", text).exit_code == 0
        return list(course.called_with["names"])

    texts = [str(number) for number in range(8)]
    drawn = [sampled(text) for text in texts]
    assert drawn == [sampled(text) for text in texts]
    assert {name for names in drawn for name in names} == {"sequential", "step_missing"}
