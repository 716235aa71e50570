"""Mistakes in what the loop calls, and in which order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from grader.checks.criteria.beginning import begins_at_the_end
from grader.diagnosis.rule import rule
from grader.diagnosis.training.places import at, at_loop
from grader.language.messages import say
from grader.models import Step
from grader.replay import learned_line, least_squares

if TYPE_CHECKING:
    from grader.diagnosis.scene import Scene


def _order_explains(scene: Scene) -> bool:
    """Whether the recorded calls give the recorded numbers, or cannot be replayed."""
    return not scene.replayable or scene.explained_by_own_loss


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
    at_loop,
    also=("parameters_hard_coded",),
)
def least_squares_pasted(scene: Scene) -> bool:
    """No update at all, and a model that fits the cards best, or is the goal."""
    end = scene.result.model if scene.result is not None else None
    line = learned_line(end) if end is not None else None
    if scene.count("BGS") or line is None:
        return False
    goals = [scene.line_recipe.line]
    goals += [least_squares(scene.cards)] if scene.cards is not None else []
    return any(max(abs(line.w - g.w), abs(line.b - g.b)) < 0.02 for g in goals)


@rule(
    "parameters_hard_coded",
    Step.TRAIN,
    say("It behaves like a training that begins with numbers which were filled in to fit already."),
    say("A pupil who is told the answer learns nothing: which lines set the model's numbers?"),
    at_loop,
    also=("least_squares_pasted",),
)
def parameters_hard_coded(scene: Scene) -> bool:
    """The first gradient is taken where training should have ended."""
    return begins_at_the_end(scene.seen, scene.recipe)


@rule(
    "no_training",
    Step.TRAIN,
    say("It behaves like a loop in which nothing is learned: no gradient, no step."),
    say("Guess, mark, reflect, change: which of these does your loop do?"),
    at_loop,
)
def no_training(scene: Scene) -> bool:
    """Neither gradients nor steps, nor changes round by round that were worked out by hand."""
    by_hand = scene.path is not None and len(scene.path.states) > scene.recipe.epochs / 2
    return (
        scene.training is not None
        and scene.count("BGS") == 0
        and not by_hand
        and Step.TRAIN not in scene.stopped
    )


@rule(
    "loss_item_backward",
    Step.TRAIN,
    say("It behaves like a loss that was turned into a plain number before it was used."),
    say("What does .item() leave of a tensor, and when may you use it?"),
    at_loop,
)
def loss_item_backward(scene: Scene) -> bool:
    """'float' object has no attribute 'backward'."""
    return scene.error_says(Step.TRAIN, "'float' object has no attribute 'backward'")


@rule(
    "forward_once",
    Step.TRAIN,
    say("It behaves like a single guess that is marked again and again."),
    say("After the model has changed, does it guess anew? What stands inside the loop?"),
    at("F"),
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
    at_loop,
)
def loss_detached(scene: Scene) -> bool:
    """Backward from something without a graph."""
    return scene.error_says(Step.TRAIN, "does not require grad and does not have a grad_fn")


@rule(
    "model_recreated_in_loop",
    Step.TRAIN,
    say("It behaves like a new pupil in every round, who never saw the rounds before."),
    say("Which lines inside the loop should run only once?"),
    at_loop,
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
    at("S"),
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


def _moved(scene: Scene) -> bool:
    """Whether the model's numbers ever changed."""
    return scene.path is not None and len(scene.path.states) > 1


@rule(
    "backward_missing",
    Step.TRAIN,
    say("It behaves like a loop that never asks for gradients: the steps have nothing to go by."),
    say("Between the mark and the change, the blame has to be traced back. Where is that line?"),
    at("S"),
)
def backward_missing(scene: Scene) -> bool:
    """Steps without any gradient, which therefore changed nothing."""
    return scene.count("S") > 0 and scene.count("BG") == 0 and not _moved(scene)


@rule(
    "step_missing",
    Step.TRAIN,
    say("It behaves like a loop that reflects, and never changes anything."),
    say("The gradients are there: who is to move the model's numbers by them?"),
    at("B"),
)
def step_missing(scene: Scene) -> bool:
    """Gradients without any step or change."""
    return scene.count("BG") > 0 and scene.count("S") == 0 and not _moved(scene)


@rule(
    "backward_outside_loop",
    Step.TRAIN,
    say("It behaves like a loop that only guesses: the learning comes once, after its end."),
    say("Look at the indentation: which lines belong to every round?"),
    at("B"),
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
    at("S"),
)
def step_outside_loop(scene: Scene) -> bool:
    """Many gradients, one step."""
    return scene.count("S") == 1 and scene.count("B") >= 10


@rule(
    "step_before_backward",
    Step.TRAIN,
    say("It behaves like a step that is taken before the gradients of its own round are there."),
    say("In which order come tracing the blame and changing the numbers?"),
    at("S"),
)
def step_before_backward(scene: Scene) -> bool:
    """Every round steps first."""
    if scene.error_says(Step.TRAIN, "modified by an inplace operation"):
        return True
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
    at("Z"),
)
def zero_grad_before_step(scene: Scene) -> bool:
    """Between a gradient and its step, the gradients are cleared."""
    return scene.order.count("BZS") >= max(2, scene.count("S") / 2) and _order_explains(scene)


@rule(
    "backward_twice",
    Step.TRAIN,
    say("It behaves like a round whose blame is counted twice."),
    say("How often is the gradient asked for between two steps?"),
    at("B", 1),
)
def backward_twice(scene: Scene) -> bool:
    """Two gradients for each step."""
    return scene.order.count("BBS") >= max(2, scene.count("S") / 2) and _order_explains(scene)


@rule(
    "step_twice",
    Step.TRAIN,
    say("It behaves like two steps for a single reflection."),
    say("How often does the model move in one round?"),
    at("S", 1),
)
def step_twice(scene: Scene) -> bool:
    """Two steps for each gradient."""
    return scene.order.count("BSS") >= max(2, scene.count("B") / 2)


@rule(
    "zero_grad_missing",
    Step.TRAIN,
    say("It behaves like gradients that are never cleared: each round adds to those before."),
    say("After a round, what is still written on the blackboard when the next one begins?"),
    at("B"),
)
def zero_grad_missing(scene: Scene) -> bool:
    """No clearing, or only before the first gradient."""
    cleared = "Z" in scene.order.partition("B")[2]
    several = scene.count("B") > 1 and scene.count("S") > 1
    return several and not cleared and scene.explained_by_own_loss


@rule(
    "zero_grad_sometimes",
    Step.TRAIN,
    say("It behaves like gradients that are cleared in some rounds and pile up in others."),
    say("Is the line that clears them run in every round?"),
    at("Z"),
)
def zero_grad_sometimes(scene: Scene) -> bool:
    """Fewer clearings than gradients, inside the loop."""
    cleared = scene.order.partition("B")[2].count("Z")
    return 1 < cleared < scene.order.count("B") - 2 and _order_explains(scene)
