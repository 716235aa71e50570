"""Maps numbers to places in a picture, and chooses the numbers that stand beside an axis."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: its place in the picture and the number beside it."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from `low` to `high`, drawn from `start` to `end` (in units of the picture)."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def place(self, value: float) -> float:
        """Where `value` stands; values beyond the axis stand at its end."""
        low, high, at = self._along(self.low), self._along(self.high), self._along(value)
        share = min(1.0, max(0.0, (at - low) / (high - low)))
        return round(self.start + share * (self.end - self.start), 2)

    def ticks(self, wanted: int = 5) -> tuple[Tick, ...]:
        """About `wanted` round numbers on the axis."""
        values = self._decades(wanted) if self.logarithmic else self._rounds(wanted)
        return tuple(Tick(self.place(value), in_short(value)) for value in values)

    def _along(self, value: float) -> float:
        return math.log10(max(value, 1e-320)) if self.logarithmic else value

    def _decades(self, wanted: int) -> list[float]:
        first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
        stride = max(1, math.ceil((last - first) / wanted))
        powers = range(first, last + 1, stride)
        return [v for v in (10.0**p for p in powers) if self.low <= v <= self.high]

    def _rounds(self, wanted: int) -> list[float]:
        step = _round_step((self.high - self.low) / wanted)
        first, last = math.ceil(self.low / step), math.floor(self.high / step + 1e-9)
        return [n * step for n in range(first, last + 1)]


def widened(low: float, high: float, share: float = 0.06) -> tuple[float, float]:
    """The range with some room on both sides, and never empty."""
    room = (high - low) * share or max(abs(high), 1.0) * share
    return low - room, high + room


def decades(low: float, high: float) -> tuple[float, float]:
    """The powers of ten around a range of positive numbers."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    return 10.0**first, 10.0 ** (last if last > first else first + 1)


def in_short(value: float) -> str:
    """A number as it is written beside an axis or in a sentence: three digits at most."""
    if not math.isfinite(value):
        return "∞" if value == math.inf else "-∞" if value == -math.inf else "nan"
    return f"{value:.3g}".replace("e-0", "e-").replace("e+0", "e")


def _round_step(at_least: float) -> float:
    power = 10.0 ** math.floor(math.log10(at_least))
    return next(power * s for s in _STEPS if power * s >= at_least * (1 - 1e-9))
