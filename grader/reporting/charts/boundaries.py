"""Where a whole class found the boundary, and at what loss, with words that say the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from grader.language.messages import Message, say
from grader.reporting.charts.region import Region
from grader.reporting.charts.scale import Scale, Tick, decades, widened
from grader.reporting.charts.training import BOTTOM, LEFT, RIGHT, TOP, Dot

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grader.models import Answers, BoundaryExpected

# From the threshold. Honest training of lesson 3 ends within 0.11 of it.
_NEAR: Final = 1.0
# Guessing costs 0.69; those beyond are only shown to be beyond.
_LEAST_LOSS, _MOST_LOSS = 1e-4, 10.0


@dataclass(frozen=True, slots=True)
class BoundaryChart:
    """Each student's boundary and the loss that is left; those who get all right are separate.

    `strays` are at the edge of the picture, since they are too far away to be drawn; `target` is
    where on the x axis the threshold is.
    """

    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    all_right: tuple[Dot, ...]
    some_wrong: tuple[Dot, ...]
    strays: tuple[Dot, ...]
    region: Region | None
    target: float
    summary: Message


@dataclass(frozen=True, slots=True)
class _Found:
    """One student's boundary: how much loss it leaves, and how many cards it gets wrong."""

    boundary: float
    loss: float
    wrong: int


def boundary_chart(
    answers: Iterable[Answers], expected: BoundaryExpected | None
) -> BoundaryChart | None:
    """Draw a class's boundaries; None if the lesson has none, or nobody has trained."""
    told = [each for each in answers if each.loss is not None]
    if expected is None or not told:
        return None
    found = [each for each in map(_found, told) if each is not None]
    near = [each for each in found if _is_near(each, expected)]
    within = expected.within or 0.0
    places = [each.boundary for each in near]
    x = Scale(
        *widened(
            min([expected.threshold - within, *places]),
            max([expected.threshold + within, *places]),
            0.15,
        ),
        LEFT,
        RIGHT,
    )
    losses = [*(each.loss for each in near), *(expected.losses or ())]
    y = Scale(*decades(min(losses, default=0.1), max(losses, default=1.0)), BOTTOM, TOP, True)
    return BoundaryChart(
        x_ticks=x.ticks(),
        y_ticks=y.ticks(),
        all_right=tuple(Dot(x.place(f.boundary), y.place(f.loss)) for f in near if not f.wrong),
        some_wrong=tuple(Dot(x.place(f.boundary), y.place(f.loss)) for f in near if f.wrong),
        strays=tuple(Dot(x.place(f.boundary), y.place(f.loss)) for f in found if f not in near),
        region=_region(expected, x, y),
        target=x.place(expected.threshold),
        summary=say(
            "Students who trained a model: {count}. With every card right: {right}. Without a "
            "boundary, or with yes and no the wrong way round: {none}. Outside the picture: "
            "{beyond}.",
            count=len(told),
            right=sum(not each.wrong for each in told),
            none=len(told) - len(found),
            beyond=len(found) - len(near),
        ),
    )


def _found(answers: Answers) -> _Found | None:
    boundary = answers.after.boundary if answers.after is not None else None
    if boundary is None or answers.loss is None:
        return None
    return _Found(boundary, answers.loss, answers.wrong)


def _is_near(found: _Found, expected: BoundaryExpected) -> bool:
    return (
        abs(found.boundary - expected.threshold) <= _NEAR
        and _LEAST_LOSS <= found.loss <= _MOST_LOSS
    )


def _region(expected: BoundaryExpected, x: Scale, y: Scale) -> Region | None:
    if expected.within is None or expected.losses is None:
        return None
    left, right = (x.place(expected.threshold + by) for by in (-expected.within, expected.within))
    bottom, top = map(y.place, expected.losses)
    return Region(left, top, round(right - left, 2), round(bottom - top, 2))
