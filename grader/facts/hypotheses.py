"""Would another training have left the same record? The recorded calls, replayed with other losses.

A hypothesis is the derivative of a loss by each guess. It explains a record where every recorded
update is the one that the recorded calls lead to with that loss.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from grader.replay import DataSet, data_behind, descent_of, distances
from grader.replay.architectures import AffineMap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from grader.facts.facts import Facts
    from grader.models.arrays import Floats
    from grader.replay.architectures import Architecture

    # The derivative (n,) of a loss by each guess: of guess - answer, of the input, of the answer.
    Slope = Callable[[Floats, Floats, Floats], Floats]

# One replayed update may be this far from the recorded one, relative to 1 + |before| + |change|: a
# true hypothesis stays below 2e-6, a false one is at 1e-4 or more for all but a few starts.
MATCH = 1e-5
# Guesses for one hypothesis: a whole record of events on fifty thousand examples, say. Beyond it a
# mistake is not named, which costs nobody a point.
MOST_REPLAYED = 150_000_000


@dataclass(frozen=True, eq=False)
class Hypotheses:
    """What other trainings would have left, for the record of one run."""

    facts: Facts

    @cached_property
    def learning_rate(self) -> float:
        """The learning rate in force."""
        training = self.facts.training
        made = training.optimizer if training is not None else None
        how = descent_of(self.facts.optimizer or made)
        return how.learning_rate if how is not None else self.facts.recipe.learning_rate

    @cached_property
    def states(self) -> Floats | None:
        """The (w, b) that the training went through (k, 2), None for anything but a line."""
        path, architecture = self.facts.path, self.facts.architecture
        if path is None or not isinstance(architecture, AffineMap) or path.states.shape[1] != 2:
            return None
        return path.states[:, [architecture.weight, architecture.bias]]

    def own(self, error: Floats, _x: Floats, y: Floats) -> Floats:
        """The derivative of the lesson's own loss by each guess; `error` is guess - answer."""
        return self.facts.recipe.loss_function.slope(error + y, y)

    def explained_by(self, *slopes: Slope, targets: Floats | None = None) -> bool:
        """Whether the recorded calls, with `slopes` as the loss's derivative, give the record.

        A derivative that jumps is given with all its values at the jump: in float32 a guess may lie
        on either side of an answer that it meets, or on it.

        The events are walked through in their order: a forward pass remembers the parameters, a
        backward pass adds its gradient, zero_grad clears, a step moves by the learning rate. Each
        step starts from the recorded parameters, so that no error adds up. The first update that
        differs ends the walk.
        """
        if not self.replayable or self.facts.columns is None:
            return False
        data_set = self.facts.columns
        if targets is not None:
            data_set = DataSet(data_set.X, targets.reshape(-1, 1))
        return all(
            float(distances(after, ends, before).min()) <= MATCH
            for before, after, ends in self._replayed(slopes, data_set)
        )

    @cached_property
    def explained_by_own_loss(self) -> bool:
        """Whether the lesson's own loss explains the record."""
        return self.explained_by(self.own)

    @cached_property
    def explained_by_squares(self) -> bool:
        """Whether the mean squared error explains the record."""
        return self.explained_by(squared)

    @cached_property
    def replayable(self) -> bool:
        """Whether there are updates of a model whose gradients can be computed."""
        if self.facts.path is None or self.facts.architecture is None or self.facts.columns is None:
            return False
        if len(self._events) * self.facts.columns.X.size > MOST_REPLAYED:
            return False
        return self._events.find("S") >= 0

    @cached_property
    def _events(self) -> str:
        """The events up to the first update of which some value was left out."""
        if self.facts.training is None or self.facts.path is None:
            return ""
        gap = self.facts.path.gap
        return self.facts.training.events[: self.facts.path.ticks[gap] if gap is not None else None]

    def _replayed(
        self, slopes: tuple[Slope, ...], data_set: DataSet
    ) -> Iterator[tuple[Floats, Floats, Floats]]:
        """The numbers before and after each update (p), and where each slope leads (k, p)."""
        training, path, architecture = self.facts.training, self.facts.path, self.facts.architecture
        if training is None or path is None or architecture is None:
            return
        states, ticks = path.states, path.ticks
        shown, behind = dict(training.backwards), data_behind(training, data_set)
        cleared = np.zeros((len(slopes), states.shape[1]))
        forward, gathered = states[0], cleared
        # A model that is a plain function is not seen answering: only as it is marked.
        unseen = not self.facts.count("F")
        for tick, kind in enumerate(self._events, start=1):
            before = states[max(0, bisect_right(ticks, tick - 1) - 1)]
            if kind == "F":
                forward = before
            elif kind == "Z":
                gathered = cleared
            elif kind == "B":
                if unseen:
                    forward = states[max(0, bisect_right(ticks, tick) - 1)]
                seen = behind(shown.get(tick, ())) or data_set
                gathered = gathered + [
                    _gradient(architecture, forward, seen, slope) for slope in slopes
                ]
            elif kind == "S":
                with np.errstate(all="ignore"):
                    ends = before - self.learning_rate * gathered
                yield before, states[bisect_right(ticks, tick) - 1], ends

    @cached_property
    def moves(self) -> tuple[Floats, Floats]:
        """Parameters (m, 2) before each change, and the changes (m, 2)."""
        if self.states is None or self.facts.path is None or self.facts.columns is None:
            return np.zeros((0, 2)), np.zeros((0, 2))
        if len(self.states) * len(self.facts.columns) > MOST_REPLAYED:
            return np.zeros((0, 2)), np.zeros((0, 2))
        pairs = list(self.facts.path.pairs())
        return self.states[pairs], self.states[[i + 1 for i in pairs]] - self.states[pairs]

    def gradients(self, slope: Slope) -> Floats:
        """The gradient (m, 2) that a loss would have given before each change.

        It is nan if it is not known which examples it would have come from.
        """
        before, _ = self.moves
        if self.facts.columns is None or not len(before):
            return np.full((len(before), 2), np.nan)
        x, y = self.facts.columns.X.reshape(-1), self.facts.columns.y.reshape(-1)
        gradients = np.zeros_like(before)
        with np.errstate(all="ignore"):
            # One after the other: all errors at once would be as many as changes times examples.
            for place, (w, b) in enumerate(before):
                by_guess = slope(w * x + b - y, x, y)
                gradients[place] = by_guess @ x, by_guess.sum()
        return gradients

    @cached_property
    def piles_up(self) -> bool:
        """Whether each change is the plain one along all gradients so far, added up."""
        before, changes = self.moves
        gathered = np.cumsum(self.gradients(self.own), axis=0)
        if len(before) < 3 or not np.isfinite(gathered).all():
            return False
        off = np.abs(changes + self.learning_rate * gathered)
        return bool(np.all(off <= MATCH * (1 + np.abs(before) + np.abs(changes))))

    @cached_property
    def strides(self) -> Floats | None:
        """How many plain steps long each change is; None if one points another way."""
        before, changes = self.moves
        full = -self.learning_rate * self.gradients(self.own)
        usable = np.isfinite(full).all(axis=1) & np.isfinite(changes).all(axis=1)
        usable &= np.abs(full).max(axis=1, initial=0.0) > 1e-4
        if usable.sum() < 3:
            return None
        full, changes, before = full[usable], changes[usable], before[usable]
        with np.errstate(all="ignore"):
            factors = (full * changes).sum(axis=1) / (full * full).sum(axis=1)
        scale = 1 + np.abs(before) + np.abs(changes)
        off = np.abs(changes - factors[:, None] * full) / scale
        return factors if float(off.max()) <= MATCH else None


def squared(error: Floats, _x: Floats, _y: Floats) -> Floats:
    """The derivative of the mean squared error by each guess."""
    return 2 * error / len(error)


def _gradient(architecture: Architecture, theta: Floats, data_set: DataSet, slope: Slope) -> Floats:
    """The gradient that a loss of this slope gives at theta."""
    with np.errstate(all="ignore"):
        y = data_set.y.reshape(-1)
        errors = architecture.scores(theta, data_set.X).reshape(-1) - y
        return architecture.vjp(theta, data_set.X, slope(errors, data_set.X[:, 0], y)[:, None])
