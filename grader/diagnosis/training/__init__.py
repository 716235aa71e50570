"""Mistakes in the training loop, the surest first.

A rule about the order of calls is asked only of a loop that failed by its numbers; where the loop
can be replayed, the replay in the recorded order must also give the recorded numbers.
"""

from grader.diagnosis.rule import only
from grader.diagnosis.training import order, pull, rounds
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

PULL = (
    *only((LineRecipe, CurveRecipe, ThresholdRecipe), pull.loss_against_inputs),
    *only(LineRecipe, pull.trained_on_clean_target),
    *only(
        (LineRecipe, CurveRecipe),
        pull.loss_l1,
        pull.loss_huber,
        pull.loss_root,
        pull.loss_not_squared,
    ),
    pull.loss_negated,
    pull.loss_sum,
    pull.loss_scaled,
    pull.weight_frozen,
    rounds.trained_on_subset,
    rounds.parameters_overwritten,
    pull.gradients_clipped,
    pull.scheduler_added,
)

ROUNDS = (
    *only(LineRecipe, rounds.noise_redrawn_each_epoch),
    rounds.losses_are_tensors,
    rounds.losses_not_kept,
    rounds.cell_run_twice,
    rounds.stops_early,
    rounds.too_few_epochs,
    rounds.too_many_epochs,
)
