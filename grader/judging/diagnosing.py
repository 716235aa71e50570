"""Asks the catalogue what each failed step behaves like, in the run that it was judged in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.diagnosis import diagnose, not_attempted
from grader.judging.absent import not_found
from grader.models import Diagnosis, Step, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grader.judging.judged_run import JudgedRun
    from grader.models import StepMark


def diagnoses_of(judged: Sequence[tuple[StepMark, JudgedRun]]) -> tuple[Diagnosis, ...]:
    """At most one diagnosis per step; none for a result that the training explains."""
    return tuple(_diagnoses(judged))


def _diagnoses(judged: Sequence[tuple[StepMark, JudgedRun]]) -> Iterator[Diagnosis]:
    idle = False
    trained = all(m.verdict is Verdict.PASSED for m, _ in judged if m.step is Step.TRAIN)
    for mark, run in judged:
        if mark.verdict is Verdict.NOT_ATTEMPTED and not idle:
            idle = True
            cell = max(run.submission.steps.get(mark.step, (0,))) or None
            yield not_found(run.submission, mark.step) or not_attempted(mark.step, cell)
        elif mark.verdict is Verdict.FAILED and (trained or mark.step is not Step.RESULT):
            failed = {c.id for c in mark.checks if c.judgement.verdict is Verdict.FAILED}
            found = diagnose(mark.step, run.facts, frozenset(failed))
            if found is not None:
                yield found
