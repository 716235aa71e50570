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
    from grader.diagnosis.facts import Facts


def _order_explains(facts: Facts) -> bool:
    """Whether the recorded calls give the recorded numbers, or cannot be replayed."""
    return not facts.replayable or facts.explained_by_own_loss


@rule(
    "never_ends",
    Step.TRAIN,
    say("It behaves like a loop that never comes to an end."),
    say("What makes your loop stop, and does that ever become true?"),
    lambda facts: facts.loop_place(),
)
def never_ends(facts: Facts) -> bool:
    """The cell was stopped by its time limit."""
    return facts.error_says(Step.TRAIN, "TimedOut")


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
def least_squares_pasted(facts: Facts) -> bool:
    """No update at all, and a model that fits the cards best, or is the goal."""
    end = facts.result.model if facts.result is not None else None
    line = learned_line(end) if end is not None else None
    if facts.count("BGS") or line is None:
        return False
    goals = [facts.line_recipe.line]
    goals += [least_squares(facts.data_set)] if facts.data_set is not None else []
    return any(max(abs(line.w - g.w), abs(line.b - g.b)) < 0.02 for g in goals)


@rule(
    "parameters_hard_coded",
    Step.TRAIN,
    say("It behaves like a training that begins with numbers which were filled in to fit already."),
    say("A pupil who is told the answer learns nothing: which lines set the model's numbers?"),
    at_loop,
    also=("least_squares_pasted",),
)
def parameters_hard_coded(facts: Facts) -> bool:
    """The first gradient is taken where training should have ended."""
    return begins_at_the_end(facts.seen, facts.recipe)


@rule(
    "no_training",
    Step.TRAIN,
    say("It behaves like a loop in which nothing is learned: no gradient, no step."),
    say("Guess, mark, reflect, change: which of these does your loop do?"),
    at_loop,
)
def no_training(facts: Facts) -> bool:
    """Neither gradients nor steps, nor changes round by round that were worked out by hand."""
    by_hand = facts.path is not None and len(facts.path.states) > facts.recipe.epochs / 2
    return (
        facts.training is not None
        and facts.count("BGS") == 0
        and not by_hand
        and Step.TRAIN not in facts.stopped
    )


@rule(
    "loss_item_backward",
    Step.TRAIN,
    say("It behaves like a loss that was turned into a plain number before it was used."),
    say("What does .item() leave of a tensor, and when may you use it?"),
    at_loop,
)
def loss_item_backward(facts: Facts) -> bool:
    """'float' object has no attribute 'backward'."""
    return facts.error_says(Step.TRAIN, "'float' object has no attribute 'backward'")


@rule(
    "forward_once",
    Step.TRAIN,
    say("It behaves like a single guess that is marked again and again."),
    say("After the model has changed, does it guess anew? What stands inside the loop?"),
    at("F"),
)
def forward_once(facts: Facts) -> bool:
    """One forward pass, several backward passes."""
    if facts.error_says(Step.TRAIN, "backward through the graph a second time"):
        return True
    return facts.order.count("F") <= 1 < facts.order.count("B")


@rule(
    "loss_detached",
    Step.TRAIN,
    say("It behaves like a loss that was cut off from the model: no gradient can flow back."),
    say("Which line in front of the backward pass lets the number through but not the way back?"),
    at_loop,
)
def loss_detached(facts: Facts) -> bool:
    """Backward from something without a graph."""
    return facts.error_says(Step.TRAIN, "does not require grad and does not have a grad_fn")


@rule(
    "model_recreated_in_loop",
    Step.TRAIN,
    say("It behaves like a new pupil in every round, who never saw the rounds before."),
    say("Which lines inside the loop should run only once?"),
    at_loop,
)
def model_recreated_in_loop(facts: Facts) -> bool:
    """Many models went through the training."""
    training = facts.training
    return training is not None and training.models >= 10 and _hardly_moved(facts)


def _hardly_moved(facts: Facts) -> bool:
    """The last model saw few of the updates, or none."""
    return facts.path is None or len(facts.path.states) < facts.recipe.epochs / 2


@rule(
    "optimizer_stale",
    Step.TRAIN,
    say("It behaves like an optimizer that still looks after an earlier model."),
    say("Is the model made anew after the optimizer was given its parameters?"),
    at("S"),
)
def optimizer_stale(facts: Facts) -> bool:
    """The optimizer owned the model after its own cell, and does not after the training."""
    before, training = facts.optimizer, facts.training
    after = training.optimizer if training is not None else None
    return (
        before is not None
        and all(before.owns)
        and after is not None
        and bool(after.owns)
        and not any(after.owns)
    )


def _moved(facts: Facts) -> bool:
    """Whether the model's numbers ever changed."""
    return facts.path is not None and len(facts.path.states) > 1


