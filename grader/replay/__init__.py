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
from grader.replay.updates import count_updates, leaves_cards_out, passes, takes_turns, updates_of
