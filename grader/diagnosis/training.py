"""Mistakes in the training loop: the order of its calls, their number, and what they work on.

A rule about the order of calls is asked only of a loop that failed by its numbers; where the loop
can be replayed, the replay in the recorded order must also give the recorded numbers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from grader.diagnosis.rule import rule
from grader.diagnosis.scene import MATCH, squared
from grader.messages import say
from grader.models import Step
from grader.replay import cards_shown, learned_line, least_squares

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.diagnosis.rule import Place
    from grader.diagnosis.scene import Scene


def _at(kind: str, number: int = 0) -> Callable[[Scene], Place]:
    def place(scene: Scene) -> Place:
        cell, line = scene.event_place(kind, number)
        return (cell, line) if cell is not None else _at_loop(scene)

    return place


def _at_loop(scene: Scene) -> Place:
    stopped = scene.stop_place(Step.TRAIN)
    return stopped if stopped[0] is not None else scene.binding_place(Step.TRAIN, "epoch", "epochs")


def _at_epochs(scene: Scene) -> Place:
    return scene.binding_place(Step.TRAIN, "epochs")


def _order_explains(scene: Scene) -> bool:
    """Whether the recorded calls give the recorded numbers, or cannot be replayed."""
    residual = scene.residual_of(squared)
    return residual is None or scene.explained_by(squared)


@rule(
    "never_ends",
    Step.TRAIN,
    say("It behaves like a loop that never comes to an end."),
    say("What makes your loop stop, and does that ever become true?"),
    lambda scene: scene.loop_place(),
)
def never_ends(scene: Scene) -> bool:
    """The cell was stopped by its time limit."""
    return scene.error_says(Step.TRAIN, "TimedOut")


@rule(
    "least_squares_pasted",
    Step.TRAIN,
    say(
        "It behaves like a model whose numbers were not learned but filled in, either typed by "
        "hand or copied from a formula."
    ),
    say("Which lines set the model's numbers, and which lines let it learn them?"),
    _at_loop,
    also=("parameters_hard_coded",),
)
def least_squares_pasted(scene: Scene) -> bool:
    """No update at all, and a model that fits the cards best, or is the goal."""
    end = scene.result.model if scene.result is not None else None
    line = learned_line(end) if end is not None else None
    if scene.count("BGS") or line is None:
        return False
    goals = [scene.recipe.line]
    goals += [least_squares(scene.cards)] if scene.cards is not None else []
    return any(max(abs(line.w - g.w), abs(line.b - g.b)) < 0.02 for g in goals)


@rule(
    "no_training",
    Step.TRAIN,
    say("It behaves like a loop in which nothing is learned: no gradient, no step."),
    say("Guess, mark, reflect, change: which of these does your loop do?"),
    _at_loop,
)
def no_training(scene: Scene) -> bool:
    """Neither gradients nor steps."""
    return (
        scene.training is not None and scene.count("BGS") == 0 and Step.TRAIN not in scene.stopped
    )


@rule(
    "loss_item_backward",
    Step.TRAIN,
    say("It behaves like a loss that was turned into a plain number before it was used."),
    say("What does .item() leave of a tensor, and when may you use it?"),
    _at_loop,
)
def loss_item_backward(scene: Scene) -> bool:
    """'float' object has no attribute 'backward'."""
    return scene.error_says(Step.TRAIN, "'float' object has no attribute 'backward'")


@rule(
    "forward_once",
    Step.TRAIN,
    say("It behaves like a single guess that is marked again and again."),
    say("After the model has changed, does it guess anew? What stands inside the loop?"),
    _at("F"),
)
def forward_once(scene: Scene) -> bool:
    """One forward pass, several backward passes."""
    if scene.error_says(Step.TRAIN, "backward through the graph a second time"):
        return True
    return scene.order.count("F") <= 1 < scene.order.count("B")


@rule(
    "loss_detached",
    Step.TRAIN,
    say("It behaves like a loss that was cut off from the model: no gradient can flow back."),
    say("Which line in front of the backward pass lets the number through but not the way back?"),
    _at_loop,
)
def loss_detached(scene: Scene) -> bool:
    """Backward from something without a graph."""
    return scene.error_says(Step.TRAIN, "does not require grad and does not have a grad_fn")


@rule(
    "model_recreated_in_loop",
    Step.TRAIN,
    say("It behaves like a new pupil in every round, who never saw the rounds before."),
    say("Which lines inside the loop should run only once?"),
    _at_loop,
)
def model_recreated_in_loop(scene: Scene) -> bool:
    """Many models went through the training."""
    training = scene.training
    return training is not None and training.models >= 10 and _hardly_moved(scene)


def _hardly_moved(scene: Scene) -> bool:
    """The last model saw few of the updates, or none."""
    return scene.path is None or len(scene.path.states) < scene.recipe.epochs / 2


@rule(
    "optimizer_stale",
    Step.TRAIN,
    say("It behaves like an optimizer that still looks after an earlier model."),
    say("Is the model made anew after the optimizer was given its parameters?"),
    _at("S"),
)
def optimizer_stale(scene: Scene) -> bool:
    """The optimizer owned the model after its own cell, and does not after the training."""
    before, training = scene.optimizer, scene.training
    after = training.optimizer if training is not None else None
    return (
        before is not None
        and all(before.owns)
        and after is not None
        and bool(after.owns)
        and not any(after.owns)
    )


@rule(
    "backward_missing",
    Step.TRAIN,
    say("It behaves like a loop that never asks for gradients: the steps have nothing to go by."),
    say("Between the mark and the change, the blame has to be traced back. Where is that line?"),
    _at("S"),
)
def backward_missing(scene: Scene) -> bool:
    """Steps without any gradient."""
    return scene.count("S") > 0 and scene.count("BG") == 0


@rule(
    "step_missing",
    Step.TRAIN,
    say("It behaves like a loop that reflects, and never changes anything."),
    say("The gradients are there: who is to move the model's numbers by them?"),
    _at("B"),
)
def step_missing(scene: Scene) -> bool:
    """Gradients without any step or change."""
    moved = scene.path is not None and len(scene.path.states) > 1
    return scene.count("BG") > 0 and scene.count("S") == 0 and not moved


@rule(
    "backward_outside_loop",
    Step.TRAIN,
    say("It behaves like a loop that only guesses: the learning comes once, after its end."),
    say("Look at the indentation: which lines belong to every round?"),
    _at("B"),
)
def backward_outside_loop(scene: Scene) -> bool:
    """Many guesses, one gradient."""
    return scene.count("B") == 1 and scene.order.count("F") + _leading(scene) >= 10


def _leading(scene: Scene) -> int:
    """Guesses in front of the first call that matters."""
    events = scene.training.events if scene.training is not None else ""
    return len(re.findall("F", events.partition("B")[0]))


@rule(
    "step_outside_loop",
    Step.TRAIN,
    say("It behaves like a loop with its step behind it: the model changes only once, at the end."),
    say("Look at the indentation: which lines belong to every round?"),
    _at("S"),
)
def step_outside_loop(scene: Scene) -> bool:
    """Many gradients, one step."""
    return scene.count("S") == 1 and scene.count("B") >= 10


@rule(
    "step_before_backward",
    Step.TRAIN,
    say("It behaves like a step that is taken before the gradients of its own round are there."),
    say("In which order come tracing the blame and changing the numbers?"),
    _at("S"),
)
def step_before_backward(scene: Scene) -> bool:
    """Every round steps first."""
    order = scene.order
    first_step, first_backward = order.find("S"), order.find("B")
    return 0 <= first_step < first_backward and not _closure(scene) and _order_explains(scene)


def _closure(scene: Scene) -> bool:
    """Guesses inside the step: the loop hands a closure to it."""
    return scene.order.startswith("SZFB") or scene.order.startswith("SFB")


@rule(
    "zero_grad_before_step",
    Step.TRAIN,
    say("It behaves like gradients that are wiped away before they could be used."),
    say("What lies on the blackboard at the moment when the numbers are changed?"),
    _at("Z"),
)
def zero_grad_before_step(scene: Scene) -> bool:
    """Between a gradient and its step, the gradients are cleared."""
    return scene.order.count("BZS") >= max(2, scene.count("S") / 2) and _order_explains(scene)


@rule(
    "backward_twice",
    Step.TRAIN,
    say("It behaves like a round whose blame is counted twice."),
    say("How often is the gradient asked for between two steps?"),
    _at("B", 1),
)
def backward_twice(scene: Scene) -> bool:
    """Two gradients for each step."""
    return scene.order.count("BBS") >= max(2, scene.count("S") / 2) and _order_explains(scene)


@rule(
    "step_twice",
    Step.TRAIN,
    say("It behaves like two steps for a single reflection."),
    say("How often does the model move in one round?"),
    _at("S", 1),
)
def step_twice(scene: Scene) -> bool:
    """Two steps for each gradient."""
    return scene.order.count("BSS") >= max(2, scene.count("B") / 2)


@rule(
    "zero_grad_missing",
    Step.TRAIN,
    say("It behaves like gradients that are never cleared: each round adds to those before."),
    say("After a round, what is still written on the blackboard when the next one begins?"),
    _at("B"),
)
def zero_grad_missing(scene: Scene) -> bool:
    """No clearing, or only before the first gradient."""
    cleared = "Z" in scene.order.partition("B")[2]
    several = scene.count("B") > 1 and scene.count("S") > 1
    return (
        several
        and not cleared
        and scene.residual_of(squared) is not None
        and _order_explains(scene)
    )


@rule(
    "zero_grad_sometimes",
    Step.TRAIN,
    say("It behaves like gradients that are cleared in some rounds and pile up in others."),
    say("Is the line that clears them run in every round?"),
    _at("Z"),
)
def zero_grad_sometimes(scene: Scene) -> bool:
    """Fewer clearings than gradients, inside the loop."""
    cleared = scene.order.partition("B")[2].count("Z")
    return 1 < cleared < scene.order.count("B") - 2 and _order_explains(scene)


def _other_loss(scene: Scene, slope: Callable[..., np.ndarray]) -> bool:
    return not scene.explained_by(squared) and scene.explained_by(slope)


@rule(
    "loss_against_inputs",
    Step.TRAIN,
    say("It behaves like guesses that are compared with the fronts of the cards."),
    say("What is a guess to be compared with, the question or the answer?"),
    _at("B"),
)
def loss_against_inputs(scene: Scene) -> bool:
    """The loss is taken against X."""
    if scene.cards is None:
        return False
    x = scene.cards.X.reshape(-1)
    return not scene.explained_by(squared) and scene.explained_by(squared, x)


@rule(
    "trained_on_clean_target",
    Step.TRAIN,
    say("It behaves like training on answers without noise."),
    say("Which answers stand on the cards that were handed out, and which does the loop use?"),
    _at("B"),
)
def trained_on_clean_target(scene: Scene) -> bool:
    """The loss is taken against the line itself."""
    if scene.cards is None or not scene.recipe.noise:
        return False
    line = scene.recipe.line.at(scene.cards.X.reshape(-1))
    return not scene.explained_by(squared) and scene.explained_by(squared, line)


@rule(
    "loss_l1",
    Step.TRAIN,
    say("It behaves like a loop that learns from the mean distance, not from its square."),
    say("Which loss does your loop compute, and which one did you prepare?"),
    _at("B"),
)
def loss_l1(scene: Scene) -> bool:
    """mean |guess - answer|."""
    return _other_loss(scene, lambda error, _x, _y: np.sign(error) / len(error))


@rule(
    "loss_huber",
    Step.TRAIN,
    say("It behaves like a loop whose loss goes easy on large mistakes."),
    say("Which loss does your loop compute, and which one did you prepare?"),
    _at("B"),
)
def loss_huber(scene: Scene) -> bool:
    """Squared near zero, straight further out."""
    return _other_loss(scene, lambda error, _x, _y: np.clip(error, -1, 1) / len(error))


@rule(
    "loss_root",
    Step.TRAIN,
    say("It behaves like a loop that learns from the root of the mean squared distance."),
    say("Is there one step too many behind the mean?"),
    _at("B"),
)
def loss_root(scene: Scene) -> bool:
    """sqrt(mean (guess - answer)^2)."""
    return _other_loss(
        scene, lambda error, _x, _y: error / (len(error) * np.sqrt(np.mean(error**2)))
    )


@rule(
    "loss_not_squared",
    Step.TRAIN,
    say("It behaves like a loss of plain differences: too high and too low cancel out."),
    say("Two guesses, one 3 too high and one 3 too low: what does your loss say, and is it fair?"),
    _at("B"),
)
def loss_not_squared(scene: Scene) -> bool:
    """mean (guess - answer), in either order."""
    return any(
        _other_loss(scene, lambda error, _x, _y, sign=sign: sign * np.ones_like(error) / len(error))
        for sign in (1, -1)
    )


def _constant_stride(scene: Scene) -> float | None:
    """The one factor by which every step is longer than a plain one, if it is one."""
    strides = scene.strides
    if strides is None or not np.allclose(strides, strides[0], rtol=1e-3, atol=1e-3):
        return None
    return float(strides[0])


@rule(
    "loss_negated",
    Step.TRAIN,
    say("It behaves like a loop that walks up its loss instead of down."),
    say("Where does a sign turn round on the way from the loss to the step?"),
    _at("B"),
)
def loss_negated(scene: Scene) -> bool:
    """Each change is the plain one turned round."""
    stride = _constant_stride(scene)
    return stride is not None and abs(stride + 1) < 1e-3


@rule(
    "loss_sum",
    Step.TRAIN,
    say("It behaves like a loop that learns from the sum over all cards instead of their mean."),
    say("What happens to your loss when every card is handed out twice?"),
    _at("B"),
)
def loss_sum(scene: Scene) -> bool:
    """Each change is as many times too long as there are cards."""
    stride, cards = _constant_stride(scene), scene.cards
    return stride is not None and cards is not None and abs(stride / len(cards) - 1) < 1e-3


@rule(
    "loss_scaled",
    Step.TRAIN,
    say("It behaves like a loop whose loss is multiplied by a fixed number."),
    say("Mark one guess by hand and compare with what the loop computes."),
    _at("B"),
)
def loss_scaled(scene: Scene) -> bool:
    """Each change is the plain one times a constant."""
    stride = _constant_stride(scene)
    return stride is not None and abs(stride - 1) > 1e-3 and stride > 0


@rule(
    "gradients_clipped",
    Step.TRAIN,
    say("It behaves like gradients that are cut off when they are large."),
    say("Is there a line between the gradients and the step that changes them?"),
    _at("S"),
)
def gradients_clipped(scene: Scene) -> bool:
    """Steps of bounded length: shorter than plain ones at first, plain ones later."""
    strides = scene.strides
    if strides is None or strides.min() > 0.999 or strides.max() > 1.001:
        return False
    _, changes = scene.moves
    lengths = np.linalg.norm(changes[: len(strides)], axis=1)
    cut = strides < 0.999
    return bool(cut[0] and np.allclose(lengths[cut], lengths[0], rtol=1e-3))


@rule(
    "scheduler_added",
    Step.TRAIN,
    say("It behaves like a learning rate that changes from round to round."),
    say("Who changes the learning rate in your loop, and does the lesson ask for it?"),
    _at("S"),
)
def scheduler_added(scene: Scene) -> bool:
    """Each change points the plain way, at a length that drifts."""
    strides = scene.strides
    return strides is not None and float(np.ptp(strides)) > 1e-2


@rule(
    "weight_frozen",
    Step.TRAIN,
    say("It behaves like a training in which one of the model's numbers is held fast."),
    say("Print w and b before and after: which one never moves, and what holds it?"),
    _at_loop,
)
def weight_frozen(scene: Scene) -> bool:
    """One of the two numbers moves as it should, the other not at all."""
    before, changes = scene.moves
    if len(before) < 2:
        return False
    full = -scene.learning_rate * scene.pulls(squared)
    held = [place for place in (0, 1) if not changes[:, place].any()]
    if len(held) != 1:
        return False
    free = 1 - held[0]
    off = np.abs(changes[:, free] - full[:, free]) / (1 + np.abs(before[:, free]))
    return bool(off.max() <= MATCH)


@rule(
    "noise_redrawn_each_epoch",
    Step.TRAIN,
    say("It behaves like answers that are drawn anew in every round."),
    say("Are the cards handed out once, or again and again?"),
    _at_loop,
)
def noise_redrawn_each_epoch(scene: Scene) -> bool:
    """y at the end is not the y of the data step."""
    data, result = scene.data, scene.result
    if data is None or result is None or data.y is None or result.y is None:
        return False
    return data.y.shape == result.y.shape and not np.allclose(
        data.y.array(), result.y.array(), equal_nan=True
    )


@rule(
    "trained_on_subset",
    Step.TRAIN,
    say("It behaves like a loop that shows the pupil only some of the cards."),
    say("Which cards does the model see in one round, and which does it never see?"),
    _at("F"),
)
def trained_on_subset(scene: Scene) -> bool:
    """Each round's gradient comes from some of the cards, and one round follows the other."""
    training, cards = scene.training, scene.cards
    if training is None or cards is None or scene.count("BG") > scene.recipe.epochs:
        return False
    sizes = [cards_shown(training, shown, cards) for _, shown in training.backwards]
    return bool(sizes) and all(seen is not None and len(seen) < len(cards) for seen in sizes)


