"""A preview in lines of plain text, for terminals and for notebooks without HTML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.language.messages import say
from grader.models import STEP_TITLES, CellKind, Outcome, Step, Verdict
from grader.preview.verdicts import left_open, shown_verdict
from grader.reporting.wording import OUTCOME_SENTENCES, VERDICT_SIGNS, VERDICT_WORDS
from grader.submission import others_imported

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.language.messages import Message
    from grader.models import CheckResult, Diagnosis, StepMark
    from grader.preview.verdicts import Preview


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `verdict` gives a step's line its colour."""

    message: Message
    indent: int = 0
    verdict: Verdict | None = None


def lines_of(preview: Preview, marks: tuple[StepMark, ...], *, live: bool) -> Iterator[Line]:
    """What to say about these steps; in a `live` notebook cells are called In [n]."""
    idle = mended_first = False
    for mark in marks:
        verdict = shown_verdict(mark)
        head = say(
            "{sign} {step}: {word}",
            sign=VERDICT_SIGNS[verdict],
            step=STEP_TITLES[mark.step],
            word=VERDICT_WORDS[verdict],
        )
        yield Line(head, verdict=verdict)
        named = [d for d in preview.graded.mark.diagnoses if d.step is mark.step]
        for diagnosis in named:
            yield from _diagnosis(diagnosis, live=live)
        # The steps are done in order: what comes after an empty one can wait, and a result is
        # explained by what led to it.
        explained = idle or (mark.step is Step.RESULT and mended_first)
        if not named and not explained and verdict in (Verdict.FAILED, Verdict.NOT_ATTEMPTED):
            yield from _findings(mark)
        mended_first = mended_first or verdict is Verdict.FAILED
        idle = idle or verdict is Verdict.NOT_ATTEMPTED
    if reason := preview.graded.mark.withheld_reason:
        yield Line(reason)
    yield from _open([check for mark in marks for check in left_open(mark)])
    yield from _packages(preview)


def outcome_of(preview: Preview) -> Iterator[Line]:
    """How the run ended, if it did not finish."""
    graded = preview.graded
    if graded.outcome in OUTCOME_SENTENCES:
        yield Line(OUTCOME_SENTENCES[graded.outcome])
    error = graded.execution.error if graded.execution is not None else None
    if error is not None and graded.outcome is Outcome.RAISED:
        where = place(error.cell, error.line, live=False)
        said = say("{name}: {value}", name=error.name, value=error.value)
        yield Line(say("{place}: {error}", place=where, error=said), 1)


def place(cell: int, line: int | None, *, live: bool) -> Message:
    """Where in the notebook something is."""
    if live:
        return (
            say("In [{cell}], line {line}", cell=cell, line=line)
            if line
            else say("In [{cell}]", cell=cell)
        )
    if line:
        return say("Cell {cell}, line {line}", cell=cell, line=line)
    return say("Cell {cell}", cell=cell)


def _diagnosis(diagnosis: Diagnosis, *, live: bool) -> Iterator[Line]:
    if diagnosis.cell is None:
        yield Line(diagnosis.message, 1)
    else:
        where = place(diagnosis.cell, diagnosis.line, live=live)
        yield Line(say("{message} ({place})", message=diagnosis.message, place=where), 1)
    yield Line(say("Try this: {hint}", hint=diagnosis.hint), 1)


def _findings(mark: StepMark) -> Iterator[Line]:
    told: list[Message] = []
    for check in mark.checks:
        judgement = check.judgement
        if judgement.verdict not in (Verdict.FAILED, Verdict.NOT_ATTEMPTED):
            continue
        if judgement.message in told:
            continue
        told.append(judgement.message)
        yield Line(judgement.message, 1)
        if judgement.expected is not None:
            yield Line(say("Expected: {it}", it=judgement.expected), 2)
        if judgement.actual is not None:
            yield Line(say("Yours: {it}", it=judgement.actual), 2)
        if judgement.hint is not None:
            yield Line(say("Try this: {hint}", hint=judgement.hint), 1)


def _packages(preview: Preview) -> Iterator[Line]:
    """The packages that are here and perhaps not where the notebook will be graded."""
    cells = preview.graded.submission.cells
    sources = (cell.source for cell in cells if cell.kind is CellKind.CODE)
    if others := others_imported(sources):
        yield Line(
            say(
                "Your notebook imports {packages}: your teacher's machine may lack it. Where a "
                "step can do without, leave it out.",
                packages=", ".join(others),
            )
        )


def _open(checks: list[CheckResult]) -> Iterator[Line]:
    """What only the instructor's run judges, grouped by the reason."""
    reasons = dict.fromkeys(check.judgement.message for check in checks)
    if reasons:
        yield Line(say("Only your instructor's run can judge for certain:"))
    for reason in reasons:
        for check in checks:
            if check.judgement.message == reason:
                yield Line(say("- {sentence}", sentence=check.sentence), 1)
        yield Line(reason, 2)
