"""Gradient descent once more, in float64, from what was recorded."""

from grader.replay.data_set import DataSet, data_behind, data_set_of
from grader.replay.descent import Descent, descend, descent_of, descents_of, gradient
from grader.replay.line import (
    Line,
    learned_line,
    least_squares,
    line_orders,
    line_places,
    score_lines,
    squared_error,
)
from grader.replay.losses import losses_along, true_losses
from grader.replay.residual import OVERFLOWS, RESIDUAL, descent_residual, distance, distances
from grader.replay.trajectory import Trajectory, trajectory
from grader.replay.updates import count_updates, passes, updates_of

__all__ = [
    "OVERFLOWS",
    "RESIDUAL",
    "DataSet",
    "Descent",
    "Line",
    "Trajectory",
    "count_updates",
    "data_behind",
    "data_set_of",
    "descend",
    "descent_of",
    "descent_residual",
    "descents_of",
    "distance",
    "distances",
    "gradient",
    "learned_line",
    "least_squares",
    "line_orders",
    "line_places",
    "losses_along",
    "passes",
    "score_lines",
    "squared_error",
    "trajectory",
    "true_losses",
    "updates_of",
]
