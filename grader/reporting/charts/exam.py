"""How a whole class's models did in the exam, and which of its cards are hard."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

from grader.language.messages import Message, say
from grader.reporting.charts.answers import image_of
from grader.reporting.charts.histogram import CEILING, FLOOR, Bar, bars_of
from grader.reporting.wording import in_full

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grader.models import Answers, PictureCard

# The first one holds all that is lower, the last one the exams without a mistake.
_BARS: Final = 12
# As few percent per bar as three quarters of the class allow.
_SHOWN: Final = 0.75
_WIDTHS: Final = (1, 2, 5, 10)
_MOST_CARDS: Final = 12
_LEFT: Final = 8


@dataclass(frozen=True, slots=True)
class ExamChart:
    """The shares of right answers as bars, standing on `floor`; the first is all that is lower.

    `line` is where honest ones begin; None if that is not known, or in the first bar.
    """

    bars: tuple[Bar, ...]
    line: float | None
    percent: str
    summary: Message
    ceiling: int = CEILING
    floor: int = FLOOR
    height: int = FLOOR + 24


@dataclass(frozen=True, slots=True)
class HardCard:
    """A picture of the exam, and how many students' models got it wrong."""

    image: str
    yes: bool
    wrong: int


@dataclass(frozen=True, slots=True)
class HardCards:
    """The cards that were wrong most often, the hardest one first."""

    cards: tuple[HardCard, ...]
    summary: Message


def exam_chart(answers: Iterable[Answers], honest: float | None) -> ExamChart | None:
    """Draw a class's exams; `honest` is the least share (0 to 1) that honest training gets right.

    None if nobody sat an exam.
    """
    sat = [each for each in answers if each.pictures and each.exam]
    if not sat:
        return None
    percents = [100 * (each.exam - each.wrong) / each.exam for each in sat]
    worst_shown = sorted(percents)[int((1 - _SHOWN) * len(percents))]
    width = next((w for w in _WIDTHS if 100 - w * (_BARS - 2) <= worst_shown), _WIDTHS[-1])
    lowest = 100 - width * (_BARS - 1)
    counts = [0] * _BARS
    for percent in percents:
        # A share is a few parts in 1e16 off what it stands for.
        counts[max(0, int((percent - lowest + 1e-9) // width))] += 1
    bars = bars_of(counts, [lowest + n * width for n in range(_BARS)], _LEFT)
    share = None if honest is None else (100 * honest - lowest) / width
    return ExamChart(
        bars=bars,
        line=_between(bars, share) if share is not None and share >= 1 else None,
        percent=in_full(round(100 * honest, 1)) if honest is not None else "",
        summary=say(
            "Students who sat the exam: {count}. Half of them have {median} percent right or "
            "more; the lowest has {lowest}, the highest {highest}.",
            count=len(sat),
            median=in_full(round(median(percents), 1)),
            lowest=in_full(round(min(percents), 1)),
            highest=in_full(round(max(percents), 1)),
        ),
    )


def _between(bars: Sequence[Bar], share: float) -> float:
    """The place `share` bars from the left; a whole number of them is the middle of a gap."""
    pitch = bars[1].x - bars[0].x
    return round(bars[0].x + share * pitch - (pitch - bars[0].width) / 2, 2)


def hard_cards(answers: Iterable[Answers]) -> HardCards | None:
    """The examples that more than one student got wrong; None where there is no such example.

    Of a student with very many wrong only some are known, and a student who knows nothing does not
    show what is hard: such a student does not count.
    """
    wrong_of = ((each, tuple(c for c in each.pictures if not c.right)) for each in answers)
    known = [wrong for each, wrong in wrong_of if each.pictures and len(wrong) == each.wrong]
    counted = _counted(known)
    if not counted:
        return None
    return HardCards(
        cards=tuple(
            HardCard(image_of(dots), yes, count) for (dots, yes), count in counted[:_MOST_CARDS]
        ),
        summary=say(
            "Below each card: what its back says, and how many of {count} students' models got it "
            "wrong. Students with very many wrong do not count here.",
            count=len(known),
        ),
    )


def _counted(
    known: Sequence[Sequence[PictureCard]],
) -> list[tuple[tuple[tuple[float, ...], bool], int]]:
    counts = Counter((card.dots, card.yes) for wrong in known for card in wrong)
    return [(card, count) for card, count in counts.most_common() if count > 1]
