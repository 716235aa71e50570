"""Says why a step could not be observed, if that is not a mistake of the step itself.

The run ended early, or an answer of the recorder did not arrive. What was not observed is not a
zero: an instructor has to look. A limit that a step's own cell runs into is caused by that cell,
and what it costs is reported as such.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from grader.evidence import (
    DataPart,
    LossPart,
    ModelPart,
    OptimizerPart,
    PlainPart,
    ResultPart,
    TrainPart,
    TransferPart,
)
from grader.judging.judged_run import not_attempted
from grader.language.messages import Message, say
from grader.models import CODE_STEPS, STEP_TITLES, Outcome, Step, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from grader.evidence import ModelSeen, Part
    from grader.facts import Facts
    from grader.judging.judged_run import JudgedRun
    from grader.models import CheckResult, StepMark, Submission

DIED = "KernelDied"
ENDS = (DIED, "OutOfMemory", "TooManyProcesses", "TimedOut")
EARLY = (Outcome.KERNEL_DIED, Outcome.OUT_OF_MEMORY, Outcome.TIMED_OUT)

OWN: Final[Mapping[Step, type[Part]]] = {
    Step.DATA: DataPart,
    Step.MODEL: ModelPart,
    Step.LOSS: LossPart,
    Step.OPTIMIZER: OptimizerPart,
    Step.TRAIN: TrainPart,
    Step.RESULT: ResultPart,
}
# To train once more may take too long; it costs nothing where it was not needed.
ONCE_MORE: Final = (PlainPart, TransferPart)


def unsure_of(submission: Submission, marks: Iterable[StepMark]) -> Iterator[Message]:
    """Why somebody has to look at where the steps were found, if any points are lost by it."""
    if all(mark.verdict is Verdict.PASSED for mark in marks):
        return
    missing = [STEP_TITLES[step] for step in CODE_STEPS if step not in submission.steps]
    if submission.rounds > 1:
        yield say(
            "The notebook holds all steps {count} times, and the last ones were judged. Which of "
            "them are this lesson's, an instructor has to say.",
            count=submission.rounds,
        )
    elif missing and submission.steps and not submission.is_marked:
        yield say(
            "The notebook was not made from the handout, and the step {step} was not found in "
            "it: an instructor has to look.",
            step=missing[0],
        )


def unseen_of(judged: Iterable[tuple[StepMark, JudgedRun]]) -> Iterator[Message]:
    """Why steps were not observed, in the runs that they were judged in."""
    for mark, run in judged:
        if mark.verdict is Verdict.NOT_ASSESSED and run.execution.outcome in EARLY:
            yield from _why(run)
        elif run.execution.outcome not in EARLY and _went_missing(mark, run):
            yield say(
                "Not everything could be observed, although the notebook ran to its end: an "
                "instructor has to look."
            )
        yield from (c.judgement.message for c in mark.checks if _is_doubted(c, run.facts))
        if mark.step is Step.RESULT and mark.verdict is not Verdict.PASSED:
            yield from _silenced(run.facts)


def _is_doubted(check: CheckResult, facts: Facts) -> bool:
    """Whether a check would have passed, had the record been a proof."""
    unsure = check.judgement.verdict is Verdict.NOT_ASSESSED
    return unsure and check.judgement.message == facts.doubt


def _went_missing(mark: StepMark, run: JudgedRun) -> bool:
    """Whether points are lost that an answer of the recorder, which did not come, was due for.

    What was read but does not fit its form is reported separately.
    """
    evidence = run.facts.evidence
    told = evidence.unread or evidence.too_large
    if told or mark.verdict in (Verdict.PASSED, Verdict.NOT_ATTEMPTED):
        return False
    ready = {*run.submission.steps, Step.RESULT} - not_attempted(run.submission)
    if any(OWN[step] not in evidence for step in ready):
        return True
    unsure = any(check.judgement.verdict is Verdict.NOT_ASSESSED for check in mark.checks)
    return unsure and Step.TRAIN in ready and any(kind not in evidence for kind in ONCE_MORE)


def _silenced(facts: Facts) -> Iterator[Message]:
    """A model that answered once and no longer: it may have closed what it needs."""
    first, last = facts.model, facts.trained_model
    if first is None or last is None or _build(first) != _build(last):
        return
    if first.probe.error is None and last.probe.error is not None:
        yield say(
            "The model answered when it was created but gave no answer at the end of the "
            "notebook. What it learned could not be observed, so an instructor has to look."
        )


def _build(model: ModelSeen) -> tuple[str, list[tuple[str, tuple[int, ...]]]]:
    return model.type, [(each.name, tuple(each.shape)) for each in model.parameters]


def _why(run: JudgedRun) -> Iterator[Message]:
    steps = {number for numbers in run.submission.steps.values() for number in numbers}
    ended = [each.error for each in run.execution.runs if each.error and each.error.name in ENDS]
    if any(error.cell in steps and error.name != DIED for error in ended):
        return
    ran = [each.cell for each in run.execution.runs if each.cell > 0]
    cell = next((error.cell for error in reversed(ended) if error.cell > 0), max(ran, default=0))
    yield say(
        "{how} Not everything could be observed, so an instructor has to look.",
        how=_how(ended[-1].name if ended else "", cell, run.execution.outcome),
    )


def _how(name: str, cell: int, outcome: Outcome) -> Message:
    if name == "OutOfMemory":
        return say("Cell {cell} used more memory than a notebook is allowed.", cell=cell)
    if name == "TooManyProcesses":
        return say("Cell {cell} started more processes than a notebook is allowed.", cell=cell)
    if outcome is Outcome.TIMED_OUT:
        return say("The notebook's time was used up in cell {cell}.", cell=cell)
    return say("Python itself ended in cell {cell}.", cell=cell)