@rule(
    "parameters_overwritten",
    Step.TRAIN,
    say("It behaves like a model whose numbers are overwritten after it was trained."),
    say("Which line sets the model's numbers without learning them?"),
    _at_loop,
)
def parameters_overwritten(scene: Scene) -> bool:
    """The last change came behind the last step."""
    path, training = scene.path, scene.training
    if path is None or training is None or not training.updates:
        return False
    return path.ticks[-1] > training.updates[-1][0]


@rule(
    "cell_run_twice",
    Step.TRAIN,
    say("It behaves like a loop that was gone through twice."),
    say("Does the same loop stand in the notebook, or in the cell, a second time?"),
    _at_epochs,
)
def cell_run_twice(scene: Scene) -> bool:
    """Twice as many updates as the student's own number of epochs says."""
    training = scene.training
    epochs = training.epochs if training is not None else None
    return epochs == scene.recipe.epochs and _rounds(scene) == 2 * scene.recipe.epochs


@rule(
    "stops_early",
    Step.TRAIN,
    say("It behaves like a loop that breaks off before its last round."),
    say("Which line leaves the loop, and when?"),
    _at_epochs,
)
def stops_early(scene: Scene) -> bool:
    """Fewer rounds than the student's own number of epochs says."""
    training = scene.training
    epochs = training.epochs if training is not None else None
    short = epochs == scene.recipe.epochs and 0 < _rounds(scene) < scene.recipe.epochs
    return short and scene.breaks_off()


