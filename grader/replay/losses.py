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
) -> Floats | None:
    """The loss behind each recorded gradient, at the parameters it was taken at.

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
    # What changed by hand may be seen only as the gradient is asked for, which uses it; what a step
    # that asks for its own gradient changes is noted at the gradient's tick, and comes after it.
    stepped = np.isin(known, [tick for tick, _ in training.updates])
    places = np.maximum(0, np.searchsorted(ticks, known - stepped, side="right") - 1)
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
