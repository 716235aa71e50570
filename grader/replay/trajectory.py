"""The way that a model's numbers took through the training, as far as it was recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from grader.remembering import remembered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from grader.evidence import TrainedSeen, TrainingSeen

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trajectory:
    """The values (k, p) that p parameters took one after the other, and the tick of each.

    `gap` is the place behind which values were left out, None where all were kept.
    """

    states: Floats
    ticks: tuple[int, ...]
    gap: int | None

    def pairs(self) -> Iterator[int]:
        """The places i for which the states i and i + 1 follow one another."""
        return (i for i in range(len(self.states) - 1) if i != self.gap)


@remembered
def trajectory(training: TrainingSeen) -> Trajectory | None:
    """The path of the model's parameters, flattened in the model's order; None if never seen."""
    places = [place for place in training.parameters if place is not None]
    if not places or len(places) != len(training.parameters):
        return None
    trained = [training.trained[place] for place in places]
    left, joined = _left_out(trained)
    histories = [dict(parameter.values) for parameter in trained]
    current = [parameter.values[0][1] for parameter in trained]
    states, ticks = [], []
    for tick in sorted({tick for history in histories for tick in history}):
        current = [h.get(tick, now) for h, now in zip(histories, current, strict=True)]
        if not left < tick < joined:
            states.append([value for values in current for value in values])
            ticks.append(tick)
    gap = sum(tick <= left for tick in ticks) - 1 if joined > left else None
    return Trajectory(np.array(states, dtype=np.float64), tuple(ticks), gap)


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
