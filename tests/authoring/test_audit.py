from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.authoring import audit as audit_module
from grader.authoring.audit import Audit, Tried, audit, how_many
from grader.authoring.bank import Entry
from grader.course.assignment import load_assignment
from grader.errors import AssignmentError
from grader.grading import Lesson, open_lesson
from grader.language.messages import say
from grader.models import (
    CheckResult,
    Diagnosis,
    Judgement,
    Mark,
    Step,
    StepMark,
    Verdict,
)
from tests.recordings import Recordings
from tests.reporting.samples import graded, judged, unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.execution.runner import NotebookRunner
    from grader.models import GradedSubmission, Submission

ROOT = Path(__file__).parents[2]
LESSON = "01_exact_line"
BANK = """
[sequential]
about = "a right variant"
write.model = "model = nn.Sequential(nn.Linear(1, 1))"

[one_cell]
about = "another right variant"
merge = ["data", "model", "loss", "optimizer", "train"]

[zero_grad_missing]
about = "a wrong variant"
edit.train = [["    optimizer.zero_grad()\\n", ""]]
verdicts = { train = "failed", result = "failed" }
diagnosis = ["zero_grad_missing"]
"""

RIGHT = Entry(name="right", about="a right variant")
WRONG = Entry(
    name="wrong",
    about="a wrong variant",
    verdicts={Step.TRAIN: Verdict.FAILED, Step.RESULT: Verdict.FAILED},
    diagnosis=("step_missing", "backward_missing"),
)


def tried(entry: Entry, *diagnoses: str, **verdicts: str) -> Tried:
    """The entry with these verdicts (passed where none is given) and these mistakes named."""
    steps = tuple(
        judged(step, (Judgement(Verdict(verdicts.get(step, "passed")), say("So it is.")),))
        for step in Step
    )
    named = tuple(Diagnosis(id_, Step.TRAIN, say("Like it."), say("Look.")) for id_ in diagnoses)
    return Tried(entry, 0, graded(entry.name, Mark(steps, named)))


def audited(*runs: Tried, never_failed: tuple[str, ...] = ()) -> Audit:
    return Audit(runs, never_failed)


# One entry


def test_a_right_entry_that_passes_is_as_due() -> None:
    run = tried(RIGHT)
    assert run.as_due
    assert (list(run.false_passes()), list(run.false_fails())) == ([], [])


def test_a_wrong_entry_that_fails_where_it_should_is_as_due() -> None:
    assert tried(WRONG, train="failed", result="failed").as_due


def test_a_step_that_passes_and_should_not_is_a_false_pass() -> None:
    run = tried(WRONG, train="failed")
    assert list(run.false_passes()) == [Step.RESULT]
    assert list(run.false_fails()) == []
    assert not run.as_due


@pytest.mark.parametrize("verdict", ["failed", "not_attempted", "not_assessed", "error"])
def test_a_step_that_should_pass_and_does_not_is_a_false_fail(verdict: str) -> None:
    run = tried(WRONG, train="failed", result="failed", data=verdict)
    assert list(run.false_fails()) == [Step.DATA]
    assert list(run.false_passes()) == []
    assert not run.as_due


def test_another_bad_verdict_than_the_due_one_is_neither_but_not_as_due() -> None:
    run = tried(WRONG, train="failed", result="not_assessed")
    assert (list(run.false_passes()), list(run.false_fails())) == ([], [])
    assert not run.as_due


def test_an_entry_that_could_not_be_read_is_never_as_due() -> None:
    assert not Tried(RIGHT, 0, unreadable()).as_due


@pytest.mark.parametrize(
    ("diagnoses", "named"),
    [
        (("step_missing",), True),
        (("backward_missing", "loss_l1"), True),
        (("loss_l1", "step_missing"), False),
        ((), False),
    ],
)
def test_a_mistake_counts_as_named_where_a_due_one_comes_first(
    diagnoses: tuple[str, ...], named: bool
) -> None:
    assert tried(WRONG, *diagnoses).named is named


def test_where_no_mistake_is_due_none_may_be_named() -> None:
    assert tried(RIGHT).named is None
    assert tried(RIGHT, "loss_l1").named is False


# All of them


def test_false_passes_and_false_fails_are_counted_by_step() -> None:
    found = audited(
        tried(WRONG),
        tried(WRONG, train="failed", data="failed"),
        tried(RIGHT, loss="failed", result="not_assessed"),
    )
    assert (found.false_passes, found.false_fails) == (3, 3)


def test_diagnoses_are_counted_among_the_entries_that_are_due_one() -> None:
    assert audited(
        tried(WRONG, "step_missing"), tried(WRONG, "loss_l1"), tried(RIGHT)
    ).diagnosed == (1, 2)


def test_right_entries_of_which_a_mistake_is_named_are_accused() -> None:
    accused = tried(RIGHT, "loss_l1")
    assert audited(tried(RIGHT), accused, tried(WRONG, "loss_l1")).accused == (accused,)


def test_an_audit_is_sound_where_everything_is_as_due() -> None:
    assert audited(tried(RIGHT), tried(WRONG, train="failed", result="failed")).sound


