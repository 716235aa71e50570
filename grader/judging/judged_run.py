"""One run of a submission, judged: its execution, its evidence and the marks of its steps."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from grader.checks.check import run_checks
from grader.evidence import read_evidence
from grader.execution.cells import Limits
from grader.execution.planning import plan_run
from grader.judging.scoring import step_marks
from grader.language.messages import Message, say
from grader.models import CODE_STEPS, Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from grader.course.assignment import Assignment
    from grader.evidence import Evidence
    from grader.models import CellError, CheckResult, Execution, Plan, StepMark, Submission
    from grader.recipes.recipe import Recipe


class Runs(Protocol):
    """Whatever shows what a notebook does: a runner of notebooks, or a recording."""

    def run(self, plan: Plan, limits: Limits) -> Execution:
        """What running the plan shows."""


MISSING_NAME = re.compile(r"^name '(\w+)' is not defined")


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
    submission: Submission,
    assignment: Assignment,
    runner: Runs,
    seed: int | None = None,
    *,
    stand_ins: frozenset[int] = frozenset(),
) -> Run:
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
    evidence = read_evidence(
        execution.records, formula, stopped=stopped_steps(submission, execution)
    )
    # What the recorder told has been read: several runs may wait for a mark to be made.
    return judge(submission, assignment, replace(execution, records=()), evidence)


def judge(
    submission: Submission, assignment: Assignment, execution: Execution, evidence: Evidence
) -> Run:
    """Judge what was observed while the notebook ran."""
    stopped = stopped_steps(submission, execution)
    results = run_checks(
        assignment.checks,
        evidence,
        not_attempted=not_attempted(submission),
        stopped=stopped,
        void=_misnamed(evidence, stopped, assignment.table.recipe),
    )
    if Step.TRAIN in stopped and stopped[Step.TRAIN].name == "TimedOut":
        results = tuple(map(_without_numbers, results))
    return Run(submission, execution, evidence, step_marks(results), stopped)


def suspicions_of(run: Run) -> Iterator[Message]:
    """Signs that a person has to look at what this notebook does."""
    yield from run.execution.suspicions
    for fault in run.evidence.faults[:1]:
        yield say("The recorder had trouble with this notebook: {fault}", fault=fault)
    if run.evidence.too_large:
        yield say(
            "What was recorded of this notebook is more than can be read: a person has to look."
        )
    elif run.evidence.unread:
        yield say("What was observed of this notebook could not be read: a person has to look.")
    if run.evidence.contradicts_itself:
        yield say("What was recorded of the training does not fit together.")
    if run.evidence.replaced:
        names = ", ".join(run.evidence.replaced)
        yield say("The notebook replaces parts of torch: {names}.", names=names)


def _without_numbers(result: CheckResult) -> CheckResult:
    """How far a training got before its time was up depends on the machine: nothing to tell."""
    if result.step not in (Step.TRAIN, Step.RESULT):
        return result
    return replace(result, judgement=replace(result.judgement, expected=None, actual=None))


def not_attempted(submission: Submission) -> frozenset[Step]:
    """The steps that nothing was done for; without training there is no result either."""
    missing = {s for s in CODE_STEPS if s in submission.unchanged or s not in submission.steps}
    return frozenset(missing | ({Step.RESULT} if Step.TRAIN in missing else set()))


def _misnamed(
    evidence: Evidence, stopped: Mapping[Step, CellError], recipe: Recipe
) -> Mapping[Step, Message]:
    """Steps whose result a later cell looks for in vain, because it has another name there."""
    names = {role: name for part in evidence.parts() for role, name in part.names.items()}
    looked_for = {
        (step, match.group(1))
        for step, error in stopped.items()
        if (match := MISSING_NAME.search(error.value)) is not None
    }
    return {
        step: say(
            "A later cell looks for `{role}`, which this cell calls `{name}`.",
            role=role,
            name=names[role],
        )
        for step, roles in recipe.roles.items()
        for role in roles
        if names.get(role, role) != role
        and any(name == role and later is not step for later, name in looked_for)
    }


def stopped_steps(submission: Submission, execution: Execution) -> Mapping[Step, CellError]:
    """The first exception in each step's own cells."""
    errors = {run.cell: run.error for run in reversed(execution.runs) if run.error is not None}
    return {
        step: errors[number]
        for step, numbers in submission.steps.items()
        for number in reversed(numbers)
        if number in errors
    }
