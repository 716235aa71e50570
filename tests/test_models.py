from __future__ import annotations

import pytest

from grader.language.messages import say
from grader.models import (
    CODE_STEPS,
    AssignmentInfo,
    CheckResult,
    Judgement,
    Mark,
    Step,
    StepMark,
    Verdict,
)


def step_mark(*verdicts: Verdict, points: float = 5) -> StepMark:
    checks = [
        CheckResult(
            f"train.{n}", Step.TRAIN, say("It is right."), Judgement(verdict, say("So.")), points
        )
        for n, verdict in enumerate(verdicts)
    ]
    return StepMark(Step.TRAIN, tuple(checks))


def test_the_result_is_no_cell_of_its_own() -> None:
    assert set(Step) - set(CODE_STEPS) == {Step.RESULT}


@pytest.mark.parametrize(
    ("verdicts", "worst"),
    [
        ((Verdict.PASSED, Verdict.PASSED), Verdict.PASSED),
        ((Verdict.PASSED, Verdict.FAILED), Verdict.FAILED),
        ((Verdict.NOT_ATTEMPTED, Verdict.PASSED), Verdict.NOT_ATTEMPTED),
        ((Verdict.NOT_ASSESSED, Verdict.FAILED), Verdict.NOT_ASSESSED),
        ((Verdict.ERROR, Verdict.NOT_ASSESSED, Verdict.FAILED), Verdict.ERROR),
    ],
)
def test_a_step_is_as_good_as_its_worst_check(
    verdicts: tuple[Verdict, ...], worst: Verdict
) -> None:
    assert step_mark(*verdicts).verdict is worst


@pytest.mark.parametrize("verdict", tuple(Verdict)[1:])
def test_only_what_passed_has_points(verdict: Verdict) -> None:
    assert step_mark(verdict).points == 0
    assert step_mark(Verdict.PASSED, verdict).points == 5
    assert step_mark(Verdict.PASSED, verdict).max_points == 10


def test_a_mark_sums_its_steps() -> None:
    mark = Mark((step_mark(Verdict.PASSED), step_mark(Verdict.FAILED, Verdict.PASSED, points=10)))
    assert (mark.points, mark.max_points) == (15, 25)
    assert not mark.withheld


def test_a_mark_with_a_reason_is_withheld() -> None:
    assert Mark((), withheld_reason=say("A person must look.")).withheld


def test_a_title_falls_back_to_the_first_language_there_is() -> None:
    info = AssignmentInfo("01", {"zh": "第一课", "en": "Lesson 1"})
    assert info.title("en") == "Lesson 1"
    assert info.title("fr") == "第一课"
