"""A line w*x + b: as a model draws it, and the one that fits the cards best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from grader.remembering import remembered
from grader.replay.architectures import AffineMap, fits, theta_of
from grader.replay.loss_functions import SQUARED_ERROR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from grader.evidence import ModelSeen
    from grader.replay.data_set import DataSet

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Line:
    """A line w*x + b."""

    w: float
    b: float

    def at(self, x: Floats) -> Floats:
        """Its values at x."""
        return self.w * x + self.b


def squared_error(line: Line, data_set: DataSet) -> float:
    """The mean squared error of a line on the cards."""
    with np.errstate(all="ignore"):  # a model that ran away has an infinite error
        return SQUARED_ERROR.value(line.at(data_set.X), data_set.y)


def least_squares(data_set: DataSet) -> Line:
    """The line with the smallest squared error."""
    columns = data_set.as_columns()
    design = np.hstack([columns.X, np.ones_like(columns.X)])
    w, b = np.linalg.lstsq(design, columns.y.reshape(-1), rcond=None)[0]
    return Line(float(w), float(b))


def learned_line(model: ModelSeen) -> Line | None:
    """The line that a model draws between x = 0 and x = 1, from its answers."""
    answers = dict(zip(model.probe.inputs, model.probe.outputs, strict=False))
    if model.probe.width != 1 or 0.0 not in answers or 1.0 not in answers:
        return None
    return Line(answers[1.0] - answers[0.0], answers[0.0])


@remembered
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


def score_lines(model: ModelSeen, *, shares: bool) -> tuple[AffineMap, ...]:
    """The model as a line of scores, or of what becomes of them as probabilities (`shares`)."""
    if len(theta_of(model)) != 2 or len(model.parameters) != 2:
        return ()
    return tuple(
        architecture
        for architecture in (AffineMap(0, 1), AffineMap(1, 0))
        if fits(architecture, model, shares=shares)
    )
