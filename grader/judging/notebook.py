"""Grades one submission: run, judge, follow through, diagnose, score."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol

from grader.checks.stops import lacks_gpu
from grader.evidence import read_evidence
from grader.execution.cells import Limits
from grader.execution.planning import plan_run
from grader.judging.diagnosing import diagnoses_of
from grader.judging.figures.run import figures_of_run
from grader.judging.follow_through import Seen, stand_ins, substitute
from grader.judging.judged_run import judge, not_attempted, suspicions_of
from grader.judging.own_words import own_words
from grader.judging.packages import Lacking, missing_packages, without_packages
from grader.judging.rewriting import self_contained
from grader.judging.scoring import score
from grader.judging.unseen import unseen_of, unsure_of
from grader.models import CODE_STEPS, CellKind, GradedSubmission, Step, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.course.assignment import Assignment
    from grader.course.lesson import Lesson
    from grader.judging.judged_run import JudgedRun
    from grader.models import Execution, Plan, StepMark, Submission


_MOST_AGAIN: Final = 5  # each run finds the packages that the cells of the one before missed


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
    first, lacking = _with_what_is_here(submission, lesson.assignment, runner, seed)
    judged = _on_their_merits(first, lesson, runner, seed)
    runs = list({id(run): run for run in (first, *(run for _, run in judged))}.values())
    words = own_words(first)
    elsewhere = {mark.step for mark, run in judged if run is not first}
    suspicions = [
        suspicion if run is first else words.message(suspicion)
        for run in runs
        for suspicion in suspicions_of(run)
    ]
    suspicions += unsure_of(submission, [mark for mark, _ in judged])
    if needed := lacking.needed(first, [mark for mark, _ in judged]):
        suspicions.insert(0, needed)
    diagnoses = [
        words.diagnosis(diagnosis) if diagnosis.step in elsewhere else diagnosis
        for diagnosis in diagnoses_of(judged)
    ]
    marks = [mark if run is first else words.mark(mark) for mark, run in judged]
    return GradedSubmission(
        submission=replace(submission, remarks=(*submission.remarks, *lacking.remarks())),
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


def _with_what_is_here(
    submission: Submission, assignment: Assignment, runner: Runs, seed: int | None
) -> tuple[JudgedRun, Lacking]:
    """The notebook's own run, without the imports of what is not installed."""
    run, lacking = run_and_judge(submission, assignment, runner, seed), Lacking({})
    for _ in range(_MOST_AGAIN):
        missing = {**missing_packages(run.execution), **lacking.packages}
        if missing.keys() == lacking.packages.keys():
            break
        changed, names = without_packages(submission, missing.keys())
        lacking = Lacking(missing, names)
        if changed.cells == run.submission.cells:
            break
        run = run_and_judge(changed, assignment, runner, seed)
    return run, lacking


def _on_their_merits(
    first: JudgedRun, lesson: Lesson, runner: Runs, seed: int | None
) -> tuple[tuple[StepMark, JudgedRun], ...]:
    """Each step's mark, and the run that it was judged in.

    Step by step, in order: what fails is replaced by the reference, and what failed after it gets
    another chance with everything before it right.
    """
    judged = {mark.step: (mark, first) for mark in first.steps}
    reference = _reference(lesson, first.submission.language)
    idle, roles = not_attempted(first.submission), lesson.assignment.table.recipe.roles
    seen = _seen(first)

    def run_with(sources: Mapping[Step, str]) -> JudgedRun:
        changed = substitute(first.submission, sources, seen, roles)
        foreign = stand_ins(changed, first.submission)
        return run_and_judge(changed, lesson.assignment, runner, seed, stand_ins=foreign)

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
            run = run_with(replaced)
            if step is Step.OPTIMIZER and step in run.facts.code.stopped:
                # Not even the right one could take care of such a model.
                replaced[Step.MODEL] = reference[Step.MODEL]
                run = run_with(replaced)
            again = {mark.step: mark for mark in run.steps}
            for later in behind:
                # The run with the replacement is another chance, never a loss.
                if again[later].points >= judged[later][0].points:
                    judged[later] = (replace(again[later], followed_through=True), run)
    return tuple(judged[step] for step in Step if step in judged)


def _reference(lesson: Lesson, language: str) -> Mapping[Step, str]:
    """The reference's cells, each with what it needs of other modules."""
    whole = lesson.reference(language)
    sources = [cell.source for cell in whole.cells if cell.kind is CellKind.CODE] if whole else []
    return {
        step: self_contained(source, sources)
        for step, source in lesson.reference_cells(language).items()
    }


def _seen(run: JudgedRun) -> Seen:
    """What the run showed of the student's own objects."""
    model = run.facts.model
    tensors = [each.name for each in model.parameters] if model and not model.is_module else []
    return Seen(
        {role: name for part in run.facts.evidence.parts() for role, name in part.names.items()},
        tuple(name for name in tensors if name.isidentifier()),
        wants_gpu=any(r.error is not None and lacks_gpu(r.error) for r in run.execution.runs),
    )
