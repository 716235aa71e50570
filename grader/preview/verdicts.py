"""What can be said about a run without a reference: the verdicts, or that one is open.

A step after one that is not right yet is judged for certain only by the instructor's run, which
replaces the wrong one with the reference's. What passed here, passes there as well.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from grader.judging.diagnosing import diagnoses_of
from grader.judging.figures.run import figures_of_run
from grader.judging.judged_run import suspicions_of
from grader.judging.notebook import run_and_judge
from grader.judging.scoring import score
from grader.language.messages import say
from grader.models import CODE_STEPS, STEP_TITLES, GradedSubmission, Step, Verdict
from grader.submission import read_submission

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from grader.course.lesson import Lesson
    from grader.judging.judged_run import JudgedRun
    from grader.judging.notebook import Runs
    from grader.language.messages import Message
    from grader.models import CheckResult, StepMark

ELSEWHERE: Final = say("For this your cells have to run once more, on other cards.")


@dataclass(frozen=True, slots=True)
class Preview:
    """A notebook as its student sees it before handing it in; its points are not a mark."""

    graded: GradedSubmission

    @property
    def left_open(self) -> tuple[CheckResult, ...]:
        """The checks that could not be made here."""
        return tuple(check for mark in self.graded.mark.steps for check in left_open(mark))

    @property
    def right(self) -> int:
        """How many steps are right, as far as they can be judged here at all."""
        return sum(shown_verdict(mark) is Verdict.PASSED for mark in self.graded.mark.steps)


def left_open(mark: StepMark) -> tuple[CheckResult, ...]:
    """The checks of a step that could not be made here."""
    return tuple(c for c in mark.checks if c.judgement.verdict is Verdict.NOT_ASSESSED)


def shown_verdict(mark: StepMark) -> Verdict:
    """The step's verdict; what only the instructor's run can look at does not count against it."""
    here = [c.judgement.verdict for c in mark.checks if c.judgement.message != ELSEWHERE]
    return max(here, key=lambda verdict: verdict.severity, default=Verdict.NOT_ASSESSED)


def preview_of(
    run: JudgedRun, lesson: Lesson, unseen: Mapping[Step, Message] | None = None
) -> Preview:
    """The verdicts of one run; `unseen` says of which steps nothing is known here, and why."""
    judged = [(mark, run) for mark in _certain(_seen(run.steps, unseen or {}))]
    return Preview(
        GradedSubmission(
            submission=run.submission,
            assignment=lesson.assignment.info,
            outcome=run.execution.outcome,
            mark=score(
                [mark for mark, _ in judged],
                diagnoses_of(judged),
                list(suspicions_of(run)),
            ),
            figures=figures_of_run(run),
            execution=run.execution,
            duration_s=run.execution.duration_s,
        )
    )


def _seen(marks: tuple[StepMark, ...], unseen: Mapping[Step, Message]) -> Iterator[StepMark]:
    for mark in marks:
        reason = unseen.get(mark.step)
        if reason is None or mark.verdict is Verdict.NOT_ATTEMPTED:
            yield mark
        else:
            yield replace(mark, checks=tuple(_open(check, reason) for check in mark.checks))


def _certain(marks: Iterator[StepMark]) -> Iterator[StepMark]:
    """The marks, except for failures after a step that the instructor's run replaces."""
    wrong: Step | None = None
    for mark in marks:
        if wrong is None or mark.verdict in (Verdict.PASSED, Verdict.NOT_ATTEMPTED, Verdict.ERROR):
            yield mark
        else:
            yield replace(mark, checks=tuple(_hanging_on(wrong, check) for check in mark.checks))
        if wrong is None and mark.step in CODE_STEPS[:-1] and mark.verdict is not Verdict.PASSED:
            wrong = mark.step


def _hanging_on(wrong: Step, check: CheckResult) -> CheckResult:
    if check.judgement.verdict is not Verdict.FAILED:
        return check
    return _open(
        check,
        say(
            "This is certain only once the step {step} is right. As it is now: {message}",
            step=STEP_TITLES[wrong],
            message=check.judgement.message,
        ),
    )


def _open(check: CheckResult, reason: Message) -> CheckResult:
    judgement = replace(
        check.judgement, verdict=Verdict.NOT_ASSESSED, message=reason, expected=None, actual=None
    )
    return replace(check, judgement=judgement)


def preview_notebook(
    path: Path,
    lessons: Mapping[str, Lesson],
    runner: Runs,
    *,
    assignment: str | None = None,
    seed: int | None = None,
) -> Preview:
    """What can be said about a notebook; raises SubmissionUnreadable if it is not one."""
    handouts = [handout for lesson in lessons.values() for handout in lesson.handouts]
    submission = read_submission(path, path.stem, handouts, assignment)
    lesson = lessons[submission.assignment]
    return preview_of(run_and_judge(submission, lesson.assignment, runner, seed), lesson)
