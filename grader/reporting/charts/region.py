"""The calibrated distances around the target of (w, b), as a rectangle in a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.models import Learned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.models import Expectation
    from grader.reporting.charts.scale import Scale


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle in units of the picture."""

    x: float
    y: float
    width: float
    height: float


def corners_of(target: Learned | None, expectation: Expectation | None) -> tuple[Learned, ...]:
    """The lowest and the highest (w, b) of the region: the target twice, where it has no size."""
    if target is None:
        return ()
    w = expectation.w_within if expectation and expectation.w_within else 0.0
    b = expectation.b_within if expectation and expectation.b_within else 0.0
    return (Learned(target.w - w, target.b - b), Learned(target.w + w, target.b + b))


def region_between(corners: Sequence[Learned], x: Scale, y: Scale) -> Region | None:
    """The rectangle between the two corners; None where it has no size."""
    if not corners or corners[0] == corners[1]:
        return None
    low, high = corners
    left, top = x.place(low.w), y.place(high.b)
    return Region(left, top, round(x.place(high.w) - left, 2), round(y.place(low.b) - top, 2))
