"""How guesses are marked: the losses that lessons ask for, in float64.

The mean runs over the shape that numpy (as torch) broadcasts guesses and answers to, so answers of
shape (n,) beside guesses (n, 1) are marked with the same mistake that the student's loss made.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Each = Callable[["Floats", "Floats"], "Floats"]


@dataclass(frozen=True, slots=True)
class LossFunction:
    """A loss that is the mean of what each guess costs; `each_slope` is that by the guess.

    Over many answers to one guess the slope is that of their mean, and so are the costs but for
    `spread`, what the answers' own differences add to them: all pairs need not be written down.
    """

    each: Each
    each_slope: Each
    spread: Callable[[Floats], float]

    def value(self, guess: Floats, answer: Floats) -> float:
        """The loss; infinite where a model ran away."""
        with np.errstate(all="ignore"):
            if _pairs(guess, answer):
                return float(self.each(guess, answer.mean()).mean() + self.spread(answer))
            costs = self.each(guess, answer)
            return float(costs.sum() / costs.size)

    def values(self, guesses: Floats, answer: Floats) -> Floats:
        """The loss (k) of each of many sets of guesses (k, n, 1)."""
        with np.errstate(all="ignore"):
            if _pairs(guesses, answer):
                costs = self.each(guesses, answer.mean()) + self.spread(answer)
            else:
                costs = self.each(guesses, answer)
            return np.asarray(costs.mean(axis=(-2, -1)), dtype=np.float64)

    def slope(self, guess: Floats, answer: Floats) -> Floats:
        """The gradient of the loss by the guesses, in their shape (..., n, 1) or (n,)."""
        slopes = self.each_slope(guess, answer.mean() if _pairs(guess, answer) else answer)
        slopes = slopes / max(1, math.prod(slopes.shape[-2:]))
        if slopes.shape != guess.shape:
            slopes = slopes.sum(axis=-1, keepdims=True)
        return slopes


def _pairs(guess: Floats, answer: Floats) -> bool:
    """Whether each of the guesses (..., n, 1) is compared with each of the answers in a row."""
    in_a_row = 1 < answer.size == answer.shape[-1]
    return in_a_row and guess.ndim > 1 and guess.shape[-1] == 1


def sigmoid(score: Floats) -> Floats:
    """The logistic function: a score as the probability of yes."""
    return np.asarray(0.5 * (1 + np.tanh(score / 2)), dtype=np.float64)


def _cross_entropy(score: Floats, answer: Floats) -> Floats:
    """-answer*log(p) - (1-answer)*log(1-p), as the documentation of BCEWithLogitsLoss has it."""
    costs = np.maximum(score, 0) - score * answer + np.log1p(np.exp(-np.abs(score)))
    return np.asarray(costs, dtype=np.float64)


SQUARED_ERROR = LossFunction(
    lambda guess, answer: (guess - answer) ** 2,
    lambda guess, answer: 2 * (guess - answer),
    lambda answer: float(np.var(answer)),
)
CROSS_ENTROPY = LossFunction(
    _cross_entropy, lambda score, answer: sigmoid(score) - answer, lambda _: 0.0
)
