"""What the recorded numbers of a model cost, at each gradient of its training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.replay.data_set import alike, at_once, data_behind
from grader.replay.loss_functions import SQUARED_ERROR
from grader.replay.trajectory import trajectory

if TYPE_CHECKING:
    from grader.evidence import TrainingSeen
    from grader.models.arrays import Floats
    from grader.replay.architectures import Architecture
    from grader.replay.data_set import DataSet
    from grader.replay.loss_functions import LossFunction


def true_losses(
    training: TrainingSeen,
    architecture: Architecture,
    data_set: DataSet,
    loss_function: LossFunction = SQUARED_ERROR,
    *,
    unheard: bool = False,
) -> Floats | None:
    """The loss behind each recorded gradient, at the parameters it was taken at.

    `unheard`: nothing was heard of the model's answers, as with a function that is updated by hand,
    so that an update before the answer is noticed with the gradient only.

    As many as there are recorded losses, up to the first that was left out; nan where the data or
    the parameters were not seen.
    """
    path = trajectory(training)
    if path is None:
        return None
    ticks = np.array(path.ticks)
    shown, behind = dict(training.backwards), data_behind(training, data_set)
    until = ticks[path.gap] if path.gap is not None else np.inf
    known = np.array([tick for tick, _ in training.losses if tick <= until], dtype=np.int64)
    places = np.maximum(0, np.searchsorted(ticks, known - (not unheard), side="right") - 1)
    losses = np.full(len(known), np.nan)
    dealt = [behind(shown.get(int(tick), ())) for tick in known]
    for cards_shown, which in alike(dealt):
        losses[which] = losses_along(
            path.states[places[which]], architecture, cards_shown, loss_function
        )
    return losses


def losses_along(
    states: Floats,
    architecture: Architecture,
    data_set: DataSet,
    loss_function: LossFunction = SQUARED_ERROR,
) -> Floats:
    """What each of many states (k, p) costs on the cards."""
    some = at_once(data_set)
    with np.errstate(all="ignore"):
        parts = [
            loss_function.values(
                architecture.scores(states[begin : begin + some], data_set.X), data_set.y
            )
            for begin in range(0, len(states), some)
        ]
    return np.concatenate([np.zeros(0), *parts])
