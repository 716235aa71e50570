"""Gradient descent once more, in float64, from what was recorded.

A `Pupil` says what the model makes of its numbers, a `Marking` what its guesses cost: for a line
w*x + b under the mean squared error L = mean((w*x + b - y)^2), the gradient is
dL/dw = mean(2*(w*x + b - y)*x), dL/db = mean(2*(w*x + b - y)).

`RESIDUAL` bounds what float32 does to one honest update or to a trajectory of up to 200 epochs:
the largest seen over 300 seeds and every honest way to write the loop was 3.5e-7 (momentum 9.3e-7);
the smallest of any wrong loop was 5.7e-4.
Where values of a large model were left out, the updates between are replayed at one go; `BRIDGED`
bounds what float32 does to those.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from grader.marking import SQUARED_ERROR
from grader.pupils import LinePupil, fits, theta_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from grader.evidence import (
        ModelSeen,
        OptimizerSeen,
        TensorSeen,
        TrainedSeen,
        TrainingSeen,
    )
    from grader.marking import Marking
    from grader.pupils import Pupil

    Floats = NDArray[np.float64]

RESIDUAL = 2e-6
BRIDGED = 1e-3
MOST_BRIDGED = 200
# Inputs made by arange, linspace or a list differ by up to 9.5e-7 on 0..10.
ON_A_CARD = 1e-5
# float32 ends at 3.4e38; from here on a recorded infinity is what float64 leads to as well.
OVERFLOWS = 1e37


@dataclass(frozen=True, slots=True)
class Line:
    """A line w*x + b."""

    w: float
    b: float

    def at(self, x: Floats) -> Floats:
        """Its values at x."""
        return self.w * x + self.b


@dataclass(frozen=True, slots=True)
class Descent:
    """The hyper-parameters of stochastic gradient descent, as torch.optim.SGD defines them."""

    learning_rate: float
    momentum: float = 0.0
    dampening: float = 0.0
    weight_decay: float = 0.0
    nesterov: bool = False
    maximize: bool = False

    @property
    def plain(self) -> bool:
        """Whether nothing but the learning rate is set."""
        return self == Descent(self.learning_rate)

    def step(
        self, theta: Floats, gradient: Floats, buffer: Floats | None
    ) -> tuple[Floats, Floats | None]:
        """One update by the algorithm in torch.optim.SGD's documentation."""
        gradient = (-gradient if self.maximize else gradient) + self.weight_decay * theta
        if self.momentum:
            buffer = (
                gradient
                if buffer is None
                else self.momentum * buffer + (1 - self.dampening) * gradient
            )
            gradient = gradient + self.momentum * buffer if self.nesterov else buffer
        return theta - self.learning_rate * gradient, buffer


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


LINE = LinePupil()


def squared_error(line: Line, cards: Cards) -> float:
    """The mean squared error of a line on the cards."""
    with np.errstate(all="ignore"):  # a model that ran away has an infinite error
        return SQUARED_ERROR.value(line.at(cards.X), cards.y)


def gradient(
    theta: Floats, cards: Cards, pupil: Pupil = LINE, marking: Marking = SQUARED_ERROR
) -> Floats:
    """The gradient of the loss by theta, in its shape; without a pupil theta is (w, b)."""
    slope = marking.slope(pupil.scores(theta, cards.X), cards.y)
    return pupil.pull(theta, cards.X, slope)


def least_squares(cards: Cards) -> Line:
    """The line with the smallest squared error."""
    columns = cards.as_columns()
    design = np.hstack([columns.X, np.ones_like(columns.X)])
    w, b = np.linalg.lstsq(design, columns.y.reshape(-1), rcond=None)[0]
    return Line(float(w), float(b))


def descend(
    start: Line, cards: Cards, how: Descent, epochs: int, marking: Marking = SQUARED_ERROR
) -> Floats:
    """The trajectory (epochs + 1, 2) of a line's full-batch descent from `start`."""
    theta, buffer = np.array([start.w, start.b]), None
    states = [theta]
    with np.errstate(all="ignore"):
        for _ in range(epochs):
            theta, buffer = how.step(theta, gradient(theta, cards, LINE, marking), buffer)
            states.append(theta)
    return np.array(states)


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


def line_orders(model: ModelSeen) -> tuple[tuple[int, int], ...]:
    """Where slope and intercept can stand among two single parameters, by the model's answers.

    Both orders, where the two numbers are equal.
    """
    values = [v for parameter in model.parameters for v in parameter.values]
    learned = learned_line(model)
    if len(values) != 2 or learned is None:
        return ()
    line = [learned.w, learned.b]
    return tuple(
        (w, b)
        for w, b in ((0, 1), (1, 0))
        if np.allclose([values[w], values[b]], line, rtol=1e-5, atol=1e-5, equal_nan=True)
    )


def line_places(model: ModelSeen) -> tuple[int, int] | None:
    """Where slope and intercept stand, weight first where both orders fit; None for no line."""
    return next(iter(line_orders(model)), None)


def score_lines(model: ModelSeen, *, shares: bool) -> tuple[LinePupil, ...]:
    """The model as a line of scores, or of what becomes of them as probabilities (`shares`)."""
    if len(theta_of(model)) != 2 or len(model.parameters) != 2:
        return ()
    return tuple(
        pupil for pupil in (LinePupil(0, 1), LinePupil(1, 0)) if fits(pupil, model, shares=shares)
    )


