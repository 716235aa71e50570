"""What must be the same in two marks of one notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.models import Mark


def decided(mark: Mark) -> tuple[object, ...]:
    """All that is decided in a mark, but for the last digits of numbers in its sentences.

    Those of torch.linalg.lstsq hang on where in memory its arguments happen to lie.
    """
    checks = [
        (check.id, check.judgement.verdict, check.points)
        for step in mark.steps
        for check in step.checks
    ]
    return mark.withheld, checks, [diagnosis.id for diagnosis in mark.diagnoses]
