"""The loss functions that lessons ask for, in float64.

The mean runs over the shape that numpy (as torch) broadcasts guesses and answers to, so answers of
shape (n,) with guesses (n, 1) give the same mistake that the student's loss made.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.models.arrays import Floats

# In float32 a sum of numbers around 1 that comes out as 0 is no farther from it than this.
ZERO = 1e-7
Each = Callable[["Floats", "Floats"], "Floats"]


@dataclass(frozen=True, slots=True)
class LossFunction:
    """A loss that is the mean of what each guess costs; `each_slope` is that by the guess.

    Over many answers to one guess the slope is that of their mean, and so are the costs but for
    `spread`, what the answers' own differences add to them: all pairs need not be written down.
    `bent` are other slopes that the same loss has for a guess of exactly 0, where it is written
    with an absolute value or a maximum: autograd takes one side of such a bend.
    """

    each: Each
    each_slope: Each
    spread: Callable[[Floats], float]
    bent: tuple[Each, ...] = ()

    def as_written(self) -> Iterator[LossFunction]:
        """Itself, and with each of the other slopes for a guess of exactly 0."""
        yield self
        yield from (replace(self, each_slope=slope, bent=()) for slope in self.bent)

    def value(self, guess: Floats, answer: Floats) -> float:
        """The loss; infinite if a model diverged."""
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
    _cross_entropy,
    lambda score, answer: sigmoid(score) - answer,
    lambda _: 0.0,
    (
        lambda score, answer: np.where(np.abs(score) < ZERO, 0.0, sigmoid(score)) - answer,
        lambda score, answer: np.where(np.abs(score) < ZERO, 1.0, sigmoid(score)) - answer,
    ),
)
