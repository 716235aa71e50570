"""What is expected of honest training, as plain values for the charts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LossRange:
    """Between which losses honest training is at the beginning of an epoch (counted from 1)."""

    epoch: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class BoundaryExpected:
    """Where honest training turns from no to yes: `within` a distance of the threshold.

    `losses` are the least and the most that it leaves; both None where they were never calibrated.
    """

    threshold: float
    within: float | None = None
    losses: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """Where honest training of an assignment leads, for the charts.

    `share` of it is inside of `losses` in each epoch; `w_within`, `b_within` are the calibrated
    distances from the target, None where they were never calibrated. `boundary` is there where a
    threshold is to be found, `accuracy` where an exam is sat: the least share of right answers.
    """

    losses: tuple[LossRange, ...] = ()
    share: float = 0.0
    w_within: float | None = None
    b_within: float | None = None
    boundary: BoundaryExpected | None = None
    accuracy: float | None = None
