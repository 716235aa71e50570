"""The picture of a lesson about a curve: the cards, the curve, and what the model answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.language.messages import Message, say
from grader.reporting.charts.scale import Scale, Tick, in_short, is_drawable, widened
from grader.reporting.charts.training import BOTTOM, LEFT, RIGHT, TOP, Dot

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grader.models import Figures

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class FitChart:
    """The cards, the curve, and the model's answers before and after training."""

    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    dots: tuple[Dot, ...]
    goal: str
    before: str | None
    after: str | None
    summary: Message


def fit_chart(figures: Figures) -> FitChart | None:
    """Draw the curve and the model; None where the lesson has no curve."""
    fit = figures.fit
    if fit is None or not fit.goal:
        return None
    cards = tuple(card for card in figures.cards if all(map(is_drawable, card)))
    before, after = (points if _drawable(points) else () for points in (fit.before, fit.after))
    seen = (*fit.goal, *before, *after, *cards)
    x, y = (_scale((a for a, _ in seen), LEFT, RIGHT), _scale((b for _, b in seen), BOTTOM, TOP))
    return FitChart(
        x_ticks=x.ticks(),
        y_ticks=y.ticks(),
        dots=tuple(Dot(x.place(a), y.place(b)) for a, b in cards),
        goal=_path(fit.goal, x, y) or "",
        before=_path(before, x, y),
        after=_path(after, x, y),
        summary=_summary(fit.goal, after, len(cards)),
    )


def _scale(values: Iterable[float], start: float, end: float) -> Scale:
    known = tuple(values)
    return Scale(*widened(min(known), max(known)), start, end)


def _summary(goal: Points, after: Points, count: int) -> Message:
    if not after:
        return say("{count} cards, and the curve that they are to lie on.", count=count)
    off = max(abs(ours - due) for (_, ours), (_, due) in zip(after, goal, strict=True))
    return say(
        "{count} cards. Your model is nowhere farther from the curve than {off}.",
        count=count,
        off=in_short(off),
    )


def _drawable(points: Points) -> bool:
    return all(is_drawable(a) and is_drawable(b) for a, b in points)


def _path(points: Points, x: Scale, y: Scale) -> str | None:
    return "M" + "L".join(f"{x.place(a)} {y.place(b)}" for a, b in points) if points else None
