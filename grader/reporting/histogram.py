"""How the marks of a class are spread, as bars with words that say the same."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

from grader.messages import Message, say
from grader.reporting.charts import RIGHT
from grader.reporting.wording import in_full

if TYPE_CHECKING:
    from collections.abc import Sequence

_BARS: Final = 11
_LEFT: Final = 8
_CEILING: Final = 22
_FLOOR: Final = 200


@dataclass(frozen=True, slots=True)
class Bar:
    """The marks from `low` percent up to the next bar; the last bar is full marks alone."""

    low: int
    count: int
    x: float
    top: float
    width: float


@dataclass(frozen=True, slots=True)
class Histogram:
    """The bars, standing on `floor`; the picture is `height` high."""

    bars: tuple[Bar, ...]
    summary: Message
    floor: int = _FLOOR
    height: int = _FLOOR + 24


def histogram(percents: Sequence[float]) -> Histogram | None:
    """Draw how marks (0 to 100 percent) are spread; None where there is no mark."""
    if not percents:
        return None
    counts = [0] * _BARS
    for percent in percents:
        counts[min(_BARS - 1, max(0, int(percent // 10)))] += 1
    pitch = (RIGHT - _LEFT) / _BARS
    bars = tuple(
        Bar(
            low=n * 10,
            count=count,
            x=round(_LEFT + n * pitch, 2),
            top=round(_FLOOR - (_FLOOR - _CEILING) * count / max(counts), 2),
            width=round(pitch - 4, 2),
        )
        for n, count in enumerate(counts)
    )
    summary = say(
        "Marks: {count}. Half of them are at {median} percent or above; the lowest is {lowest}, "
        "the highest {highest}.",
        count=len(percents),
        median=in_full(round(median(percents), 1)),
        lowest=in_full(round(min(percents), 1)),
        highest=in_full(round(max(percents), 1)),
    )
    return Histogram(bars, summary)
