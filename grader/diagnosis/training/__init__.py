"""Mistakes in the training loop, the surest first.

A rule about the order of calls is asked only of a loop that failed by its numbers; where the loop
can be replayed, the replay in the recorded order must also give the recorded numbers.
"""

from grader.diagnosis.rule import only
from grader.diagnosis.training import direction, epochs, order
from grader.recipes.recipe import CurveRecipe, LineRecipe, ThresholdRecipe

ORDER = (
    order.never_ends,
    *only(LineRecipe, order.least_squares_pasted),
    order.parameters_hard_coded,
    order.no_training,
    order.loss_item_backward,
    order.forward_once,
    order.loss_detached,
    order.model_recreated_in_loop,
    order.optimizer_stale,
    order.backward_missing,
    order.step_missing,
    order.backward_outside_loop,
    order.step_outside_loop,
    order.step_before_backward,
    order.zero_grad_before_step,
    order.backward_twice,
    order.step_twice,
    order.zero_grad_missing,
    order.zero_grad_sometimes,
)

DIRECTION = (
    *only((LineRecipe, CurveRecipe, ThresholdRecipe), direction.loss_against_inputs),
    *only(LineRecipe, direction.trained_on_clean_target),
    *only(
        (LineRecipe, CurveRecipe),
        direction.loss_l1,
        direction.loss_huber,
        direction.loss_root,
        direction.loss_not_squared,
    ),
    direction.loss_negated,
    direction.loss_sum,
    direction.loss_scaled,
    direction.weight_frozen,
    epochs.trained_on_subset,
    epochs.parameters_overwritten,
    direction.gradients_clipped,
    direction.scheduler_added,
)

EPOCHS = (
    *only(LineRecipe, epochs.noise_redrawn_each_epoch),
    epochs.losses_are_tensors,
    epochs.losses_not_kept,
    epochs.cell_run_twice,
    epochs.stops_early,
    epochs.too_few_epochs,
    epochs.too_many_epochs,
)
