"""The path of (w, b) over the landscape of the loss, as plain geometry with a description."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from grader.language.messages import Message, say
from grader.reporting.charts.region import corners_of, region_between
from grader.reporting.charts.scale import Scale, Tick, in_short, is_drawable, widened
from grader.reporting.charts.training import BOTTOM, LEFT, RIGHT, TOP, Dot

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grader.models import Expectation, Figures, Learned
    from grader.reporting.charts.region import Region

# In w and in b. Honest training of the first lessons stays within 3 of the target.
_NEAR: Final = 6.0
_MOST_RINGS: Final = 9
# From ring to ring, the loss above the best possible one is so many times lower.
RING_FACTOR: Final = 4
_CORNERS: Final = 48
_MOST_DOTS: Final = 40
_FLAT: Final = 1e-9
# Their squares still have to be numbers.
_LARGEST_CARD: Final = 1e9


@dataclass(frozen=True, slots=True)
class DescentChart:
    """Where w and b went; the rings are lines of equal loss on the student's own examples.

    `end` is None if the path leaves the picture.
    """

    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    rings: tuple[str, ...]
    region: Region | None
    path: str
    dots: tuple[Dot, ...]
    start: Dot
    end: Dot | None
    target: Dot | None
    summary: Message


def descent_chart(
    figures: Figures, target: Learned | None, expectation: Expectation | None
) -> DescentChart | None:
    """Draw the path of the parameters; None if it is unknown, or none of it is near."""
    path = [line for line in figures.path if is_drawable(line.w) and is_drawable(line.b)]
    if not path:
        return None
    centre = target or path[-1]
    inside = _first_part(path, centre)
    if not inside:
        return None
    corners = corners_of(target, expectation)
    x = _scale([p.w for p in (*inside, *corners)], LEFT, RIGHT)
    y = _scale([p.b for p in (*inside, *corners)], BOTTOM, TOP)
    across, down = x.places(p.w for p in inside), y.places(p.b for p in inside)
    places = [Dot(*at) for at in zip(across, down, strict=True)]
    whole = len(inside) == len(figures.path)
    return DescentChart(
        x_ticks=x.ticks(),
        y_ticks=y.ticks(),
        rings=tuple(_rings(figures.cards, x, y)),
        region=region_between(corners, x, y),
        path="M" + "L".join(f"{dot.x} {dot.y}" for dot in places),
        dots=tuple(places[:: max(1, math.ceil(len(places) / _MOST_DOTS))]),
        start=places[0],
        end=places[-1] if whole else None,
        target=Dot(x.place(target.w), y.place(target.b)) if target else None,
        summary=_summary(figures, target, expectation, whole),
    )


def _first_part(path: Sequence[Learned], centre: Learned) -> list[Learned]:
    """The path up to where it first goes too far to be drawn."""
    for n, line in enumerate(path):
        if max(abs(line.w - centre.w), abs(line.b - centre.b)) > _NEAR:
            return list(path[:n])
    return list(path)


def _scale(values: Iterable[float], start: float, end: float) -> Scale:
    known = list(values)
    return Scale(*widened(min(known), max(known), 0.12), start, end)


def _rings(cards: Sequence[tuple[float, float]], x: Scale, y: Scale) -> Iterable[str]:
    """Ellipses around the least-squares line: the loss of a line is a square form around it."""
    data = np.array([c for c in cards if all(abs(value) <= _LARGEST_CARD for value in c)])
    if len(data) < 2:
        return
    design = np.column_stack([data[:, 0], np.ones(len(data))])
    curvature = design.T @ design / len(data)
    eigenvalues, vectors = np.linalg.eigh(curvature)
    if not np.isfinite(eigenvalues).all() or eigenvalues[0] <= _FLAT * eigenvalues[1]:
        return
    best = np.linalg.solve(curvature, design.T @ data[:, 1] / len(data))
    turn = np.linspace(0, 2 * math.pi, _CORNERS, endpoint=False)
    circle = np.array([np.cos(turn), np.sin(turn)])
    unit = vectors @ (circle / np.sqrt(eigenvalues)[:, None])
    away = np.array([[w, b] for w in (x.low, x.high) for b in (y.low, y.high)]) - best
    with np.errstate(over="ignore", invalid="ignore"):
        highest = float(np.einsum("ni,ij,nj->n", away, curvature, away).max())
    if not math.isfinite(highest):
        return
    for n in range(1, _MOST_RINGS + 1):
        ring = best[:, None] + math.sqrt(highest / RING_FACTOR**n) * unit
        places = zip(x.along(ring[0]).tolist(), y.along(ring[1]).tolist(), strict=True)
        points = (f"{across:.1f} {down:.1f}" for across, down in places)
        yield f"M{'L'.join(points)}Z"


def _summary(
    figures: Figures, target: Learned | None, expectation: Expectation | None, whole: bool
) -> Message:
    way = _way(figures.path[0], figures.path[-1], whole)
    if not whole or target is None or expectation is None:
        return way
    if expectation.w_within is None or expectation.b_within is None:
        return way
    end = figures.path[-1]
    near_w = abs(end.w - target.w) <= expectation.w_within
    near_b = abs(end.b - target.b) <= expectation.b_within
    inside, outside = (
        say("They end inside the target region."),
        say("They end outside the target region."),
    )
    return say("{first} {second}", first=way, second=inside if near_w and near_b else outside)


def _way(first: Learned, last: Learned, whole: bool) -> Message:
    w, b = in_short(first.w), in_short(first.b)
    if not whole:
        return say("w and b begin at ({w}, {b}) and then leave the picture.", w=w, b=b)
    if first == last:
        return say("w and b stay at ({w}, {b}): nothing was learned.", w=w, b=b)
    return say(
        "w and b go from ({w}, {b}) to ({w_end}, {b_end}).",
        w=w,
        b=b,
        w_end=in_short(last.w),
        b_end=in_short(last.b),
    )
