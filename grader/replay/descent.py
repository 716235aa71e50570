"""Stochastic gradient descent in float64, as torch.optim.SGD defines it.

A `Pupil` says what the model makes of its numbers, a `Marking` what its guesses cost: for a line
w*x + b under the mean squared error L = mean((w*x + b - y)^2), the gradient is
dL/dw = mean(2*(w*x + b - y)*x), dL/db = mean(2*(w*x + b - y)).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from grader.replay.architectures import AffineMap
from grader.replay.loss_functions import SQUARED_ERROR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from grader.evidence import OptimizerSeen
    from grader.replay.architectures import Architecture
    from grader.replay.data_set import DataSet
    from grader.replay.line import Line
    from grader.replay.loss_functions import LossFunction

    Floats = NDArray[np.float64]

LINE = AffineMap()


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


def gradient(
    theta: Floats,
    data_set: DataSet,
    architecture: Architecture = LINE,
    loss_function: LossFunction = SQUARED_ERROR,
) -> Floats:
    """The gradient of the loss by theta, in its shape; without a pupil theta is (w, b)."""
    slope = loss_function.slope(architecture.scores(theta, data_set.X), data_set.y)
    return architecture.vjp(theta, data_set.X, slope)


def descend(
    start: Line,
    data_set: DataSet,
    how: Descent,
    epochs: int,
    loss_function: LossFunction = SQUARED_ERROR,
) -> Floats:
    """The trajectory (epochs + 1, 2) of a line's full-batch descent from `start`."""
    theta, buffer = np.array([start.w, start.b]), None
    states = [theta]
    with np.errstate(all="ignore"):
        for _ in range(epochs):
            theta, buffer = how.step(theta, gradient(theta, data_set, LINE, loss_function), buffer)
            states.append(theta)
    return np.array(states)


def descent_of(optimizer: OptimizerSeen | None) -> Descent | None:
    """The recorded hyper-parameters, where the optimizer is an SGD with the same for all."""
    groups = descents_of(optimizer)
    return next(iter(groups)) if len(groups) == 1 else None


def descents_of(optimizer: OptimizerSeen | None) -> frozenset[Descent]:
    """The recorded hyper-parameters of each group; none where the optimizer is no SGD."""
    if optimizer is None or "torch.optim.sgd.SGD" not in optimizer.lineage:
        return frozenset()
    return frozenset(map(_descent_of, optimizer.groups))


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