@rule(
    "backward_missing",
    Step.TRAIN,
    say("It behaves like a loop that never asks for gradients: the steps have nothing to go by."),
    say("Between the mark and the change, the blame has to be traced back. Where is that line?"),
    at("S"),
)
def backward_missing(facts: Facts) -> bool:
    """Steps without any gradient, which therefore changed nothing."""
    return facts.count("S") > 0 and facts.count("BG") == 0 and not _moved(facts)


@rule(
    "step_missing",
    Step.TRAIN,
    say("It behaves like a loop that reflects, and never changes anything."),
    say("The gradients are there: who is to move the model's numbers by them?"),
    at("B"),
)
def step_missing(facts: Facts) -> bool:
    """Gradients without any step or change."""
    return facts.count("BG") > 0 and facts.count("S") == 0 and not _moved(facts)


@rule(
    "backward_outside_loop",
    Step.TRAIN,
    say("It behaves like a loop that only guesses: the learning comes once, after its end."),
    say("Look at the indentation: which lines belong to every round?"),
    at("B"),
)
def backward_outside_loop(facts: Facts) -> bool:
    """Many guesses, one gradient."""
    return facts.count("B") == 1 and facts.order.count("F") + _leading(facts) >= 10


def _leading(facts: Facts) -> int:
    """Guesses in front of the first call that matters."""
    events = facts.training.events if facts.training is not None else ""
    return len(re.findall("F", events.partition("B")[0]))


@rule(
    "step_outside_loop",
    Step.TRAIN,
    say("It behaves like a loop with its step behind it: the model changes only once, at the end."),
    say("Look at the indentation: which lines belong to every round?"),
    at("S"),
)
def step_outside_loop(facts: Facts) -> bool:
    """Many gradients, one step."""
    return facts.count("S") == 1 and facts.count("B") >= 10


@rule(
    "step_before_backward",
    Step.TRAIN,
    say("It behaves like a step that is taken before the gradients of its own round are there."),
    say("In which order come tracing the blame and changing the numbers?"),
    at("S"),
)
def step_before_backward(facts: Facts) -> bool:
    """Every round steps first."""
    if facts.error_says(Step.TRAIN, "modified by an inplace operation"):
        return True
    order = facts.order
    first_step, first_backward = order.find("S"), order.find("B")
    return 0 <= first_step < first_backward and not _closure(facts) and _order_explains(facts)


def _closure(facts: Facts) -> bool:
    """Guesses inside the step: the loop hands a closure to it."""
    return facts.order.startswith("SZFB") or facts.order.startswith("SFB")


@rule(
    "zero_grad_before_step",
    Step.TRAIN,
    say("It behaves like gradients that are wiped away before they could be used."),
    say("What lies on the blackboard at the moment when the numbers are changed?"),
    at("Z"),
)
def zero_grad_before_step(facts: Facts) -> bool:
    """Between a gradient and its step, the gradients are cleared."""
    return facts.order.count("BZS") >= max(2, facts.count("S") / 2) and _order_explains(facts)


@rule(
    "backward_twice",
    Step.TRAIN,
    say("It behaves like a round whose blame is counted twice."),
    say("How often is the gradient asked for between two steps?"),
    at("B", 1),
)
def backward_twice(facts: Facts) -> bool:
    """Two gradients for each step."""
    return facts.order.count("BBS") >= max(2, facts.count("S") / 2) and _order_explains(facts)


@rule(
    "step_twice",
    Step.TRAIN,
    say("It behaves like two steps for a single reflection."),
    say("How often does the model move in one round?"),
    at("S", 1),
)
def step_twice(facts: Facts) -> bool:
    """Two steps for each gradient."""
    return facts.order.count("BSS") >= max(2, facts.count("B") / 2)


@rule(
    "zero_grad_missing",
    Step.TRAIN,
    say("It behaves like gradients that are never cleared: each round adds to those before."),
    say("After a round, what is still written on the blackboard when the next one begins?"),
    at("B"),
)
def zero_grad_missing(facts: Facts) -> bool:
    """No clearing, or only before the first gradient."""
    cleared = "Z" in facts.order.partition("B")[2]
    several = facts.count("B") > 1 and facts.count("S") > 1
    return several and not cleared and facts.explained_by_own_loss


@rule(
    "zero_grad_sometimes",
    Step.TRAIN,
    say("It behaves like gradients that are cleared in some rounds and pile up in others."),
    say("Is the line that clears them run in every round?"),
    at("Z"),
)
def zero_grad_sometimes(facts: Facts) -> bool:
    """Fewer clearings than gradients, inside the loop."""
    cleared = facts.order.partition("B")[2].count("Z")
    return 1 < cleared < facts.order.count("B") - 2 and _order_explains(facts)
