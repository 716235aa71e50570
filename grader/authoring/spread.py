"""How far from the goal honest training ends, as exact probabilities.

Training starts at w and b drawn evenly from (-1, 1), as torch.nn.Linear(1, 1) draws them. Descent
on a mean squared error is linear, so where it ends is a fixed linear map of the start and of the
least-squares line; under noise that line is a Gaussian vector around the goal, and the part of the
loss that no line can take away is an independent chi-squared number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from grader.errors import AssignmentError
from grader.language.messages import say

if TYPE_CHECKING:
    from grader.models.arrays import Floats
    from grader.recipes.kinds import LineRecipe

FEWEST_CARDS = 3
# Nodes for each of the four integrals over start and noise: against 28 nodes, 20 move a
# probability of 1e-6 in the lessons' fifty examples by less than a thousandth of itself.
NODES = 20
# Where w or b of the start moves the end by less than this share of what else does, the closed form
# would lose all its digits: such a share is counted as this one, which errs to the safe side.
NARROWEST = 1e-4


@dataclass(frozen=True, slots=True)
class Spread:
    """Honest training of a recipe, for all its starts and noises at once.

    `curvature` (2, 2) is the mean of (x, 1)(x, 1)', so that a line at distance d from the fit has
    a loss greater by d' curvature d; `carry` (2, 2) takes the start's distance from the fit to
    the end's.
    """

    goal: Floats
    curvature: Floats
    carry: Floats
    noise: float
    examples: int

    @property
    def fit_covariance(self) -> Floats:
        """The covariance (2, 2) of the least-squares line around the goal."""
        inverse = np.linalg.inv(self.curvature)
        return np.asarray(inverse * self.noise**2 / self.examples, dtype=np.float64)

    def lacking(self, w: Floats, b: Floats) -> Floats:
        """By how much the loss of lines (w, b) away from the fit is greater than the fit's."""
        return _form(self.curvature, w, b)

    def parameter_beyond(self, place: int, distance: float) -> float:
        """The probability that w (place 0) or b (place 1) ends farther than this from the goal.

        In closed form: two even distributions and a Gaussian one are added.
        """
        centre = -float((self.carry @ self.goal)[place])
        kept = np.eye(2) - self.carry
        sigma = math.sqrt(float((kept @ self.fit_covariance @ kept.T)[place, place]))
        widths = [abs(float(width)) for width in self.carry[place]]
        narrowest = NARROWEST * max(*widths, sigma) or 1e-100
        first, second = (max(width, narrowest) for width in widths)
        return sum(_sum_beyond(distance + side, first, second, sigma) for side in (-centre, centre))

    def ratio_beyond(self, ratio: float) -> float:
        """The probability that the loss ends above this share of where it began.

        Exact without noise; with it an integral by Gaussian nodes, good for shares to one half.
        """
        ended = self.carry.T @ self.curvature @ self.carry
        if not self.noise:
            return _cone_share(ended - ratio * self.curvature, self.goal)
        starts, start_weights = np.polynomial.legendre.leggauss(NODES)
        noises, noise_weights = np.polynomial.hermite_e.hermegauss(NODES)
        axes = np.meshgrid(starts, starts, noises, noises, indexing="ij", sparse=True)
        weights = np.einsum(
            "i,j,k,l->ijkl", start_weights, start_weights, noise_weights, noise_weights
        ) / (4 * 2 * math.pi)
        root = np.linalg.cholesky(self.fit_covariance)
        w = axes[0] - self.goal[0] - root[0, 0] * axes[2]
        b = axes[1] - self.goal[1] - root[1, 0] * axes[2] - root[1, 1] * axes[3]
        lacking = _form(ratio * self.curvature - ended, w, b)
        unavoidable = self.noise**2 / self.examples * (1 - ratio)
        beyond = chi_squared_beyond(np.maximum(lacking, 0) / unavoidable, self.examples - 2)
        return float(np.sum(weights * beyond))