def learned_line(model: ModelSeen) -> Line | None:
    """The line that a model draws between x = 0 and x = 1, from its answers."""
    answers = dict(zip(model.probe.inputs, model.probe.outputs, strict=False))
    if model.probe.width != 1 or 0.0 not in answers or 1.0 not in answers:
        return None
    return Line(answers[1.0] - answers[0.0], answers[0.0])


def descent_of(optimizer: OptimizerSeen | None) -> Descent | None:
    """The recorded hyper-parameters, where the optimizer is an SGD with the same for all."""
    if optimizer is None or "torch.optim.sgd.SGD" not in optimizer.lineage:
        return None
    groups = {_descent_of(group) for group in optimizer.groups}
    return groups.pop() if len(groups) == 1 else None


def _descent_of(group: Mapping[str, bool | float | str | None]) -> Descent:
    def number(name: str) -> float:
        value = group.get(name, 0.0)
        return float(value) if isinstance(value, (int, float)) else 0.0

    return Descent(
        number("lr"),
        number("momentum"),
        number("dampening"),
        number("weight_decay"),
        bool(group.get("nesterov")),
        bool(group.get("maximize")),
    )


def updates_of(training: TrainingSeen) -> Sequence[tuple[int, tuple[int, ...]]]:
    """Tick and cards of every update: an optimizer's steps, else gradients computed by hand."""
    return training.updates or training.backwards


def count_updates(training: TrainingSeen) -> int:
    """How many updates there were, also beyond those that were kept."""
    counts = training.counts
    return counts.get("S", 0) or counts.get("B", 0) + counts.get("G", 0)


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
    shown = dict(training.backwards)
    until = ticks[path.gap] if path.gap is not None else np.inf
    losses = []
    for tick, _ in training.losses:
        if tick > until:
            break
        state = path.states[max(0, int(np.searchsorted(ticks, tick - 1, side="right")) - 1)]
        seen = cards_shown(training, shown.get(tick, ()), cards)
        with np.errstate(all="ignore"):
            scores = pupil.scores(state, seen.X) if seen is not None else None
        losses.append(
            marking.value(scores, seen.y) if scores is not None and seen is not None else np.nan
        )
    return np.array(losses)


def passes(training: TrainingSeen, cards: Cards) -> float:
    """How often the cards were gone through, on average over the cards."""
    sizes = dict[tuple[int, ...], int]()
    for _, shown in updates_of(training):
        if shown not in sizes:
            seen = cards_shown(training, shown, cards)
            sizes[shown] = len(cards) if seen is None else min(len(seen), len(cards))
    updates = updates_of(training) if training.gradients else ()
    total = sum(sizes[shown] for _, shown in updates)
    return count_updates(training) * total / (len(updates) * len(cards)) if updates else 0.0


def descent_residual(
    training: TrainingSeen,
    pupil: Pupil,
    cards: Cards,
    how: Descent,
    marking: Marking = SQUARED_ERROR,
) -> float | None:
    """How far the recorded updates are from descent on the cards, one update at a time.

    The largest |recorded - expected| / (1 + |before| + |change|) over the updates that were kept;
    an update that left no trace counts with the change it should have made. None where the
    parameters or the cards of an update were not seen.
    """
    path = trajectory(training)
    updates = updates_of(training)
    if path is None or not updates:
        return None
    states = path.states
    worst, buffer, done = 0.0, None, 0
    with np.errstate(all="ignore"):
        for i in range(len(states)):
            last = i + 1 == len(states)
            until = None if last else path.ticks[i + 1]
            due = [u for u in updates[done:] if until is None or u[0] <= until]
            due = due if training.updates or last else _by_hand(updates, done, path.ticks[i + 1])
            if i == path.gap:
                done = sum(tick <= path.ticks[i + 1] for tick, _ in updates)
                if how.momentum:
                    return worst
                if len(due) > MOST_BRIDGED or len(updates) < count_updates(training):
                    buffer = None
                    continue
            else:
                done += len(due)
            theta = states[i]
            for _, shown in due:
                seen = cards_shown(training, shown, cards)
                if seen is None:
                    return None
                theta, buffer = how.step(theta, gradient(theta, seen, pupil, marking), buffer)
            reached = states[i] if last else states[i + 1]
            off = distance(reached, theta, states[i])
            worst = max(worst, off if i != path.gap else off * RESIDUAL / BRIDGED)
    return worst


def distance(recorded: Floats, expected: Floats, before: Floats) -> float:
    """The largest |recorded - expected| / (1 + |before| + |change|).

    Where float64 leads some number of a state to infinity, nan or beyond float32, that state cannot
    be compared; a number that was lost where all should have stayed finite is infinitely far off.
    """
    with np.errstate(all="ignore"):
        scale = 1 + np.abs(before) + np.abs(recorded - before)
        off = np.abs(recorded - expected) / scale
    within = np.isfinite(expected) & (np.abs(expected) < OVERFLOWS)
    # One number beyond float32 makes nan of the others in the next gradient.
    comparable = np.broadcast_to(np.all(within, axis=-1, keepdims=True), np.shape(off))
    off = np.where(comparable, np.where(np.isfinite(recorded), off, np.inf), 0.0)
    return float(np.max(off, initial=0.0))


def _by_hand(
    updates: Sequence[tuple[int, tuple[int, ...]]], done: int, until: int
) -> list[tuple[int, tuple[int, ...]]]:
    """Updates by hand are noticed at the event after them, which may be the next gradient's."""
    return [u for u in updates[done:] if u[0] < until]


def cards_shown(training: TrainingSeen, shown: tuple[int, ...], cards: Cards) -> Cards | None:
    """The cards behind a gradient; inputs that are on no card (an exam in between) do not count."""
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
