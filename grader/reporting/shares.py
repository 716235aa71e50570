"""How a class fares with each check, and which check looks as if it were to blame itself."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import correlation
from typing import TYPE_CHECKING, Final

from grader.models import Step, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.language.messages import Message
    from grader.models import CheckResult, Mark

# A student is strong beside a check who has this part of all other points.
_STRONG: Final = 0.8
_ENOUGH_STUDENTS: Final = 5
_SUSPICIOUS_PART: Final = 0.25
# With fewer students, or fewer on one side, chance alone decides how a check discriminates.
_ENOUGH_TO_COMPARE: Final = 10
_FEWEST_ON_A_SIDE: Final = 3
_STANDARD_ERRORS: Final = 2
_ORDER: Final = {step: place for place, step in enumerate(Step)}


@dataclass(frozen=True, slots=True)
class CheckShare:
    """How many of those who were judged by a check passed it.

    `strong` counts the students who are right nearly everywhere else, `puzzled` those of them who
    failed here although no known mistake explains it. `discrimination` is the correlation between
    passing here and the points in all other checks (point-biserial): 1 where only strong students
    pass, 0 where it tells nothing, below 0 where weak ones pass it rather; None where there are too
    few students to tell.
    """

    id: str
    step: Step
    sentence: Message
    passed: int
    count: int
    strong: int
    puzzled: int
    discrimination: float | None

    @property
    def share(self) -> float:
        """The part that passed, from 0 to 1."""
        return self.passed / self.count

    @property
    def suspect(self) -> bool:
        """Whether the check itself may be wrong."""
        return self.puzzling or self.inverted

    @property
    def inverted(self) -> bool:
        """Whether weak students pass it rather than strong ones, by more than chance."""
        return self.discrimination is not None and self.discrimination < -_STANDARD_ERRORS / sqrt(
            self.count
        )

    @property
    def puzzling(self) -> bool:
        """Whether many strong students fail it for no known reason."""
        return self.strong >= _ENOUGH_STUDENTS and self.puzzled / self.strong >= _SUSPICIOUS_PART


def check_shares(marks: Sequence[Mark]) -> tuple[CheckShare, ...]:
    """One entry for each check, in the order of the steps."""
    judged = [
        _Judged(check, mark, points, most)
        for mark, points, most in ((mark, mark.points, mark.max_points) for mark in marks)
        for step in mark.steps
        for check in step.checks
    ]
    by_id: dict[str, list[_Judged]] = {}
    for one in sorted(judged, key=lambda one: _ORDER[one.check.step]):
        by_id.setdefault(one.check.id, []).append(one)
    return tuple(_share(of_one) for of_one in by_id.values())


@dataclass(frozen=True, slots=True)
class _Judged:
    """A check with the mark that it is part of, and what that is in all."""

    check: CheckResult
    mark: Mark
    points: float
    most: float


def _share(judged: Sequence[_Judged]) -> CheckShare:
    first = judged[0].check
    strong = [one for one in judged if _is_strong(one)]
    return CheckShare(
        id=first.id,
        step=first.step,
        sentence=first.sentence,
        passed=sum(one.check.judgement.verdict is Verdict.PASSED for one in judged),
        count=len(judged),
        strong=len(strong),
        puzzled=sum(_is_puzzled(one.check, one.mark) for one in strong),
        discrimination=_discrimination(judged),
    )


def _discrimination(judged: Sequence[_Judged]) -> float | None:
    passed = [float(one.check.judgement.verdict is Verdict.PASSED) for one in judged]
    others = [one.points - one.check.points for one in judged]
    sides = min(sum(passed), len(passed) - sum(passed))
    if len(judged) < _ENOUGH_TO_COMPARE or sides < _FEWEST_ON_A_SIDE or len(set(others)) == 1:
        return None
    return correlation(passed, others)


def _is_strong(one: _Judged) -> bool:
    others = one.most - one.check.max_points
    return others > 0 and one.points - one.check.points >= _STRONG * others


def _is_puzzled(check: CheckResult, mark: Mark) -> bool:
    # Whatever was wrong before explains a result that is off.
    explained = any(d.step is check.step for d in mark.diagnoses) or (
        check.step is Step.RESULT and bool(mark.diagnoses)
    )
    return check.judgement.verdict is Verdict.FAILED and not explained
