"""A model's answer to an example, as a function of its parameters: the models of our lessons.

An architecture takes all of a model's parameters as one flat row `theta`, in the model's order.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from grader.remembering import remembered
from grader.replay.loss_functions import sigmoid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.evidence import ModelSeen
    from grader.models.arrays import Floats

Activation = Literal["relu", "tanh"]
RTOL = ATOL = 1e-5


class Architecture(Protocol):
    """A model's answers by its numbers, and how a gradient by the answers maps to the numbers.

    For many rows theta (..., p) at once, each separately.
    """

    def scores(self, theta: Floats, X: Floats) -> Floats:
        """The answers (..., n, 1) to cards X (n, width)."""

    def vjp(self, theta: Floats, X: Floats, slope: Floats) -> Floats:
        """The gradient by theta, of a loss whose gradient by the answers is `slope` (..., n, 1)."""


@dataclass(frozen=True, slots=True)
class AffineMap:
    """One weight and one bias; the numbers are where they stand in theta."""

    weight: int = 0
    bias: int = 1

    def scores(self, theta: Floats, X: Floats) -> Floats:
        """theta[weight] * X + theta[bias]."""
        w, b = theta[..., self.weight, None, None], theta[..., self.bias, None, None]
        return np.asarray(w * X + b, dtype=np.float64)

    def vjp(self, theta: Floats, X: Floats, slope: Floats) -> Floats:
        """The slope times the cards, and the slope."""
        pulled = np.zeros_like(theta)
        pulled[..., self.weight] = (slope * X).sum(axis=(-2, -1))
        pulled[..., self.bias] = slope.sum(axis=(-2, -1))
        return pulled


@dataclass(frozen=True, slots=True)
class Network:
    """One hidden layer that is bent, by a ReLU or a tanh, and one number out: f(X A' + a) B' + b.

    `places` are where A (hidden, width), a, B (1, hidden) and b begin in theta; where
    `inputs_first`, A stands there as A' (width, hidden).
    """

    width: int
    hidden: int
    places: tuple[int, int, int, int]
    activation: Activation = "relu"
    inputs_first: bool = False

    @property
    def size(self) -> int:
        """How many numbers the network has."""
        return self.hidden * (self.width + 2) + 1

    def _parts(self, theta: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        first, shift, second, last = self.places
        weights = theta[..., first : first + self.hidden * self.width]
        if self.inputs_first:
            weights = weights.reshape(*theta.shape[:-1], self.width, self.hidden)
            weights = np.swapaxes(weights, -1, -2)
        else:
            weights = weights.reshape(*theta.shape[:-1], self.hidden, self.width)
        shifts = theta[..., None, shift : shift + self.hidden]
        return weights, shifts, theta[..., None, second : second + self.hidden], theta[..., last]

    def _bent(self, values: Floats) -> Floats:
        return np.maximum(values, 0) if self.activation == "relu" else np.tanh(values)

    def before_bend(self, theta: Floats, X: Floats) -> Floats:
        """What the hidden layer computes (..., n, hidden), before it is bent."""
        weights, shifts, _, _ = self._parts(theta)
        return np.asarray(X @ np.swapaxes(weights, -1, -2) + shifts, dtype=np.float64)

    def scores(self, theta: Floats, X: Floats) -> Floats:
        """The answers (..., n, 1)."""
        _, _, last, shift = self._parts(theta)
        hidden = self._bent(self.before_bend(theta, X))
        answers = hidden @ np.swapaxes(last, -1, -2) + shift[..., None, None]
        return np.asarray(answers, dtype=np.float64)

    def vjp(self, theta: Floats, X: Floats, slope: Floats) -> Floats:
        """The chain rule; at the bend of a ReLU its slope is 0, as in torch."""
        _, _, last, _ = self._parts(theta)
        before = self.before_bend(theta, X)
        bent = self._bent(before)
        back = slope * last * (before > 0 if self.activation == "relu" else 1 - bent**2)
        pulled = np.zeros_like(theta)
        first, shift, second, end = self.places
        weights = np.swapaxes(back, -1, -2) @ X
        weights = np.swapaxes(weights, -1, -2) if self.inputs_first else weights
        pulled[..., first : first + self.hidden * self.width] = weights.reshape(
            *theta.shape[:-1], -1
        )
        pulled[..., shift : shift + self.hidden] = back.sum(axis=-2)
        pulled[..., second : second + self.hidden] = (slope * bent).sum(axis=-2)
        pulled[..., end] = slope.sum(axis=(-2, -1))
        return pulled


@remembered
def theta_of(model: ModelSeen) -> Floats:
    """A model's parameters as one flat row."""
    theta = np.array([v for p in model.parameters for v in p.values], dtype=np.float64)
    theta.setflags(write=False)
    return theta


def fits(architecture: Architecture, model: ModelSeen, *, shares: bool = False) -> bool:
    """Whether the model's answers are this pupil's scores; with `shares` their probabilities."""
    X = np.array(model.probe.inputs, dtype=np.float64).reshape(-1, max(1, model.probe.width))
    answers = np.array(model.probe.outputs, dtype=np.float64)
    if not len(X) or answers.size != len(X):
        return False
    with np.errstate(all="ignore"):
        due = architecture.scores(theta_of(model), X).reshape(-1)
    due = sigmoid(due) if shares else due
    return bool(np.allclose(answers, due, rtol=1e-4, atol=1e-4))


def network_places(
    shapes: Sequence[tuple[int, ...]], width: int, hidden: int, activation: Activation = "relu"
) -> tuple[Network, ...]:
    """Every way in which parameters of these shapes can be a network's; none where they cannot."""
    others: tuple[set[tuple[int, ...]], ...] = (
        {(hidden,), (1, hidden)},
        {(1, hidden), (hidden,), (hidden, 1)},
        {(1,), (1, 1), ()},
    )
    starts = np.cumsum([0, *(int(np.prod(shape)) for shape in shapes)]).tolist()
    if len(shapes) != 1 + len(others):
        return ()
    return tuple(
        Network(width, hidden, (starts[a], starts[b], starts[c], starts[d]), activation, first)
        for first in (False, True)
        for a, b, c, d in permutations(range(len(shapes)))
        if shapes[a] == ((width, hidden) if first else (hidden, width))
        and all(shapes[place] in fit for place, fit in zip((b, c, d), others, strict=True))
    )