def spread_of(recipe: LineRecipe) -> Spread:
    """The spread of a recipe; AssignmentError where its training does not settle."""
    x = recipe.inputs.values()
    if len(set(x.tolist())) < FEWEST_CARDS:
        raise AssignmentError(
            say(
                "The recipe has {count} different cards; give it at least {fewest}.",
                count=len(set(x.tolist())),
                fewest=FEWEST_CARDS,
            )
        )
    design = np.column_stack([x, np.ones_like(x)])
    curvature = design.T @ design / len(x)
    limit = 1 / float(np.linalg.eigvalsh(curvature)[-1])
    if not 0 < recipe.learning_rate < limit:
        raise AssignmentError(
            say(
                "With the learning rate {rate:g}, honest training diverges; on these cards the "
                "rate has to be between 0 and {limit:.4g}.",
                rate=recipe.learning_rate,
                limit=limit,
            )
        )
    once = np.eye(2) - 2 * recipe.learning_rate * curvature
    return Spread(
        goal=np.array([recipe.w, recipe.b]),
        curvature=curvature,
        carry=np.linalg.matrix_power(once, recipe.epochs),
        noise=recipe.noise,
        examples=len(x),
    )


def chi_squared_beyond(values: Floats, freedom: int) -> Floats:
    """The probability that a chi-squared number with so many degrees of freedom is larger."""
    half = values / 2
    order = 1.0 if freedom % 2 == 0 else 0.5
    beyond = np.exp(-half) if freedom % 2 == 0 else np.vectorize(math.erfc)(np.sqrt(half))
    term = half**order * np.exp(-half) / math.gamma(order + 1)
    while order < freedom / 2:
        beyond = beyond + term
        order += 1
        term = term * half / order
    return np.asarray(beyond, dtype=np.float64)


def _form(form: Floats, w: Floats, b: Floats) -> Floats:
    value = form[0, 0] * w * w + (form[0, 1] + form[1, 0]) * w * b + form[1, 1] * b * b
    return np.asarray(value, dtype=np.float64)


def _sum_beyond(value: float, first: float, second: float, sigma: float) -> float:
    """P(first*U + second*V + sigma*Z > value); U, V even on (-1, 1), Z standard Gaussian."""
    corners = [(1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1)]
    total = sum(sign * _excess(value - u * first - v * second, sigma) for u, v, sign in corners)
    return max(total, 0.0) / (4 * first * second)


def _excess(value: float, sigma: float) -> float:
    """Half the mean square of how far sigma*Z exceeds the value: its second derivative is P."""
    if not sigma:
        return max(-value, 0.0) ** 2 / 2
    z = value / sigma
    beyond = math.erfc(z / math.sqrt(2)) / 2
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return ((value**2 + sigma**2) * beyond - value * sigma * density) / 2


def _cone_share(form: Floats, goal: Floats) -> float:
    """The share of starts in the square (-1, 1)^2 at which the form of start - goal is positive.

    Where the form is zero, b is a multiple of w: between two such lines through the goal lies a
    cone, whose cut with each w is piecewise linear in w, so that trapezoids are exact.
    """
    a, half_b, c = form[1, 1], form[0, 1], form[0, 0]
    root = half_b**2 - a * c
    if root <= 0 or not a:
        return float(c > 0)
    slopes = (-half_b + np.array([-1.0, 1.0]) * math.sqrt(root)) / a
    low, high = -1 - goal, 1 - goal
    with np.errstate(divide="ignore"):
        bends = np.concatenate([[low[0], high[0], 0.0], low[1] / slopes, high[1] / slopes])
    w = np.unique(np.clip(bends, low[0], high[0]))
    ends = np.clip(slopes[:, None] * w, low[1], high[1])
    between = float(np.trapezoid(np.abs(ends[1] - ends[0]), w)) / 4
    return between if a < 0 else 1 - between
