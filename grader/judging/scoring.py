"""Check results to points, and whether a person has to look before they count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.language.messages import say
from grader.models import Mark, Step, StepMark, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grader.language.messages import Message
    from grader.models import CheckResult, Diagnosis


def step_marks(
    results: Iterable[CheckResult], followed_through: frozenset[Step] = frozenset()
) -> tuple[StepMark, ...]:
    """The results gathered by step, in the order of the steps."""
    by_step: dict[Step, list[CheckResult]] = {}
    for result in results:
        by_step.setdefault(result.step, []).append(result)
    return tuple(
        StepMark(step, tuple(by_step[step]), step in followed_through)
        for step in Step
        if step in by_step
    )


def score(
    steps: Sequence[StepMark],
    diagnoses: Sequence[Diagnosis] = (),
    suspicions: Sequence[Message] = (),
) -> Mark:
    """The mark; withheld where a check broke or where something spoke in the recorder's place."""
    broken = [c.id for s in steps for c in s.checks if c.judgement.verdict is Verdict.ERROR]
    reason = None
    if broken:
        reason = say("A check broke and has to be mended: {checks}.", checks=", ".join(broken))
    elif suspicions:
        reason = suspicions[0]
    return Mark(tuple(steps), tuple(diagnoses), reason)
