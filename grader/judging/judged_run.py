"""One run of a submission, judged: its execution, its evidence and the marks of its steps."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from grader.checks.checking import run_checks
from grader.facts import Code, Facts
from grader.facts.proof import OWN_WAY
from grader.judging.absent import absent
from grader.judging.scoring import step_marks
from grader.judging.stopping import stopped_steps
from grader.language.messages import Message, say
from grader.models import CODE_STEPS, Step
from grader.submission.reaching import reached

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from grader.course.assignment import Assignment
    from grader.evidence import Evidence
    from grader.models import CheckResult, Execution, StepMark, Submission


MISSING_NAME = re.compile(r"^name '(\w+)' is not defined")


@dataclass(frozen=True, slots=True)
class JudgedRun:
    """A submission (perhaps with cells of the reference), what it did, and how that is judged."""

    submission: Submission
    execution: Execution
    facts: Facts
    steps: tuple[StepMark, ...]


def judge(
    submission: Submission,
    assignment: Assignment,
    execution: Execution,
    evidence: Evidence,
    stand_ins: frozenset[int] = frozenset(),
) -> JudgedRun:
    """Judge what was observed while the notebook ran; `stand_ins` are the reference's cells."""
    stopped = stopped_steps(submission, execution, evidence, assignment.table.recipe.roles)
    sources = {cell.number: cell.source for cell in submission.cells}
    facts = Facts(
        evidence, assignment.table.recipe, Code(sources, submission.steps, stopped, stand_ins)
    )
    results = run_checks(
        assignment.checks,
        facts,
        not_attempted=not_attempted(submission),
        void=_misnamed(facts),
        absent=absent(submission),
    )
    if facts.code.error_says(Step.TRAIN, "TimedOut: "):
        results = tuple(map(_without_numbers, results))
    return JudgedRun(submission, execution, facts, step_marks(results))


def suspicions_of(run: JudgedRun) -> Iterator[Message]:
    """Signs that an instructor has to look at what this notebook does."""
    evidence = run.facts.evidence
    yield from run.execution.suspicions
    yield from reached(run.submission.cells)
    if run.facts.doubt is OWN_WAY:
        yield OWN_WAY
    for fault in evidence.faults[:1]:
        yield say("The recorder had trouble with this notebook: {fault}", fault=fault)
    if evidence.too_large:
        yield say("More was recorded of this notebook than can be read: an instructor has to look.")
    elif evidence.unread:
        yield say(
            "What was observed of this notebook could not be read: an instructor has to look."
        )
    if evidence.contradicts_itself:
        yield say("What was recorded of the training does not fit together.")
    if evidence.replaced:
        names = ", ".join(evidence.replaced)
        yield (
            say("The notebook replaces parts of torch: {names}.", names=names)
            if all(name.startswith("torch.") for name in evidence.replaced)
            else say("The notebook replaces what it is watched with: {names}.", names=names)
        )


def _without_numbers(result: CheckResult) -> CheckResult:
    """How far a training got before its time was up depends on the machine: not reported."""
    if result.step not in (Step.TRAIN, Step.RESULT):
        return result
    return replace(result, judgement=replace(result.judgement, expected=None, actual=None))


def not_attempted(submission: Submission) -> frozenset[Step]:
    """The steps that nothing was done for; without training there is no result either."""
    missing = {s for s in CODE_STEPS if s in submission.unchanged or s not in submission.steps}
    return frozenset(missing | ({Step.RESULT} if Step.TRAIN in missing else set()))


def _misnamed(facts: Facts) -> Mapping[Step, Message]:
    """Steps whose result a later cell cannot find, because it has another name there."""
    names = {role: name for part in facts.evidence.parts() for role, name in part.names.items()}
    looked_for = {
        (step, match.group(1))
        for step, error in facts.code.stopped.items()
        if (match := MISSING_NAME.search(error.value)) is not None
    }
    return {
        step: say(
            "A later cell looks for `{role}`, which this cell calls `{name}`.",
            role=role,
            name=names[role],
        )
        for step, roles in facts.recipe.roles.items()
        for role in roles
        if names.get(role, role) != role
        and any(name == role and later is not step for later, name in looked_for)
    }
