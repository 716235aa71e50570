"""How the marks of a class are spread, as bars with words that say the same."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

from grader.language.messages import Message, say
from grader.reporting.charts.training import RIGHT
from grader.reporting.wording import in_full

if TYPE_CHECKING:
    from collections.abc import Sequence

_BARS: Final = 11
_LEFT: Final = 8
CEILING: Final = 22
FLOOR: Final = 200


@dataclass(frozen=True, slots=True)
class Bar:
    """What lies from `low` percent up to the next bar; the last bar is 100 percent alone."""

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
    floor: int = FLOOR
    height: int = FLOOR + 24


def histogram(percents: Sequence[float]) -> Histogram | None:
    """Draw how marks (0 to 100 percent) are spread; None where there is no mark."""
    if not percents:
        return None
    counts = [0] * _BARS
    for percent in percents:
        counts[min(_BARS - 1, max(0, int(percent // 10)))] += 1
    bars = bars_of(counts, [n * 10 for n in range(_BARS)], _LEFT)
    summary = say(
        "Marks: {count}. Half of them are at {median} percent or above; the lowest is {lowest}, "
        "the highest {highest}.",
        count=len(percents),
        median=in_full(round(median(percents), 1)),
        lowest=in_full(round(min(percents), 1)),
        highest=in_full(round(max(percents), 1)),
    )
    return Histogram(bars, summary)


def bars_of(counts: Sequence[int], lows: Sequence[int], left: float) -> tuple[Bar, ...]:
    """Bars side by side from `left` to the right edge, the highest up to the ceiling."""
    pitch = (RIGHT - left) / len(counts)
    return tuple(
        Bar(
            low=low,
            count=count,
            x=round(left + n * pitch, 2),
            top=round(FLOOR - (FLOOR - CEILING) * count / max(counts), 2),
            width=round(pitch - 4, 2),
        )
        for n, (low, count) in enumerate(zip(lows, counts, strict=True))
    )
