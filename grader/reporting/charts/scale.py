"""Maps numbers to places in a picture, and chooses the numbers that stand beside an axis."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# Beyond these a range or a power of ten would leave the numbers that a float can hold.
LARGEST: Final = 1e300
SMALLEST: Final = 1e-300

# Of the larger end: of a shorter range a float's sixteen digits leave too few.
_LEAST_SPAN: Final = 1e-9
_ROOM: Final = 0.06
_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_LONGEST_WRITTEN_OUT: Final = 3
_LARGEST_WRITTEN_OUT: Final = 1e5
_RAISED: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


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
        return self.places([value])[0]

    def places(self, values: Iterable[float]) -> list[float]:
        """The same for many values."""
        low, length = self._along(self.low), self._along(self.high) - self._along(self.low)
        start, way = self.start, self.end - self.start
        return [
            round(start + min(1.0, max(0.0, (self._along(value) - low) / length)) * way, 2)
            for value in values
        ]

    def along(self, values: Floats) -> Floats:
        """Where numbers stand, or would stand beyond the ends of a plain axis."""
        return self.start + (values - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self, wanted: int = 5) -> tuple[Tick, ...]:
        """About `wanted` round numbers on the axis."""
        if self.logarithmic:
            return tuple(Tick(self.place(10.0**p), _power_of_ten(p)) for p in self._powers(wanted))
        values = self._rounds(wanted)
        return tuple(map(Tick, self.places(values), _told_apart(values)))

    def _along(self, value: float) -> float:
        return math.log10(max(value, 1e-320)) if self.logarithmic else value

    def _powers(self, wanted: int) -> range:
        first, last = math.ceil(math.log10(self.low)), math.floor(math.log10(self.high))
        return range(first, last + 1, max(1, math.ceil((last - first) / wanted)))

    def _rounds(self, wanted: int) -> list[float]:
        step = _round_step((self.high - self.low) / wanted)
        first, last = math.ceil(self.low / step), math.floor(self.high / step + 1e-9)
        return [n * step for n in range(first, last + 1)]


def is_drawable(value: float) -> bool:
    """Whether a number is finite, and small enough that ranges around it are finite too."""
    return abs(value) <= LARGEST


def widened(low: float, high: float, share: float = _ROOM) -> tuple[float, float]:
    """The range with some room on both sides, and never empty."""
    room = (high - low) * share or max(abs(high), 1.0) * share
    return apart(low - room, high + room)


def apart(low: float, high: float) -> tuple[float, float]:
    """The range, or a longer one where floats have too few numbers in it to be told apart."""
    size = max(abs(low), abs(high), SMALLEST)
    room = 0.0 if high - low >= _LEAST_SPAN * size else _ROOM * size
    return low - room, high + room


def decades(low: float, high: float) -> tuple[float, float]:
    """The powers of ten around a range of positive numbers."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    return 10.0**first, 10.0 ** (last if last > first else first + 1)


def in_short(value: float) -> str:
    """A number as it is written beside an axis or in a sentence: three digits, `inf`, `nan`."""
    rounded = float(f"{value:.3g}")
    if 1 <= abs(rounded) < _LARGEST_WRITTEN_OUT:
        return f"{rounded:g}"
    return re.sub(r"e\+?(-?)0*", r"e\1", f"{value:.3g}")


def _told_apart(values: list[float]) -> list[str]:
    """Numbers with as many digits as it takes to tell them apart, as far as there is room."""
    short = [in_short(value) for value in values]
    for digits in range(4, 8):
        if len(set(short)) == len(values):
            break
        short = [re.sub(r"e\+?(-?)0*", r"e\1", f"{value:.{digits}g}") for value in values]
    return short


def _power_of_ten(power: int) -> str:
    if abs(power) <= _LONGEST_WRITTEN_OUT:
        return f"{10.0**power:g}"
    return "10" + str(power).translate(_RAISED)


def _round_step(at_least: float) -> float:
    power = 10.0 ** math.floor(math.log10(at_least))
    return next(power * s for s in _STEPS if power * s >= at_least * (1 - 1e-9))
