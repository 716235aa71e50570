"""Grades one submission: run, judge, follow through, diagnose, score."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from grader.evidence import read_evidence
from grader.execution.cells import Limits
from grader.execution.planning import plan_run
from grader.judging.diagnosing import diagnoses_of
from grader.judging.figures.run import figures_of_run
from grader.judging.follow_through import stand_ins, substitute
from grader.judging.judged_run import judge, not_attempted, suspicions_of
from grader.judging.own_words import own_words
from grader.judging.scoring import score
from grader.judging.unseen import unseen_of
from grader.models import CODE_STEPS, GradedSubmission, Step, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.course.assignment import Assignment
    from grader.course.lesson import Lesson
    from grader.judging.judged_run import JudgedRun
    from grader.models import Execution, Plan, StepMark, Submission


class Runs(Protocol):
    """Anything that shows what a notebook does: a runner of notebooks, or a recording."""

    def run(self, plan: Plan, limits: Limits) -> Execution:
        """What running the plan shows."""


def grade_submission(
    submission: Submission,
    lesson: Lesson,
    runner: Runs,
    *,
    seed: int | None = None,
) -> GradedSubmission:
    """The mark of one submission, from what `runner` shows of it."""
    first = run_and_judge(submission, lesson.assignment, runner, seed)
    judged = _on_their_merits(first, lesson, runner, seed)
    runs = list({id(run): run for run in (first, *(run for _, run in judged))}.values())
    words = own_words(first)
    elsewhere = {mark.step for mark, run in judged if run is not first}
    suspicions = [
        suspicion if run is first else words.message(suspicion)
        for run in runs
        for suspicion in suspicions_of(run)
    ]
    diagnoses = [
        words.diagnosis(diagnosis) if diagnosis.step in elsewhere else diagnosis
        for diagnosis in diagnoses_of(judged)
    ]
    marks = [mark if run is first else words.mark(mark) for mark, run in judged]
    return GradedSubmission(
        submission=submission,
        assignment=lesson.assignment.info,
        outcome=first.execution.outcome,
        mark=score(marks, diagnoses, [*suspicions, *unseen_of(judged)]),
        figures=figures_of_run(first),
        execution=first.execution,
        duration_s=sum(run.execution.duration_s for run in runs),
    )


def run_and_judge(
    submission: Submission,
    assignment: Assignment,
    runner: Runs,
    seed: int | None = None,
    *,
    stand_ins: frozenset[int] = frozenset(),
) -> JudgedRun:
    """Run the notebook in a kernel of its own, and judge what was observed.

    `stand_ins` are the numbers of cells that are the reference's: nothing that such a run shows is
    on a report.
    """
    table = assignment.table
    formula = table.transfer.draw(submission.sha256)
    plan = plan_run(
        submission,
        seed=table.seed if seed is None else seed,
        epochs=table.recipe.epochs,
        formula=formula,
        given=table.transfer.draw_given(submission.sha256),
        roles=table.recipe.roles,
        given_names=table.recipe.given,
        stand_ins=stand_ins,
    )
    limits = Limits(table.limits.cell_s, table.limits.notebook_s)
    execution = runner.run(plan, limits)
    evidence = read_evidence(execution.records, formula)
    # What the recorder told has been read: several runs may wait for a mark to be made.
    return judge(submission, assignment, replace(execution, records=()), evidence, stand_ins)


def _on_their_merits(
    first: JudgedRun, lesson: Lesson, runner: Runs, seed: int | None
) -> tuple[tuple[StepMark, JudgedRun], ...]:
    """Each step's mark, and the run that it was judged in.

    Step by step, in order: what fails is replaced by the reference, and what failed after it gets
    another chance with everything before it right.
    """
    judged = {mark.step: (mark, first) for mark in first.steps}
    reference = lesson.reference_cells(first.submission.language)
    idle, roles = not_attempted(first.submission), lesson.assignment.table.recipe.roles
    replaced: dict[Step, str] = {}
    for step in CODE_STEPS[:-1]:
        if not reference or judged[step][0].verdict is Verdict.PASSED:
            continue
        replaced[step] = reference[step]
        behind = [
            later
            for later in (*CODE_STEPS[CODE_STEPS.index(step) + 1 :], Step.RESULT)
            if later not in idle and judged[later][0].verdict not in (Verdict.PASSED, Verdict.ERROR)
        ]
        if behind:
            changed = substitute(first.submission, replaced, _names(first), roles)
            foreign = stand_ins(changed, first.submission)
            run = run_and_judge(changed, lesson.assignment, runner, seed, stand_ins=foreign)
            again = {mark.step: mark for mark in run.steps}
            for later in behind:
                # The run with the replacement is another chance, never a loss.
                if again[later].points >= judged[later][0].points:
                    judged[later] = (replace(again[later], followed_through=True), run)
    return tuple(judged[step] for step in Step if step in judged)


def _names(run: JudgedRun) -> Mapping[str, str]:
    """What the student calls X, y, model ..., as far as the run showed it."""
    return {role: name for part in run.facts.evidence.parts() for role, name in part.names.items()}
