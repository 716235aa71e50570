"""Asks the catalogue what each failed step behaves like, in the run that it was judged in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.diagnosis import Facts, diagnose, not_attempted
from grader.models import Diagnosis, Step, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grader.course.lesson import Lesson
    from grader.judging.judged_run import Run
    from grader.models import StepMark


def diagnoses_of(judged: Sequence[tuple[StepMark, Run]], lesson: Lesson) -> tuple[Diagnosis, ...]:
    """At most one diagnosis a step; none for a result that the training explains."""
    return tuple(_diagnoses(judged, lesson))


def _diagnoses(judged: Sequence[tuple[StepMark, Run]], lesson: Lesson) -> Iterator[Diagnosis]:
    idle = False
    trained = all(m.verdict is Verdict.PASSED for m, _ in judged if m.step is Step.TRAIN)
    for mark, run in judged:
        if mark.verdict is Verdict.NOT_ATTEMPTED and not idle:
            idle = True
            yield not_attempted(mark.step, max(run.submission.steps.get(mark.step, (0,))) or None)
        elif mark.verdict is Verdict.FAILED and (trained or mark.step is not Step.RESULT):
            found = diagnose(mark.step, _facts(mark, run, lesson))
            if found is not None:
                yield found


def _facts(mark: StepMark, run: Run, lesson: Lesson) -> Facts:
    failed = {c.id for c in mark.checks if c.judgement.verdict is Verdict.FAILED}
    return Facts(
        seen=run.evidence,
        recipe=lesson.assignment.table.recipe,
        sources={cell.number: cell.source for cell in run.submission.cells},
        steps=run.submission.steps,
        stopped=run.stopped,
        failed=frozenset(failed),
    )
