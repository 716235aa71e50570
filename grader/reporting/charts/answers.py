"""The pictures of lessons about yes and no: the curve of probabilities, and the exam's cards."""

from __future__ import annotations

import base64
import math
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.language.messages import Message, say
from grader.reporting.charts.scale import Scale, Tick, apart, in_short, is_drawable
from grader.reporting.charts.training import BOTTOM, LEFT, RIGHT, TOP, Dot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.models import Curve, Figures


@dataclass(frozen=True, slots=True)
class CurveChart:
    """Cards at 0 and 1, the curves before and after training, and where the last one turns."""

    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    dots: tuple[Dot, ...]
    before: str | None
    after: str | None
    boundary: float | None
    summary: Message


@dataclass(frozen=True, slots=True)
class SheetCard:
    """One picture of the exam as an image, and whether the model got it right."""

    image: str
    yes: bool
    percent: int
    right: bool


@dataclass(frozen=True, slots=True)
class ContactSheet:
    """Pictures of the exam, those that the model got wrong first."""

    cards: tuple[SheetCard, ...]
    summary: Message


def curve_chart(figures: Figures) -> CurveChart | None:
    """Draw the probabilities of yes; None where the lesson has no such curve, or no cards."""
    answers, cards = figures.answers, [c for c in figures.cards if all(map(is_drawable, c))]
    if answers is None or not cards or (answers.before or answers.after) is None:
        return None
    across = [a for a, _ in cards]
    x = Scale(*apart(min(across) - 0.3, max(across) + 0.3), LEFT, RIGHT)
    y = Scale(-0.08, 1.08, BOTTOM, TOP)
    boundary = answers.after.boundary if answers.after is not None else None
    within = boundary is not None and x.low <= boundary <= x.high
    return CurveChart(
        x_ticks=x.ticks(),
        y_ticks=tuple(Tick(y.place(at), f"{at:g}") for at in (0, 0.25, 0.5, 0.75, 1)),
        dots=tuple(Dot(x.place(a), y.place(b)) for a, b in cards),
        before=_path(answers.before, x, y),
        after=_path(answers.after, x, y),
        boundary=x.place(boundary) if boundary is not None and within else None,
        summary=say("{count} cards. Nowhere does your model turn from no to yes.", count=len(cards))
        if boundary is None
        else say(
            "{count} cards. Your model turns from no to yes at x = {boundary}.",
            count=len(cards),
            boundary=in_short(boundary),
        ),
    )


def contact_sheet(figures: Figures) -> ContactSheet | None:
    """Lay out the exam's cards; None where the lesson has none, or nobody sat the exam."""
    answers = figures.answers
    if answers is None or not answers.pictures:
        return None
    return ContactSheet(
        cards=tuple(
            SheetCard(image_of(card.dots), card.yes, round(100 * card.share), card.right)
            for card in answers.pictures
            if 0 <= card.share <= 1
        ),
        summary=say(
            "{wrong} of {exam} new cards are wrong. They come first, then some of the others.",
            wrong=answers.wrong,
            exam=answers.exam,
        )
        if answers.wrong
        else say("All {exam} new cards are right; these are some of them.", exam=answers.exam),
    )


def _path(curve: Curve | None, x: Scale, y: Scale) -> str | None:
    if curve is None:
        return None
    return "M" + "L".join(f"{x.place(a)} {y.place(b)}" for a, b in curve.points)


def image_of(dots: Sequence[float]) -> str:
    """A square picture as a data: URI, from its dots row by row (0 white, 1 black).

    Dots that make no square are left out; without any there is a white one.
    """
    side = math.isqrt(len(dots))
    if not side:
        return image_of((0.0,))
    shades = [round(255 * (1 - min(1.0, max(0.0, dot)))) for dot in dots[: side * side]]
    rows = [shades[first : first + side] for first in range(0, side * side, side)]
    return "data:image/png;base64," + base64.b64encode(_png(rows)).decode("ascii")


def _png(rows: Sequence[Sequence[int]]) -> bytes:
    """A grey picture with 8 bits a dot, as the PNG specification has it."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)
    lines = b"".join(b"\0" + bytes(row) for row in rows)
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(lines, 9)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)
