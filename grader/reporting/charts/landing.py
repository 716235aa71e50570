"""Where a whole class ended up in w and b, with words that say the same."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

from grader.language.messages import Message, say
from grader.models import Learned
from grader.reporting.charts.region import corners_of, region_between
from grader.reporting.charts.scale import Scale, Tick, is_drawable, widened
from grader.reporting.charts.training import BOTTOM, LEFT, RIGHT, TOP, Dot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.models import Expectation
    from grader.reporting.charts.region import Region

# In w and in b. Honest training of the first lessons ends within 1 of the target.
_NEAR: Final = 5.0


@dataclass(frozen=True, slots=True)
class LandingChart:
    """The w and b that each student ended up with, and those that were to be found.

    `strays` are at the edge of the picture, since they are too far away to be drawn.
    """

    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    dots: tuple[Dot, ...]
    strays: tuple[Dot, ...]
    region: Region | None
    target: Dot | None
    summary: Message


def landing_chart(
    landings: Sequence[Learned], target: Learned | None, expectation: Expectation | None = None
) -> LandingChart | None:
    """Draw the learned lines of a class; None where there is none that could be drawn."""
    lines = [line for line in landings if is_drawable(line.w) and is_drawable(line.b)]
    if not lines:
        return None
    centre = target or Learned(median(p.w for p in lines), median(p.b for p in lines))
    near = [p for p in lines if max(abs(p.w - centre.w), abs(p.b - centre.b)) <= _NEAR]
    far = [p for p in lines if p not in near]
    corners = corners_of(target, expectation)
    shown = [*near, centre, *corners]
    x = Scale(*widened(min(p.w for p in shown), max(p.w for p in shown), 0.15), LEFT, RIGHT)
    y = Scale(*widened(min(p.b for p in shown), max(p.b for p in shown), 0.15), BOTTOM, TOP)
    return LandingChart(
        x_ticks=x.ticks(),
        y_ticks=y.ticks(),
        dots=tuple(Dot(x.place(p.w), y.place(p.b)) for p in near),
        strays=tuple(Dot(x.place(p.w), y.place(p.b)) for p in far),
        region=region_between(corners, x, y),
        target=Dot(x.place(target.w), y.place(target.b)) if target else None,
        summary=say(
            "Students who learned a line: {count}. Outside the picture: {beyond}.",
            count=len(landings),
            beyond=len(landings) - len(near),
        ),
    )
