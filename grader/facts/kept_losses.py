"""Tells whether the losses that a student kept are those that the training went through."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.evidence import LossesKept, TrainingSeen
    from grader.models.arrays import Floats

# A kept loss may be float32, rounded by item() or computed by hand: 1e-3 of its size, and at the
# bottom of training 1e-6 of the first one (2.8e-4 was the most that was seen).
LOSS_RTOL = 1e-3
LOSS_ATOL = 1e-6
# A loss that is written down with a few decimals, as the handout does, is still that loss.
MOST_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Passing:
    """The loss on all examples at each value that the model went through, and the tick of each.

    `gap` is the place after which values were left out, None if all were kept.
    """

    losses: Floats
    ticks: tuple[int, ...]
    gap: int | None

    def between(self, begin: float, end: float) -> Floats | None:
        """The losses from just before tick `begin` up to `end`; None where some were left out."""
        first = max(0, bisect_right(self.ticks, begin - 1) - 1)
        last = max(first, bisect_right(self.ticks, end - 1) - 1)
        if self.gap is not None:
            left, joined = self.ticks[self.gap], self.ticks[self.gap + 1]
            if end - 1 > left and begin - 1 < joined:
                return None
        return self.losses[first : last + 1]


@dataclass(frozen=True, slots=True)
class Round:
    """One entry of the student's list with what was recorded of its round.

    `losses` are those that led to the round's gradients, `after` the one that led to the next
    gradient, and `begin` and `end` the ticks of the first and of the next gradient.
    """

    kept: float
    losses: Floats
    after: float | None
    begin: float
    end: float


def losses_agree(training: TrainingSeen, kept: LossesKept, passing: Passing | None) -> bool:
    """Whether the kept numbers are losses of the training, one for each round.

    With one gradient a round: the recorded losses, before or after each update. With several: their
    sum, or anything between the smallest and the largest loss of the round, on its data or (where
    `passing` is known) on all of it with the model at any moment of the round. Where that was left
    out of the record, the loss on all of it is taken to lie between those of the round's and its
    neighbours' own examples. Rounds that are missing in the record are not judged. Students who
    work out the gradients by hand have no recorded losses: then those on all examples are used.
    """
    if not training.gradients:
        return passing is not None and _along(kept, passing)
    rounds = _rounds(training, kept)
    if not rounds:
        return False
    numbers = np.array([each.kept for each in rounds])
    room = _room(kept, training.losses[0][1])
    if training.gradients == kept.count:
        before = np.array([each.losses[0] for each in rounds])
        after = np.array(
            [n if e.after is None else e.after for n, e in zip(numbers, rounds, strict=True)]
        )
        return _near(numbers, before, room) or _near(numbers, after, room)
    if _near(numbers, np.array([each.losses.sum() for each in rounds]), room):
        return True
    ends = passing.losses[-1:] if passing is not None else np.zeros(0)
    beside = [np.zeros(0), *(each.losses for each in rounds), ends]
    return all(
        _within(each, passing, np.concatenate(beside[place : place + 3]), room)
        for place, each in enumerate(rounds)
    )


def keeps_last_batches(training: TrainingSeen, kept: LossesKept) -> bool:
    """Whether each kept number is the loss of its round's last batch, and not the mean of all."""
    rounds = [each for each in _rounds(training, kept) if len(each.losses) > 1]
    numbers = np.array([each.kept for each in rounds])
    room = _room(kept, training.losses[0][1]) if rounds else 0.0
    last, mean = (np.array([how(each.losses) for each in rounds]) for how in (_last, np.mean))
    return bool(rounds) and _near(numbers, last, room) and not _near(numbers, mean, room)


def _last(losses: Floats) -> float:
    return float(losses[-1])


def _along(kept: LossesKept, passing: Passing) -> bool:
    numbers, losses = np.array(kept.values), passing.losses
    if passing.gap is not None or len(losses) != len(numbers) + 1:
        return False
    room = _room(kept, float(losses[0]))
    return _near(numbers, losses[:-1], room) or _near(numbers, losses[1:], room)


def _room(kept: LossesKept, first: float) -> float:
    """How far a kept loss may be off, whatever its size."""
    return LOSS_ATOL * max(1.0, abs(first)) + _rounded_by(kept.values)


def _rounded_by(numbers: Sequence[float]) -> float:
    """Half of the last decimal that all of these numbers have; 0 where they were not rounded."""
    finite = [number for number in numbers if math.isfinite(number)]
    for decimals in range(1, MOST_DECIMALS + 1):
        if all(number == round(number, decimals) for number in finite):
            return 0.5 * 10.0**-decimals
    return 0.0


def _rounds(training: TrainingSeen, kept: LossesKept) -> list[Round]:
    """The rounds that were recorded as a whole, in order."""
    total = training.gradients
    if not kept.count or total < kept.count:
        return []
    recorded = dict(zip(_places(total, len(training.losses)), training.losses, strict=True))
    size, extra = divmod(total, kept.count)
    rounds = []
    for number, value in zip(_places(kept.count, len(kept.values)), kept.values, strict=True):
        begin = number * size + min(number, extra)
        end = begin + size + (number < extra)
        if not all(place in recorded for place in range(begin, end)):
            continue
        after = recorded.get(end)
        if after is None and end < total:
            continue
        rounds.append(
            Round(
                value,
                np.array([recorded[place][1] for place in range(begin, end)]),
                after[1] if after is not None else None,
                recorded[begin][0],
                after[0] if after is not None else np.inf,
            )
        )
    return rounds


def _places(count: int, kept: int) -> list[int]:
    """Which of `count` entries were kept: all, or the first and the last half of those `kept`."""
    first = kept if kept == count else kept // 2
    return [*range(first), *range(count - (kept - first), count)]


def _within(one: Round, passing: Passing | None, beside: Floats, room: float) -> bool:
    if _between(one.kept, one.losses, room):
        return True
    if passing is None:
        return False
    whole = passing.between(one.begin, one.end)
    known = beside if whole is None else np.concatenate([one.losses, whole])
    return _between(one.kept, known, room)


def _between(value: float, losses: Floats, room: float) -> bool:
    low, high = float(losses.min()), float(losses.max())
    return low * (1 - LOSS_RTOL) - room <= value <= high * (1 + LOSS_RTOL) + room


def _near(kept: Floats, recorded: Floats, room: float) -> bool:
    both = np.isfinite(kept) & np.isfinite(recorded)
    with np.errstate(all="ignore"):
        same = np.abs(kept - recorded) <= LOSS_RTOL * np.abs(recorded) + room
    return bool(np.all(same | ~both) and np.array_equal(np.isfinite(kept), np.isfinite(recorded)))
