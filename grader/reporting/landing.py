"""Where a whole class ended up in w and b, with words that say the same."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

from grader.messages import Message, say
from grader.models import Learned
from grader.reporting.charts import BOTTOM, LEFT, RIGHT, TOP, Dot
from grader.reporting.scale import Scale, Tick, is_drawable, widened

if TYPE_CHECKING:
    from collections.abc import Sequence

# In w and in b. Honest training of the first lessons ends within 1 of the target.
_NEAR: Final = 5.0


@dataclass(frozen=True, slots=True)
class LandingChart:
    """The w and b that each student ended up with, and those that were to be found."""

    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    dots: tuple[Dot, ...]
    target: Dot | None
    summary: Message


def landing_chart(landings: Sequence[Learned], target: Learned | None) -> LandingChart | None:
    """Draw the learned lines of a class; None where there is none that could be drawn."""
    lines = [line for line in landings if is_drawable(line.w) and is_drawable(line.b)]
    if not lines:
        return None
    centre = target or Learned(median(p.w for p in lines), median(p.b for p in lines))
    near = [p for p in lines if max(abs(p.w - centre.w), abs(p.b - centre.b)) <= _NEAR]
    shown = [*near, centre]
    x = Scale(*widened(min(p.w for p in shown), max(p.w for p in shown), 0.15), LEFT, RIGHT)
    y = Scale(*widened(min(p.b for p in shown), max(p.b for p in shown), 0.15), BOTTOM, TOP)
    return LandingChart(
        x_ticks=x.ticks(),
        y_ticks=y.ticks(),
        dots=tuple(Dot(x.place(p.w), y.place(p.b)) for p in near),
        target=Dot(x.place(target.w), y.place(target.b)) if target else None,
        summary=say(
            "Students who learned a line: {count}. Too far away to be drawn: {beyond}.",
            count=len(landings),
            beyond=len(landings) - len(near),
        ),
    )
