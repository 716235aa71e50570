"""What the recorded numbers of a model cost, at each gradient of its training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.marking import SQUARED_ERROR
from grader.replay.cards import cards_behind
from grader.replay.trajectory import trajectory

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from grader.evidence import TrainingSeen
    from grader.marking import Marking
    from grader.pupils import Pupil
    from grader.replay.cards import Cards

    Floats = NDArray[np.float64]


def true_losses(
    training: TrainingSeen, pupil: Pupil, cards: Cards, marking: Marking = SQUARED_ERROR
) -> Floats | None:
    """The loss behind each recorded gradient, at the parameters it was taken at.

    As many as there are recorded losses, up to the first that was left out; nan where the cards or
    the parameters were not seen.
    """
    path = trajectory(training)
    if path is None:
        return None
    ticks = np.array(path.ticks)
    shown, behind = dict(training.backwards), cards_behind(training, cards)
    until = ticks[path.gap] if path.gap is not None else np.inf
    losses = []
    for tick, _ in training.losses:
        if tick > until:
            break
        state = path.states[max(0, int(np.searchsorted(ticks, tick - 1, side="right")) - 1)]
        seen = behind(shown.get(tick, ()))
        with np.errstate(all="ignore"):
            scores = pupil.scores(state, seen.X) if seen is not None else None
        losses.append(
            marking.value(scores, seen.y) if scores is not None and seen is not None else np.nan
        )
    return np.array(losses)
