"""The pictures of a student's page as plain geometry, each with words that say what it shows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from grader.language.messages import Message, say, say_count
from grader.reporting.charts.scale import (
    SMALLEST,
    Scale,
    Tick,
    decades,
    in_short,
    is_drawable,
    widened,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.models import Expectation, Figures, Learned, LossRange

WIDTH: Final = 360
HEIGHT: Final = 250
LEFT, RIGHT, TOP, BOTTOM = 48, 344, 12, 212
_MOST_POINTS: Final = 400


class LineKind(StrEnum):
    """Which line of the data picture: each is drawn in its own way."""

    TARGET = "target"
    START = "start"
    LEARNED = "learned"


@dataclass(frozen=True, slots=True)
class Dot:
    """A place in a picture."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Segment:
    """A line across a picture, cut off at its frame; `label` is its entry in the legend."""

    kind: LineKind
    label: Message
    start: Dot
    end: Dot


@dataclass(frozen=True, slots=True)
class LossChart:
    """The losses one by one; on a logarithmic axis wherever no loss is negative.

    `band` is where `percent` of honest trainings are, "" where that is unknown or these are not
    the losses of epochs.
    """

    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    path: str
    logarithmic: bool
    by_epoch: bool
    summary: Message
    band: str = ""
    percent: int = 0


@dataclass(frozen=True, slots=True)
class DataChart:
    """The data points with the lines that belong to them."""

    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    dots: tuple[Dot, ...]
    lines: tuple[Segment, ...]
    summary: Message


def loss_chart(figures: Figures, expectation: Expectation | None = None) -> LossChart | None:
    """Draw the recorded losses; None where fewer than two of them are finite."""
    known = [(n, loss) for n, loss in enumerate(figures.losses, 1) if is_drawable(loss)]
    if len(known) < 2:
        return None
    losses = [loss for _, loss in known]
    # A loss of exactly zero is no reason to give up the axis: it stands at the bottom.
    positive = [loss for loss in losses if loss >= SMALLEST]
    logarithmic = min(losses) >= 0 and bool(positive)
    expected = expectation if figures.by_epoch and logarithmic else None
    ranges = expected.losses if expected else ()
    y_low, y_high = (
        decades(*_reach(positive, ranges)) if logarithmic else widened(min(losses), max(losses))
    )
    x = Scale(1, max([len(figures.losses), *(r.epoch for r in ranges)]), LEFT, RIGHT)
    y = Scale(y_low, y_high, BOTTOM, TOP, logarithmic)
    drawn = _thinned(known)
    at = zip(x.places(n for n, _ in drawn), y.places(loss for _, loss in drawn), strict=True)
    corners = (f"{across} {down}" for across, down in at)
    summary = _loss_summary(figures, known[-1])
    return LossChart(
        x_ticks=x.ticks(),
        y_ticks=y.ticks(),
        path="M" + "L".join(corners),
        logarithmic=logarithmic,
        by_epoch=figures.by_epoch,
        summary=_beside(summary, figures, expected) if expected and ranges else summary,
        band=_band(ranges, x, y),
        percent=round(100 * expected.share) if expected else 0,
    )


def data_chart(figures: Figures, target: Learned | None) -> DataChart | None:
    """Draw the data with the learned line, the target and the start; None without data."""
    points = [(x, y) for x, y in figures.cards if is_drawable(x) and is_drawable(y)]
    if not points:
        return None
    x_low, x_high = widened(min(x for x, _ in points), max(x for x, _ in points))
    y_low, y_high = _heights([y for _, y in points], (x_low, x_high), (target, figures.start))
    x, y = Scale(x_low, x_high, LEFT, RIGHT), Scale(y_low, y_high, BOTTOM, TOP)
    wanted = (
        (LineKind.TARGET, say("target line"), target),
        (LineKind.START, say("your line before training"), figures.start),
        (LineKind.LEARNED, say("your line after training"), figures.learned),
    )
    drawn = (_segment(kind, label, line, x, y) for kind, label, line in wanted if line)
    lines = tuple(segment for segment in drawn if segment)
    return DataChart(
        x_ticks=x.ticks(),
        y_ticks=y.ticks(),
        dots=tuple(Dot(x.place(at), y.place(value)) for at, value in _thinned(points)),
        lines=lines,
        summary=_with_beyond(
            _data_summary(len(points), target, figures.learned),
            bool(figures.learned) and LineKind.LEARNED not in {line.kind for line in lines},
        ),
    )


def equation(line: Learned) -> str:
    """The line as it is written in the course: y = 2x + 1."""
    sign = "-" if line.b < 0 else "+"
    return f"y = {in_short(line.w)}x {sign} {in_short(abs(line.b))}"


