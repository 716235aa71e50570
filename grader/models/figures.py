"""What the charts of a report show: cards, losses, lines, answers; plain numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Learned:
    """The line that the model stands for at the end: its values at x = 0 and x = 1, as w and b."""

    w: float
    b: float


@dataclass(frozen=True, slots=True)
class Curve:
    """How probable a model finds yes for each number (x, probability), and where it turns to it."""

    points: tuple[tuple[float, float], ...]
    boundary: float | None = None


@dataclass(frozen=True, slots=True)
class PictureCard:
    """A picture from the exam, its dots (0 white, 1 black) row by row in a square.

    `yes` is what it is, `share` how probable a yes the trained model finds it.
    """

    dots: tuple[float, ...]
    yes: bool
    share: float

    @property
    def right(self) -> bool:
        """Whether the model says what it is."""
        return (self.share > 0.5) == self.yes


@dataclass(frozen=True, slots=True)
class Answers:
    """What a model says yes to, in lessons about yes and no.

    `wrong` of `exam` cards it gets wrong: those of the lesson, or where there are pictures those
    that were kept back. `loss` is what its curve leaves on the lesson's cards. `pictures` are all
    that it got wrong (up to a limit), and some others.
    """

    before: Curve | None = None
    after: Curve | None = None
    pictures: tuple[PictureCard, ...] = ()
    wrong: int = 0
    exam: int = 0
    loss: float | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """A curve and the model's answers from the first card to the last, each as (x, y).

    `before` training and `after` it; none where that was not seen.
    """

    goal: tuple[tuple[float, float], ...]
    before: tuple[tuple[float, float], ...] = ()
    after: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Figures:
    """What the charts of a report show: the cards (x, y), the losses, the lines.

    `path` are the lines from before the first to after the last of `updates`, thinned out;
    `by_epoch` is false where there is another number of losses than of epochs (one per card, say).
    """

    cards: tuple[tuple[float, float], ...] = ()
    losses: tuple[float, ...] = ()
    start: Learned | None = None
    learned: Learned | None = None
    path: tuple[Learned, ...] = ()
    updates: int = 0
    by_epoch: bool = True
    answers: Answers | None = None
    fit: Fit | None = None
