"""The cards that a model was shown, and which of them are behind a gradient."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from grader.evidence import TensorSeen, TrainingSeen

    Floats = NDArray[np.float64]

# Inputs made by arange, linspace or a list differ by up to 9.5e-7 on 0..10.
ON_A_CARD = 1e-5
# So many states are replayed together: enough for numpy, and little memory.
AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Cards:
    """What the model was shown: inputs one card a row (n, width), targets in their own shape."""

    X: Floats
    y: Floats

    def __len__(self) -> int:
        return len(self.X)

    def rows(self, inputs: Floats) -> Cards | None:
        """The cards with these inputs; None where an input is on no card."""
        if len(self.y) != len(self.X):
            return None
        if not inputs.size or not np.isfinite(inputs).all():
            return None
        distance = np.abs(self.X.reshape(1, -1) - inputs.reshape(-1, 1))
        if distance.min(axis=1).max() > ON_A_CARD:
            return None
        chosen = distance.argmin(axis=1)
        return Cards(self.X[chosen], self.y[chosen])

    def as_columns(self) -> Cards:
        """The same cards with targets as a column, where there is one target a card."""
        return Cards(self.X, self.y.reshape(-1, 1)) if self.y.size == len(self.X) else self

    def dealt(self, places: Sequence[int]) -> Cards:
        """The cards at these places."""
        chosen = list(places)
        return Cards(self.X[chosen], self.y[chosen])


def cards_of(X: TensorSeen | None, y: TensorSeen | None, width: int = 1) -> Cards | None:
    """The recorded cards, where X is `width` finite numbers a card and y is one."""
    if X is None or y is None:
        return None
    inputs, targets = X.array(), y.array()
    if not inputs.size or inputs.size != width * len(inputs) or targets.size != len(inputs):
        return None
    if not (np.isfinite(inputs).all() and np.isfinite(targets).all()):
        return None
    return Cards(inputs.reshape(-1, width), targets)


def alike(dealt: Sequence[Cards | None]) -> Iterator[tuple[Cards, list[int]]]:
    """The different cards among those dealt, each with its places; None is on none."""
    places: dict[int, tuple[Cards, list[int]]] = {}
    for place, cards in enumerate(dealt):
        if cards is not None:
            places.setdefault(id(cards), (cards, []))[1].append(place)
    yield from places.values()


def cards_behind(training: TrainingSeen, cards: Cards) -> Callable[[tuple[int, ...]], Cards | None]:
    """Tells the cards behind a gradient by the batches that it came from.

    Inputs that are on no card (an exam in between) do not count; None where no card was seen.
    """
    return cache(partial(_shown, training, cards))


def _shown(training: TrainingSeen, cards: Cards, shown: tuple[int, ...]) -> Cards | None:
    if not shown:
        return cards
    if min(shown) < 0 or max(shown) >= len(training.batches):
        return None
    batches = [training.batches[n] for n in shown]
    if any(batch.rows is not None for batch in batches):
        return _at_rows([batch.rows or () for batch in batches], cards)
    columns = cards.as_columns()
    inputs = [batch.array().reshape(-1) for batch in batches]
    known = [batch for batch in inputs if columns.rows(batch) is not None]
    if not known:
        return None
    together = known[0] if len(known) == 1 else np.unique(np.concatenate(known))
    if np.array_equal(np.sort(together), np.sort(cards.X.reshape(-1))):
        return cards
    return columns.rows(together)


def _at_rows(batches: Sequence[tuple[int, ...]], cards: Cards) -> Cards | None:
    """The cards at the recorded rows of several batches, each card once."""
    known = [rows for rows in batches if rows and min(rows) >= 0 and max(rows) < len(cards)]
    if not known:
        return None
    together = known[0] if len(known) == 1 else sorted({row for rows in known for row in rows})
    return cards.as_columns().dealt(together)
