"""Ready-made checks: sentences for a lesson's checks.py, each with its points and hints.

A lesson defines what it asks of its own examples itself, with `@graded`; for the other steps there
are:

=========  =========================================================================
model      the_model_is_a_line, the_model_scores_a_line, the_model_is_a_network,
           the_model_has_the_size_of_a_network
loss       the_loss_is_the_mean_squared_error, the_loss_is_the_cross_entropy
optimizer  the_optimizer_is_plain_gradient_descent
train      the_loop_follows_the_slope, the_loop_follows_the_slope_by_batches,
           the_accuracy_is_counted, the_accuracy_of_the_exam_is_counted
result     the_line_is_found, the_curve_is_found, the_boundary_is_found,
           the_pictures_are_told_apart
=========  =========================================================================
"""

from grader.checks.ready_made.loss import (
    the_loss_is_the_cross_entropy,
    the_loss_is_the_mean_squared_error,
)
from grader.checks.ready_made.model import (
    the_model_has_the_size_of_a_network,
    the_model_is_a_line,
    the_model_is_a_network,
    the_model_scores_a_line,
)
from grader.checks.ready_made.optimizer import the_optimizer_is_plain_gradient_descent
from grader.checks.ready_made.result import (
    the_boundary_is_found,
    the_curve_is_found,
    the_line_is_found,
    the_pictures_are_told_apart,
)
from grader.checks.ready_made.training import (
    the_accuracy_is_counted,
    the_accuracy_of_the_exam_is_counted,
    the_loop_follows_the_slope,
    the_loop_follows_the_slope_by_batches,
)
