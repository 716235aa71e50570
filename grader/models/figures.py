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
    """How probable a model finds yes for each number (x, probability), and where that turns."""

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

    `wrong` of `exam` examples it gets wrong: those of the lesson, or with pictures those that were
    held back. `loss` is what its curve leaves on the lesson's own. `pictures` are all that it got
    wrong (up to a limit), and some others.
    """

    before: Curve | None = None
    after: Curve | None = None
    pictures: tuple[PictureCard, ...] = ()
    wrong: int = 0
    exam: int = 0
    loss: float | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """A curve and the model's answers from the first example to the last, each as (x, y).

    `before` training and `after` it; empty if that was not seen.
    """

    goal: tuple[tuple[float, float], ...]
    before: tuple[tuple[float, float], ...] = ()
    after: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Figures:
    """What the charts of a report show: the examples (x, y), the losses, the lines.

    `path` are the lines from before the first to after the last of `updates`, thinned out;
    `by_epoch` is false if the numbers of losses and epochs differ (one loss per example, say).
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


@dataclass(frozen=True, slots=True)
class LossRange:
    """Between which losses honest training is at the beginning of an epoch (counted from 1)."""

    epoch: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class BoundaryExpected:
    """Where honest training turns from no to yes: `within` a distance of the threshold.

    `losses` are the least and the most that it leaves; both None where they were never calibrated.
    """

    threshold: float
    within: float | None = None
    losses: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """Where honest training of an assignment leads, for the charts.

    `share` of it is inside `losses` in each epoch; `w_within`, `b_within` are the calibrated
    distances from the target, None where they were never calibrated. `boundary` is there if a
    threshold is to be found, `accuracy` if there is an exam: the least share of right answers.
    """

    losses: tuple[LossRange, ...] = ()
    share: float = 0.0
    w_within: float | None = None
    b_within: float | None = None
    boundary: BoundaryExpected | None = None
    accuracy: float | None = None
