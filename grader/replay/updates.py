"""The updates of a training: which there were, and how often they went through the cards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.replay.data_set import alike, data_behind
from grader.replay.trajectory import trajectory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.evidence import TrainingSeen
    from grader.replay.data_set import DataSet


def updates_of(training: TrainingSeen) -> Sequence[tuple[int, tuple[int, ...]]]:
    """Tick and examples of every update.

    An optimizer's steps, else the gradients that were computed, else the changes themselves: code
    that computes the gradient by hand needs neither.
    """
    return training.updates or training.backwards or _changes(training)


def count_updates(training: TrainingSeen) -> int:
    """How many updates there were, also beyond those that were kept."""
    return training.counts.get("S", 0) or training.gradients or len(_changes(training))


def passes(training: TrainingSeen, data_set: DataSet) -> float:
    """How often the examples were used, on average over the examples.

    Steps that had no gradient used no example.
    """
    behind = data_behind(training, data_set)
    updates = updates_of(training) if training.gradients or _by_hand(training) else ()
    total = sum(_used(training, data_set, shown, behind(shown)) for _, shown in updates)
    return count_updates(training) * total / (len(updates) * len(data_set)) if updates else 0.0


def takes_turns(training: TrainingSeen, data_set: DataSet) -> bool:
    """Whether each example was used as often as every other, as far as is known.

    Not asked of examples that cannot be told apart, nor where some update was not kept.
    """
    updates, behind = updates_of(training), data_behind(training, data_set)
    places = {row.tobytes(): place for place, row in enumerate(data_set.X)}
    if len(places) < len(data_set) or len(updates) < count_updates(training):
        return True
    times = np.zeros(len(data_set))
    for seen, which in alike([behind(shown) for _, shown in updates]):
        times[sorted({places[row.tobytes()] for row in seen.X})] += len(which)
    return bool(np.all(times == times[0]))


def leaves_cards_out(dealt: Sequence[DataSet], data_set: DataSet, epochs: int) -> bool:
    """Whether some cards have no turn at all, or none in any of so many rounds of equal length.

    In such a round, all batches together are fewer cards than there are, and none of them twice.
    False for examples that cannot be told apart.
    """
    places = {row.tobytes(): place for place, row in enumerate(data_set.X)}
    if len(places) < len(data_set):
        return False
    shown = [frozenset(places[row.tobytes()] for row in seen.X) for seen in dealt]
    if len(frozenset().union(*shown)) < len(data_set):
        return True
    size, odd = divmod(len(shown), epochs)
    if odd or not size:
        return False
    rounds = [shown[begin : begin + size] for begin in range(0, len(shown), size)]
    counts = {sum(map(len, batches)) for batches in rounds}
    once = all(len(frozenset().union(*each)) == sum(map(len, each)) for each in rounds)
    return once and len(counts) == 1 and max(counts) < len(data_set)


def _used(
    training: TrainingSeen, data_set: DataSet, shown: Sequence[int], seen: DataSet | None
) -> int:
    """How many of the examples one update used: all, where that is not known."""
    if seen is not None:
        return min(len(seen), len(data_set))
    rows = [training.batches[n].rows for n in shown if 0 <= n < len(training.batches)]
    others = len(rows) == len(shown) and all(r is not None and max(r, default=-1) < 0 for r in rows)
    return 0 if others else len(data_set)


def _by_hand(training: TrainingSeen) -> bool:
    """Whether gradients were put in place for the steps, or changes made without any step."""
    if training.counts.get("S", 0):
        return any(trained.gradients for trained in training.trained)
    return bool(_changes(training))


def _changes(training: TrainingSeen) -> Sequence[tuple[int, tuple[int, ...]]]:
    """The ticks before each change of the model that was kept; on all cards, so far as is known."""
    path = trajectory(training)
    return [(tick - 1, ()) for tick in path.ticks[1:]] if path is not None else []
