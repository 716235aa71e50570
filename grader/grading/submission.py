"""Grades one submission: run, judge, follow through, diagnose, score."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from grader.grading.follow_through import substitute
from grader.grading.run import Run, not_attempted, run_and_judge
from grader.grading.story import story_of
from grader.models import CODE_STEPS, GradedSubmission, Step, Verdict
from grader.scoring import score

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.grading.lesson import Lesson
    from grader.kernels import KernelSource
    from grader.messages import Message
    from grader.models import StepMark, Submission


def grade_submission(
    submission: Submission,
    lesson: Lesson,
    kernels: KernelSource,
    *,
    seed: int | None = None,
    doubt: Message | None = None,
) -> GradedSubmission:
    """The mark of one submission; `doubt` is a reason to withhold it that was known before."""
    first = run_and_judge(submission, lesson.assignment, kernels, seed)
    runs, steps = _on_their_merits(first, lesson, kernels, seed)
    suspicions = [doubt] if doubt is not None else []
    suspicions += [s for run in runs for s in run.execution.suspicions]
    return GradedSubmission(
        submission=submission,
        assignment=lesson.assignment.info,
        outcome=first.execution.outcome,
        mark=score(steps, (), suspicions),
        story=story_of(first.evidence),
        execution=first.execution,
        duration_s=sum(run.execution.duration_s for run in runs),
    )


def _on_their_merits(
    first: Run, lesson: Lesson, kernels: KernelSource, seed: int | None
) -> tuple[list[Run], tuple[StepMark, ...]]:
    """Judge what stands behind a wrong step in a run where the reference took its place.

    Step by step, in order: what fails is replaced, and what failed behind it gets another chance
    with everything before it right.
    """
    runs = [first]
    marks = {mark.step: mark for mark in first.steps}
    reference = lesson.reference_cells(first.submission.language)
    idle = not_attempted(first.submission)
    replaced: dict[Step, str] = {}
    for step in CODE_STEPS[:-1]:
        if not reference or marks[step].verdict is Verdict.PASSED:
            continue
        replaced[step] = reference[step]
        behind = [
            later
            for later in (*CODE_STEPS[CODE_STEPS.index(step) + 1 :], Step.RESULT)
            if later not in idle and marks[later].verdict is not Verdict.PASSED
        ]
        if behind:
            changed = substitute(first.submission, replaced, _names(first))
            runs.append(run_and_judge(changed, lesson.assignment, kernels, seed))
            again = {mark.step: mark for mark in runs[-1].steps}
            marks |= {later: replace(again[later], followed_through=True) for later in behind}
    return runs, tuple(marks[step] for step in Step if step in marks)


def _names(run: Run) -> Mapping[str, str]:
    """What the student calls X, y, model ..., as far as the run showed it."""
    return {role: name for part in run.evidence.parts() for role, name in part.names.items()}