def _reach(losses: Sequence[float], ranges: Sequence[LossRange]) -> tuple[float, float]:
    """The axis shows all losses, and of what was expected no more than a decade below them."""
    lowest, highest = min(losses), max(losses)
    return (
        min([lowest, *(max(r.low, lowest / 10) for r in ranges)]),
        max([highest, *(r.high for r in ranges)]),
    )


def _band(ranges: Sequence[LossRange], x: Scale, y: Scale) -> str:
    if not ranges:
        return ""
    across = x.places(r.epoch for r in ranges)
    high, low = y.places(r.high for r in ranges), y.places(r.low for r in ranges)
    there = [f"{a} {b}" for a, b in zip(across, high, strict=True)]
    back = [f"{a} {b}" for a, b in zip(reversed(across), reversed(low), strict=True)]
    return f"M{'L'.join([*there, *back])}Z"


def _beside(summary: Message, figures: Figures, expectation: Expectation) -> Message:
    """The summary, and where the curve is at the end beside what was expected there."""
    end = min(expectation.losses, key=lambda r: abs(r.epoch - len(figures.losses)))
    last = figures.losses[end.epoch - 1] if end.epoch <= len(figures.losses) else figures.losses[-1]
    if last > end.high:
        where = say("In epoch {epoch} it is above the band.", epoch=end.epoch)
    elif last < end.low:
        where = say("In epoch {epoch} it is below the band.", epoch=end.epoch)
    elif last == last:
        where = say("In epoch {epoch} it is inside the band.", epoch=end.epoch)
    else:
        return summary
    return say("{first} {second}", first=summary, second=where)


def _loss_summary(figures: Figures, last_known: tuple[int, float]) -> Message:
    losses, (number, loss) = figures.losses, last_known
    first, last = in_short(losses[0]), in_short(loss)
    if number < len(losses) and figures.by_epoch:
        return say(
            "The loss begins at {first}; after epoch {epoch} it is no longer a finite number.",
            first=first,
            epoch=number,
        )
    if number < len(losses):
        return say(
            "The loss begins at {first}; after loss {number} it is no longer a finite number.",
            first=first,
            number=number,
        )
    if figures.by_epoch:
        return say(
            "The loss goes from {first} in the first epoch to {last} in epoch {epoch}.",
            first=first,
            last=last,
            epoch=number,
        )
    return say(
        "The loss goes from {first} at first to {last} at last; {count} losses were kept.",
        first=first,
        last=last,
        count=number,
    )


def _data_summary(count: int, target: Learned | None, learned: Learned | None) -> Message:
    points = say_count(count, "{count} data point.", "{count} data points.")
    return say("{first} {second}", first=points, second=_lines(target, learned))


def _lines(target: Learned | None, learned: Learned | None) -> Message:
    if learned and target:
        return say(
            "After training your line is {learned}; the target is {target}.",
            learned=equation(learned),
            target=equation(target),
        )
    if learned:
        return say("After training your line is {learned}.", learned=equation(learned))
    return say("No line was learned.")


def _with_beyond(summary: Message, beyond: bool) -> Message:
    if not beyond:
        return summary
    more = say("Your line lies outside the picture.")
    return say("{first} {second}", first=summary, second=more)


def _heights(
    values: Sequence[float], ends: tuple[float, float], lines: Sequence[Learned | None]
) -> tuple[float, float]:
    low, high = widened(min(values), max(values))
    reach = high - low
    reached = [line.w * at + line.b for line in lines if line for at in ends]
    # A line far away from the data would press the data into a stripe.
    near = [height for height in reached if low - reach <= height <= high + reach]
    return widened(min([*values, *near]), max([*values, *near]))


def _segment(kind: LineKind, label: Message, line: Learned, x: Scale, y: Scale) -> Segment | None:
    if not (is_drawable(line.w) and is_drawable(line.b)):
        return None
    ends = _within(line, x, y)
    if ends is None:
        return None
    first, last = (Dot(x.place(at), y.place(line.w * at + line.b)) for at in ends)
    return Segment(kind, label, first, last)


def _within(line: Learned, x: Scale, y: Scale) -> tuple[float, float] | None:
    """The x between which the line stays inside the frame."""
    if line.w == 0:
        return (x.low, x.high) if y.low <= line.b <= y.high else None
    crossings = sorted(((y.low - line.b) / line.w, (y.high - line.b) / line.w))
    first, last = max(x.low, crossings[0]), min(x.high, crossings[1])
    return (first, last) if first < last else None


def _thinned(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    if len(points) <= _MOST_POINTS:
        return list(points)
    stride = (len(points) - 1) / (_MOST_POINTS - 1)
    return [points[round(n * stride)] for n in range(_MOST_POINTS)]
