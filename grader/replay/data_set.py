"""The cards that a model was shown, and which of them are behind a gradient."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from grader.evidence import TensorSeen, TrainingSeen
    from grader.models.arrays import Floats

# Inputs made by arange, linspace or a list differ by up to 9.5e-7 on 0..10.
ON_A_CARD = 1e-5
# So many states are replayed together, or as many as make so many guesses: enough for numpy, and
# little memory.
AT_ONCE = 64
GUESSES_AT_ONCE = 500_000
# Of all the different sets of examples behind a training's gradients: who shows the model all of
# 60,000 numbers once has a quarter of it.
MOST_DEALT = 16_000_000


@dataclass(frozen=True, slots=True)
class DataSet:
    """What the model was shown: inputs one card a row (n, width), targets in their own shape."""

    X: Floats
    y: Floats

    def __len__(self) -> int:
        return len(self.X)

    def rows(self, inputs: Floats) -> DataSet | None:
        """The cards with these inputs; None if an input is on no card."""
        if len(self.y) != len(self.X) or self.X.size != len(self.X):
            return None
        if not inputs.size or not np.isfinite(inputs).all():
            return None
        chosen = _nearest(self.X.reshape(-1), inputs.reshape(-1))
        if np.abs(self.X.reshape(-1)[chosen] - inputs.reshape(-1)).max() > ON_A_CARD:
            return None
        return DataSet(self.X[chosen], self.y[chosen])

    def as_columns(self) -> DataSet:
        """The same cards with targets as a column, where there is one target a card."""
        return DataSet(self.X, self.y.reshape(-1, 1)) if self.y.size == len(self.X) else self

    def dealt(self, places: Sequence[int]) -> DataSet:
        """The cards at these places."""
        chosen = list(places)
        return DataSet(self.X[chosen], self.y[chosen])


def _nearest(places: Floats, wanted: Floats) -> NDArray[np.intp]:
    """Which of the places is nearest to each wanted number; of several the first.

    By sorting, without comparing each with each: that would need the product of both in memory.
    """
    order = np.argsort(places, kind="stable")
    in_order = places[order]
    above = np.searchsorted(in_order, wanted).clip(max=len(places) - 1)
    # Equal places stand in their own order: the first of those below is found by their value.
    below = np.searchsorted(in_order, in_order[np.maximum(above - 1, 0)])
    off_below, off_above = (np.abs(in_order[each] - wanted) for each in (below, above))
    nearer = np.where(off_below < off_above, order[below], order[above])
    first = np.minimum(order[below], order[above])
    return np.asarray(np.where(off_below == off_above, first, nearer), dtype=np.intp)


def at_once(data_set: DataSet) -> int:
    """How many states of a model are to be asked about these cards together."""
    return max(1, min(AT_ONCE, GUESSES_AT_ONCE // max(1, data_set.X.size)))


def data_set_of(X: TensorSeen | None, y: TensorSeen | None, width: int = 1) -> DataSet | None:
    """The recorded cards, where X is `width` finite numbers a card and y is one."""
    if X is None or y is None:
        return None
    inputs, targets = X.array(), y.array()
    if not inputs.size or inputs.size != width * len(inputs) or targets.size != len(inputs):
        return None
    if not (np.isfinite(inputs).all() and np.isfinite(targets).all()):
        return None
    # Batches of several dimensions are marked answer by answer, as columns are.
    targets = targets.reshape(-1, 1) if targets.ndim > 2 else targets
    return DataSet(inputs.reshape(-1, width), targets)


def alike(dealt: Sequence[DataSet | None]) -> Iterator[tuple[DataSet, list[int]]]:
    """The different cards among those dealt, each with its places; None is on none."""
    places: dict[int, tuple[DataSet, list[int]]] = {}
    for place, data_set in enumerate(dealt):
        if data_set is not None:
            places.setdefault(id(data_set), (data_set, []))[1].append(place)
    yield from places.values()


def data_behind(
    training: TrainingSeen, data_set: DataSet
) -> Callable[[tuple[int, ...]], DataSet | None]:
    """Tells the examples behind a gradient by the batches that it came from.

    Inputs of no example (an exam in between) do not count; None where none was seen, and if there
    are more different ones than any training shows.
    """
    room = [MOST_DEALT]

    @cache
    def behind(shown: tuple[int, ...]) -> DataSet | None:
        if room[0] < 0:
            return None
        room[0] -= _size(training, data_set, shown)
        return _shown(training, data_set, shown) if room[0] >= 0 else None

    return behind


def _size(training: TrainingSeen, data_set: DataSet, shown: tuple[int, ...]) -> int:
    """How many numbers have to be looked at to know which cards these are."""
    width = data_set.X.size // max(1, len(data_set))
    numbered = [training.batches[n] for n in shown if 0 <= n < len(training.batches)]
    return len(shown) + sum(len(batch.values) + width * len(batch.rows or ()) for batch in numbered)


def _shown(training: TrainingSeen, data_set: DataSet, shown: tuple[int, ...]) -> DataSet | None:
    if not shown:
        return data_set
    if min(shown) < 0 or max(shown) >= len(training.batches):
        return None
    batches = [training.batches[n] for n in shown]
    if any(batch.rows is not None for batch in batches):
        return _at_rows([batch.rows or () for batch in batches], data_set)
    columns = data_set.as_columns()
    inputs = [batch.array().reshape(-1) for batch in batches]
    known = [batch for batch in inputs if columns.rows(batch) is not None]
    if not known:
        return None
    together = known[0] if len(known) == 1 else np.unique(np.concatenate(known))
    if np.array_equal(np.sort(together), np.sort(data_set.X.reshape(-1))):
        return data_set
    return columns.rows(together)


def _at_rows(batches: Sequence[tuple[int, ...]], data_set: DataSet) -> DataSet | None:
    """The cards at the recorded rows of several batches, each card once."""
    known = [rows for rows in batches if rows and min(rows) >= 0 and max(rows) < len(data_set)]
    if not known:
        return None
    together = known[0] if len(known) == 1 else sorted({row for rows in known for row in rows})
    return data_set.as_columns().dealt(together)