@pytest.mark.parametrize(
    "found",
    [
        audited(tried(WRONG)),
        audited(tried(RIGHT, data="failed")),
        audited(tried(RIGHT, "loss_l1")),
        audited(tried(RIGHT), never_failed=("loss.gradient",)),
    ],
    ids=["a false pass", "a false fail", "an accusation", "a check that nobody fails"],
)
def test_a_single_flaw_makes_an_audit_unsound(found: Audit) -> None:
    assert not found.sound


# From the files to the verdicts


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Lesson:
    return lesson_with_three_entries(tmp_path_factory.mktemp("solutions"))


def lesson_with_three_entries(solutions: Path) -> Lesson:
    """Lesson 1 with its references and a small bank."""
    for reference in (ROOT / "solutions" / LESSON).glob("reference.*.ipynb"):
        shutil.copy(reference, solutions)
    (solutions / "bank").mkdir()
    (solutions / "bank" / "three.toml").write_text(BANK, encoding="utf-8")
    return open_lesson(load_assignment(ROOT / "assignments" / LESSON, solutions))


@dataclass
class Marker:
    """Marks by the names of the checks that each student fails: no kernel starts."""

    fails: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    seen: list[tuple[str, int]] = field(default_factory=list)

    def __call__(
        self, submission: Submission, lesson: Lesson, _: NotebookRunner, *, seed: int
    ) -> GradedSubmission:
        self.seen.append((submission.student, seed))
        failing = self.fails.get(submission.student, ())
        steps = (
            StepMark(
                step,
                tuple(
                    CheckResult(check.id, step, check.sentence, _judgement(check.id in failing), 1)
                    for check in lesson.assignment.checks
                    if check.step is step
                ),
            )
            for step in Step
        )
        return replace(graded(submission.student, Mark(tuple(steps))), submission=submission)


def _judgement(fails: bool) -> Judgement:
    return Judgement(Verdict.FAILED if fails else Verdict.PASSED, say("So it is."))


@pytest.fixture
def marker(monkeypatch: pytest.MonkeyPatch) -> Marker:
    stand_in = Marker()
    monkeypatch.setattr(audit_module, "grade_submission", stand_in)
    return stand_in


@pytest.fixture
def runner() -> Recordings:
    return Recordings()


def test_handouts_references_and_entries_are_graded_under_every_seed(
    lesson: Lesson, runner: Recordings, marker: Marker
) -> None:
    told: list[Tried] = []
    found = audit(lesson, runner, seeds=(0, 5), on_tried=told.append)
    names = ["handout.en", "reference.en", "handout.zh", "reference.zh"]
    names += ["sequential", "one_cell", "zero_grad_missing"]
    runs = [(name, seed) for name in names for seed in (0, 5)]
    assert [(t.entry.name, t.seed) for t in found.tried] == runs
    assert sorted(marker.seen) == sorted(runs)
    assert sorted(told, key=found.tried.index) == list(found.tried)
    assert how_many(lesson, (0, 5)) == len(runs)


@pytest.mark.usefixtures("marker")
def test_the_variants_are_made_from_all_languages_in_turn(
    lesson: Lesson, runner: Recordings
) -> None:
    found = audit(lesson, runner, seeds=(0,))
    languages = {t.entry.name: t.graded.submission.language for t in found.tried}
    assert [languages[n] for n in ("sequential", "one_cell", "zero_grad_missing")] == [
        "en",
        "zh",
        "en",
    ]


@pytest.mark.usefixtures("marker")
def test_what_is_graded_is_the_variant(lesson: Lesson, runner: Recordings) -> None:
    found = audit(lesson, runner, seeds=(0,))
    code = {t.entry.name: _code(t.graded.submission) for t in found.tried}
    assert "nn.Sequential(" in code["sequential"]
    assert "optimizer.zero_grad()" in code["reference.en"]
    assert "optimizer.zero_grad()" not in code["zero_grad_missing"]
    assert "### BEGIN SOLUTION" not in code["reference.zh"]
    assert "nn.Linear(1, 1)" not in code["handout.zh"]


def test_a_check_that_no_entry_fails_is_told(
    lesson: Lesson, runner: Recordings, marker: Marker
) -> None:
    ids = [check.id for check in lesson.assignment.checks]
    marker.fails = {"handout.en": tuple(ids[:3]), "zero_grad_missing": tuple(ids[2:-2])}
    assert audit(lesson, runner, seeds=(0,)).never_failed == tuple(ids[-2:])


@pytest.mark.usefixtures("marker")
def test_entries_can_be_asked_for_by_name(lesson: Lesson, runner: Recordings) -> None:
    found = audit(lesson, runner, seeds=(1,), names=["zero_grad_missing"])
    assert [t.entry.name for t in found.tried if "." not in t.entry.name] == ["zero_grad_missing"]
    assert found.never_failed == ()
    assert how_many(lesson, (1,), ["zero_grad_missing"]) == len(found.tried)


def test_without_solutions_there_is_nothing_to_audit(lesson: Lesson, runner: Recordings) -> None:
    bare = replace(lesson, assignment=replace(lesson.assignment, solutions=None))
    with pytest.raises(AssignmentError, match="01_exact_line has no solutions here"):
        audit(bare, runner)


def _code(submission: Submission) -> str:
    return "\n".join(cell.source for cell in submission.cells)
