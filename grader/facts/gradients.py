"""Tells whether the steps used the gradients that came from the loss, or made-up ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grader.evidence import TrainingSeen
    from grader.models.arrays import Floats

# float32 rounds a gradient that is written down and put back by less than this.
RTOL = 1e-4
ATOL = 1e-7
# A gradient of float32 numbers and the same in float64 are at least as much alike as this.
ROUGHLY = 0.01


def cut_off(training: TrainingSeen) -> bool:
    """Whether steps used gradients that were made smaller, all to one length or one largest number.

    That is what torch's clipping by norm, or by value, does; those that were left alone are short.
    """
    altered = list(_altered(training))
    # Of large tensors few gradients are kept: of those steps the length is not known.
    whole = max((len(now) for _, now in altered), default=0)
    cut = [(before, now) for before, now in altered if len(now) == whole]
    if len(cut) < 2 or not all(_smaller(now, before) for before, now in cut):
        return False
    lengths = np.array([np.linalg.norm(now) for _, now in cut])
    largest = np.array([np.abs(now).max(initial=0.0) for _, now in cut])
    return bool(largest.min() > 0) and any(
        np.allclose(each, each[0], rtol=1e-3) for each in (lengths, largest)
    )


def made_up(training: TrainingSeen) -> bool:
    """Whether some step of the model used a gradient that no loss had left there.

    Gradients may be made smaller, each number by itself (cut off, set to zero, divided), or all be
    multiplied by one positive number: the steps still go down the slope of the loss. Whatever else
    is put in their place can carry any number into the model.
    """
    return not all(
        _smaller(now, before) or _scaled(now, before) for before, now in _altered(training)
    )


def _altered(training: TrainingSeen) -> Iterator[tuple[Floats, Floats]]:
    """For each step with an altered gradient what the loss had left (p,), and what it used (p,)."""
    places = [place for place in training.parameters if place is not None]
    altered = [{a[0]: a[1:] for a in training.trained[place].altered} for place in places]
    used = [dict(training.trained[place].gradients) for place in places]
    for tick in sorted({tick for each in altered for tick in each}):
        # Of a long training only the first and the last gradients are kept, and of the altered ones
        # others: where one is kept alone, the other says nothing about this step.
        pairs = [
            each[tick] if tick in each else (gradients[tick], gradients[tick])
            for each, gradients in zip(altered, used, strict=True)
            if tick in each or tick in gradients
        ]
        yield _side_by_side([left for left, _ in pairs], [now for _, now in pairs])


def follows(used: Floats, loss: Floats) -> bool:
    """Whether a gradient (p,) leads down the slope of the loss (p,), as far as rounding tells."""
    length = float(np.linalg.norm(used) * np.linalg.norm(loss))
    room = ROUGHLY * float(np.abs(loss).max(initial=0.0))
    lowest, highest = np.minimum(loss, 0) - room, np.maximum(loss, 0) + room
    return bool(
        float(used @ loss) >= (1 - ROUGHLY) * length > 0
        or np.all((used >= lowest) & (used <= highest))
    )


def _side_by_side(
    left: Sequence[Sequence[float]], used: Sequence[Sequence[float]]
) -> tuple[Floats, Floats]:
    """What was left and what was used, each in one row, without what is not finite."""
    now = np.array([value for values in used for value in values])
    before = np.array(
        [v for was, is_ in zip(left, used, strict=True) for v in (was or [0.0] * len(is_))]
    )
    if now.shape != before.shape:
        # Nothing that was left has this shape: made up from beginning to end.
        return np.zeros_like(now), now
    finite = np.isfinite(now) & np.isfinite(before)
    return before[finite], now[finite]


def _smaller(now: Floats, before: Floats) -> bool:
    room = RTOL * np.abs(before) + ATOL
    lowest, highest = np.minimum(before, 0) - room, np.maximum(before, 0) + room
    return bool(np.all((now >= lowest) & (now <= highest)))


def _scaled(now: Floats, before: Floats) -> bool:
    length = float(before @ before)
    factor = float(now @ before) / length if length else 0.0
    return factor > 0 and bool(np.allclose(now, factor * before, rtol=RTOL, atol=ATOL * factor))
