from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from grader.course.assignment import load_assignment
from grader.course.lesson import open_lesson
from grader.judging.judged_run import run_and_judge
from grader.language.messages import say
from grader.models import Step, Verdict
from grader.preview.verdicts import ELSEWHERE, left_open, preview_of, shown_verdict
from grader.submission import read_submission
from tests.notebooks import STUBS, lesson, save
from tests.recordings import ROOT, Recordings

if TYPE_CHECKING:
    from pathlib import Path

    from grader.course.lesson import Lesson
    from grader.judging.judged_run import Run


@pytest.fixture(scope="module")
def exact_line() -> Lesson:
    return open_lesson(load_assignment(ROOT / "assignments" / "01_exact_line"))


@pytest.fixture
def run(exact_line: Lesson, tmp_path: Path) -> Run:
    submission = read_submission(save(lesson(), tmp_path / "a.ipynb"), "a", exact_line.handouts)
    return run_and_judge(submission, exact_line.assignment, Recordings())


def failing(run: Run, *steps: Step) -> Run:
    """The same run, with every check of these steps failed."""

    def failed(step: Step) -> bool:
        return step in steps

    return replace(
        run,
        steps=tuple(
            replace(
                mark,
                checks=tuple(
                    replace(c, judgement=replace(c.judgement, verdict=Verdict.FAILED))
                    for c in mark.checks
                ),
            )
            if failed(mark.step)
            else mark
            for mark in run.steps
        ),
    )


def verdicts(run: Run, exact_line: Lesson) -> dict[Step, Verdict]:
    return {m.step: m.verdict for m in preview_of(run, exact_line).graded.mark.steps}


def test_what_was_judged_without_doubt_is_told_as_it_is(run: Run, exact_line: Lesson) -> None:
    assert verdicts(run, exact_line) == {mark.step: mark.verdict for mark in run.steps}


def test_the_first_wrong_step_is_wrong_and_those_behind_it_hang_on_it(
    run: Run, exact_line: Lesson
) -> None:
    found = verdicts(failing(run, Step.MODEL, Step.TRAIN), exact_line)
    assert found[Step.MODEL] is Verdict.FAILED
    assert found[Step.TRAIN] is Verdict.NOT_ASSESSED
    # What passed behind it passes in grading as well.
    assert found[Step.OPTIMIZER] is Verdict.PASSED


def test_a_result_does_not_hang_on_the_training_that_gave_it(run: Run, exact_line: Lesson) -> None:
    found = verdicts(failing(run, Step.TRAIN, Step.RESULT), exact_line)
    assert found[Step.TRAIN] is Verdict.FAILED
    assert found[Step.RESULT] is Verdict.FAILED


def test_what_hangs_on_another_step_says_so_and_how_it_looks_now(
    run: Run, exact_line: Lesson
) -> None:
    preview = preview_of(failing(run, Step.DATA, Step.LOSS), exact_line)
    messages = {str(c.judgement.message) for c in preview.left_open if c.step is Step.LOSS}
    assert messages == {"This is certain only once the step Data is right. As it is now: Right."}


def test_steps_that_nobody_saw_are_open_unless_nothing_was_done(
    exact_line: Lesson, run: Run, tmp_path: Path
) -> None:
    unseen = {step: say("Nobody saw it.") for step in Step}
    assert all(
        mark.verdict is Verdict.NOT_ASSESSED
        for mark in preview_of(run, exact_line, unseen).graded.mark.steps
    )
    stubs = save(lesson(STUBS), tmp_path / "b.ipynb")
    submission = read_submission(stubs, "b", exact_line.handouts)
    idle = run_and_judge(submission, exact_line.assignment, Recordings())
    assert all(
        mark.verdict is Verdict.NOT_ATTEMPTED
        for mark in preview_of(idle, exact_line, unseen).graded.mark.steps
    )


def test_what_only_grading_can_look_at_does_not_count_against_a_step(run: Run) -> None:
    (result,) = (mark for mark in run.steps if mark.step is Step.RESULT)
    *others, last = result.checks
    elsewhere = replace(last.judgement, verdict=Verdict.NOT_ASSESSED, message=ELSEWHERE)
    right = [replace(c, judgement=replace(c.judgement, verdict=Verdict.PASSED)) for c in others]
    mark = replace(result, checks=(*right, replace(last, judgement=elsewhere)))
    assert shown_verdict(mark) is Verdict.PASSED
    assert left_open(mark) == (mark.checks[-1],)
