"""One run of a submission, judged: its execution, its evidence and the marks of its steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.checking import run_checks
from grader.evidence import read_evidence
from grader.execution import Limits, run_notebook
from grader.models import CODE_STEPS, Step
from grader.planning import plan_run
from grader.scoring import step_marks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.assignment import Assignment
    from grader.evidence import Evidence
    from grader.kernels import KernelSource
    from grader.models import CellError, Execution, StepMark, Submission


@dataclass(frozen=True, slots=True)
class Run:
    """A submission (perhaps with cells of the reference), what it did, and how that is judged.

    `stopped` are the exceptions that ended a step's own cells.
    """

    submission: Submission
    execution: Execution
    evidence: Evidence
    steps: tuple[StepMark, ...]
    stopped: Mapping[Step, CellError]


def run_and_judge(
    submission: Submission, assignment: Assignment, kernels: KernelSource, seed: int | None = None
) -> Run:
    """Run the notebook in a kernel of its own, and judge what was observed."""
    table = assignment.table
    formula = table.transfer.draw(submission.sha256)
    plan = plan_run(
        submission,
        seed=table.seed if seed is None else seed,
        epochs=table.recipe.epochs,
        formula=formula,
    )
    limits = Limits(table.limits.cell_s, table.limits.notebook_s)
    execution = run_notebook(plan, kernels, limits)
    evidence = read_evidence(execution.records, formula)
    stopped = _stopped(submission, execution)
    results = run_checks(
        assignment.checks,
        evidence,
        not_attempted=not_attempted(submission),
        stopped=stopped,
    )
    return Run(submission, execution, evidence, step_marks(results), stopped)


def not_attempted(submission: Submission) -> frozenset[Step]:
    """The steps that nothing was done for; without training there is no result either."""
    missing = {s for s in CODE_STEPS if s in submission.unchanged or s not in submission.steps}
    return frozenset(missing | ({Step.RESULT} if Step.TRAIN in missing else set()))


def _stopped(submission: Submission, execution: Execution) -> Mapping[Step, CellError]:
    """The first exception in each step's own cells."""
    errors = {run.cell: run.error for run in reversed(execution.runs) if run.error is not None}
    return {
        step: errors[number]
        for step, numbers in submission.steps.items()
        for number in reversed(numbers)
        if number in errors
    }