@rule(
    "too_few_epochs",
    Step.TRAIN,
    say("It behaves like a loop with too few rounds."),
    say("Count the rounds: how many does the task ask for?"),
    _at_epochs,
)
def too_few_epochs(scene: Scene) -> bool:
    """Fewer rounds than asked."""
    return 0 < _rounds(scene) < scene.recipe.epochs


@rule(
    "too_many_epochs",
    Step.TRAIN,
    say("It behaves like a loop with too many rounds."),
    say("Count the rounds: how many does the task ask for?"),
    _at_epochs,
)
def too_many_epochs(scene: Scene) -> bool:
    """More rounds than asked."""
    return _rounds(scene) > scene.recipe.epochs


def _rounds(scene: Scene) -> int:
    """How many gradients were computed, in a loop that came to its own end."""
    return 0 if Step.TRAIN in scene.stopped else scene.count("BG")


@rule(
    "losses_not_kept",
    Step.TRAIN,
    say("It behaves like a loop that does not write down the loss of each round."),
    say("Where in the loop is the list to grow, and by what?"),
    _at_loop,
)
def losses_not_kept(scene: Scene) -> bool:
    """Only the list of losses is wrong."""
    return scene.failed == {"train.losses"}


RULES = (
    never_ends,
    least_squares_pasted,
    no_training,
    loss_item_backward,
    forward_once,
    loss_detached,
    model_recreated_in_loop,
    optimizer_stale,
    backward_missing,
    step_missing,
    backward_outside_loop,
    step_outside_loop,
    step_before_backward,
    zero_grad_before_step,
    backward_twice,
    step_twice,
    zero_grad_missing,
    zero_grad_sometimes,
    loss_against_inputs,
    trained_on_clean_target,
    loss_l1,
    loss_huber,
    loss_root,
    loss_not_squared,
    loss_negated,
    loss_sum,
    loss_scaled,
    weight_frozen,
    trained_on_subset,
    parameters_overwritten,
    gradients_clipped,
    scheduler_added,
    noise_redrawn_each_epoch,
    losses_not_kept,
    cell_run_twice,
    stops_early,
    too_few_epochs,
    too_many_epochs,
)
