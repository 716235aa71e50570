"""The path of a model's numbers through the training, as far as it was recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from grader.remembering import remembered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from grader.evidence import TrainedSeen, TrainingSeen
    from grader.models.arrays import Floats


# Numbers of all states together. A large tensor that stays as it is next to small ones that move
# would fill the memory: the middle of such a path is left out, as the recorder does.
MOST_PATH = 4_000_000


@dataclass(frozen=True, slots=True)
class Trajectory:
    """The values (k, p) that p parameters took one after the other, and the tick of each.

    `gap` is the place after which values were left out, None if all were kept. `made` are the
    values (p) from before, where they were set to others ahead of the first gradient.
    """

    states: Floats
    ticks: tuple[int, ...]
    gap: int | None
    made: Floats | None = None

    @property
    def earliest(self) -> Floats:
        """The first values (p) on record."""
        return self.states[0] if self.made is None else self.made

    def pairs(self) -> Iterator[int]:
        """The places i for which the states i and i + 1 follow one another."""
        return (i for i in range(len(self.states) - 1) if i != self.gap)


@remembered
def trajectory(training: TrainingSeen) -> Trajectory | None:
    """The path of the model's parameters, flattened in the model's order; None if never seen.

    It begins at the values that the first gradient was taken at: if a model is created again at the
    top of the training, so that the cell can be rerun, training starts there.
    """
    places = [place for place in training.parameters if place is not None]
    if not places or len(places) != len(training.parameters):
        return None
    trained = [training.trained[place] for place in places]
    left, joined = _left_out(trained)
    histories = [dict(parameter.values) for parameter in trained]
    ticks = sorted({tick for history in histories for tick in history})
    ticks = [tick for tick in ticks if not left < tick < joined]
    size = sum(len(parameter.values[0][1]) for parameter in trained)
    half = max(1, MOST_PATH // max(1, 2 * size))
    if len(ticks) > 2 * half:
        left = min(left, ticks[half - 1]) if joined > left else ticks[half - 1]
        joined = max(joined, ticks[-half])
        ticks = [tick for tick in ticks if not left < tick < joined]
    states = _states(histories, ticks)
    if states is None:
        return None
    gap = sum(tick <= left for tick in ticks) - 1 if joined > left else None
    return _from(Trajectory(states, tuple(ticks), gap), _last_before_training(training))


def _states(
    histories: Sequence[Mapping[int, tuple[float, ...]]], ticks: Sequence[int]
) -> Floats | None:
    """All numbers at each of these ticks, one row a tick; None where a tensor changed its size."""
    columns = []
    for history in histories:
        known = sorted(history)
        if len({len(values) for values in history.values()}) > 1:
            return None
        values = np.array([history[tick] for tick in known], dtype=np.float64)
        # Before its first value on record a tensor had that value.
        at = np.maximum(np.searchsorted(known, ticks, side="right") - 1, 0)
        columns.append(values[at])
    return np.concatenate(columns, axis=1)


def _last_before_training(training: TrainingSeen) -> int:
    """The last tick at which no value can be the work of an update."""
    gradients = [tick for tick, _ in training.backwards[:1]]
    # Where a step computes its gradient itself, both are noted at one tick.
    steps = [tick - 1 for tick, _ in training.updates[:1]]
    return min(gradients + steps, default=0)


def _from(path: Trajectory, tick: int) -> Trajectory:
    """The path from the last values that were there at `tick`."""
    begin = sum(seen <= tick for seen in path.ticks) - 1
    if begin <= 0 or (path.gap is not None and begin > path.gap):
        return path
    gap = path.gap - begin if path.gap is not None else None
    return Trajectory(path.states[begin:], path.ticks[begin:], gap, path.states[0])


def _left_out(trained: Sequence[TrainedSeen]) -> tuple[float, float]:
    """The ticks between which values of some parameter were left out; equal where none were."""
    gaps = [
        (parameter.values[half - 1][0], parameter.values[half][0])
        for parameter in trained
        if parameter.changes > len(parameter.values)
        for half in [len(parameter.values) // 2]
    ]
    if not gaps:
        return 0.0, 0.0
    return min(left for left, _ in gaps), max(joined for _, joined in gaps)
