"""Mistakes in what the loop calls, and in which order."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from grader.diagnosis.places import at_event, at_loop
from grader.diagnosis.rule import Cell, Rules, only
from grader.diagnosis.training import reaching
from grader.evidence import TrainPart
from grader.language.messages import say
from grader.models import Step
from grader.recipes.kinds import LineRecipe
from grader.replay import learned_line, least_squares

if TYPE_CHECKING:
    from grader.facts import Facts


def _order_explains(facts: Facts) -> bool:
    """Whether the recorded calls give the recorded numbers, or cannot be replayed."""
    return not facts.hypotheses.replayable or facts.hypotheses.explained_by_own_loss


# What it says of the updates was seen, whatever came after them.
rule = Rules(
    Step.TRAIN,
    at_loop,
    explains=("train.follows_descent", "train.epochs"),
    needs=(TrainPart,),
    cell=Cell.ANYHOW,
)
# What it says is not there could have come after the line at which the cell stopped.
missing = replace(rule, cell=Cell.ENDED)
# A cell that cannot be interrupted is ended with its kernel: nothing was observed of it.
of_time = Rules(
    Step.TRAIN, lambda facts: facts.code.loop_place(), ("train",), needs=(), cell=Cell.STOPPED
)


@of_time(
    "never_ends",
    say("It behaves like a loop that never comes to an end."),
    say("What makes your loop stop, and does that ever become true?"),
)
def never_ends(facts: Facts) -> bool:
    """Out of time after more rounds than the lesson asks for, or in a `while` that learns nothing.

    How many rounds a slow loop manages depends on the machine, but it does not come that far.
    """
    if not facts.code.error_says(Step.TRAIN, "TimedOut"):
        return False
    recipe, gradients = facts.recipe, facts.count("BG")
    if facts.training is None:
        return False
    beyond = gradients > recipe.epochs * recipe.updates_per_epoch
    return beyond or (not gradients and facts.code.contains(Step.TRAIN, ast.While))


@of_time(
    "takes_too_long",
    say(
        "It behaves like a cell that takes longer than a notebook is given, and was stopped before "
        "it was done."
    ),
    say("How long does a single round take? What in your loop has to be waited for?"),
)
def takes_too_long(facts: Facts) -> bool:
    """Out of time, for whatever reason."""
    return facts.code.error_says(Step.TRAIN, "TimedOut")


@missing(
    "least_squares_pasted",
    say(
        "It behaves like a model whose numbers were not learned but filled in, either typed by "
        "hand or copied from a formula."
    ),
    say("Which lines set the model's numbers, and which lines let it learn them?"),
    also=("parameters_hard_coded",),
)
def least_squares_pasted(facts: Facts) -> bool:
    """No update at all, and a model that fits the cards best, or is the goal."""
    end = facts.result.model
    line = learned_line(end) if end is not None else None
    if facts.count("BGS") or line is None:
        return False
    goals = [facts.recipe_as(LineRecipe).line]
    goals += [least_squares(facts.columns)] if facts.columns is not None else []
    return any(max(abs(line.w - g.w), abs(line.b - g.b)) < 0.02 for g in goals)


@rule(
    "parameters_hard_coded",
    say("It behaves like a training that begins with numbers that already fit."),
    say("Ask the model just before this training: how does it know, and which lines taught it?"),
    also=("least_squares_pasted",),
)
def parameters_hard_coded(facts: Facts) -> bool:
    """The first gradient is taken where training should have ended."""
    return facts.begins_at_the_end


@missing(
    "no_training",
    say("It behaves like a cell in which nothing is learned: no gradient, no step."),
    say("Guess, mark, reflect, change: which of these does your cell do?"),
)
def no_training(facts: Facts) -> bool:
    """Neither gradients nor steps, nor changes round by round that were worked out by hand."""
    by_hand = facts.path is not None and len(facts.path.states) > facts.recipe.epochs / 2
    return facts.training is not None and facts.count("BGS") == 0 and not by_hand


@rule(
    "model_recreated_in_loop",
    say("It behaves like a new pupil in every round, who never saw the earlier rounds."),
    say("Which lines inside the loop should run only once?"),
)
def model_recreated_in_loop(facts: Facts) -> bool:
    """Many models went through the training."""
    training = facts.training
    return training is not None and training.models >= 10 and _hardly_moved(facts)


def _hardly_moved(facts: Facts) -> bool:
    """The last model saw few of the updates, or none."""
    updates = facts.recipe.epochs * facts.recipe.updates_per_epoch
    return facts.path is None or len(facts.path.states) < updates / 2


@rule(
    "optimizer_stale",
    say("It behaves like an optimizer that still looks after an earlier model."),
    say("Is the model created again after the optimizer was given its parameters?"),
    at_event("S"),
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


@missing(
    "backward_missing",
    say("It behaves like a loop that never asks for gradients: the steps have nothing to go by."),
    say("Between the mark and the change, the blame has to be traced back. Where is that line?"),
    at_event("S"),
)
def backward_missing(facts: Facts) -> bool:
    """Steps without any gradient, which therefore changed nothing."""
    return facts.count("S") > 0 and facts.count("BG") == 0 and not _moved(facts)


@missing(
    "step_missing",
    say("It behaves like a loop that reflects, and never changes anything."),
    say("The gradients are there: who should change the model's numbers with them?"),
    at_event("B"),
)
def step_missing(facts: Facts) -> bool:
    """Gradients without any step or change."""
    return facts.count("BG") > 0 and facts.count("S") == 0 and not _moved(facts)


@missing(
    "backward_outside_loop",
    say(
        "It behaves like a loop that only guesses: the learning happens just once, after the loop."
    ),
    say("Look at the indentation: which lines belong to every round?"),
    at_event("B"),
)
def backward_outside_loop(facts: Facts) -> bool:
    """Many guesses, one gradient."""
    return facts.count("B") == 1 and facts.order.count("F") + _leading(facts) >= 10


def _leading(facts: Facts) -> int:
    """Guesses before the first call that matters."""
    events = facts.training.events if facts.training is not None else ""
    return len(re.findall("F", events.partition("B")[0]))


@missing(
    "step_outside_loop",
    say(
        "It behaves like a loop with the step placed after it: the model changes only once, at "
        "the end."
    ),
    say("Look at the indentation: which lines belong to every round?"),
    at_event("S"),
)
def step_outside_loop(facts: Facts) -> bool:
    """Many gradients, one step."""
    return facts.count("S") == 1 and facts.count("B") >= 10


@rule(
    "step_before_backward",
    say("It behaves like a step that is taken before the gradients of its own round are computed."),
    say("Which comes first, tracing the blame or changing the numbers?"),
    at_event("S"),
)
def step_before_backward(facts: Facts) -> bool:
    """Every round steps first."""
    order = facts.order
    if facts.code.error_says(Step.TRAIN, "modified by an inplace operation"):
        return re.search("F[^FS]*S[^F]*B$", order) is not None
    first_step, first_backward = order.find("S"), order.find("B")
    return 0 <= first_step < first_backward and not _closure(facts) and _order_explains(facts)


def _closure(facts: Facts) -> bool:
    """Guesses inside the step: the loop hands a closure to it."""
    return facts.order.startswith("SZFB") or facts.order.startswith("SFB")


@rule(
    "zero_grad_before_step",
    say("It behaves like gradients that are wiped away before they could be used."),
    say("What is on the blackboard at the moment when the numbers are changed?"),
    at_event("Z"),
)
def zero_grad_before_step(facts: Facts) -> bool:
    """Between a gradient and its step, the gradients are cleared."""
    return facts.order.count("BZS") >= max(2, facts.count("S") / 2) and _order_explains(facts)


@rule(
    "backward_twice",
    say("It behaves like a round whose blame is counted twice."),
    say("How often is the gradient asked for between two steps?"),
    at_event("B", 1),
)
def backward_twice(facts: Facts) -> bool:
    """Two gradients for each step."""
    return facts.order.count("BBS") >= max(2, facts.count("S") / 2) and _order_explains(facts)


@rule(
    "step_twice",
    say("It behaves like two steps for a single reflection."),
    say("How often does the model move in one round?"),
    at_event("S", 1),
)
def step_twice(facts: Facts) -> bool:
    """Two steps for each gradient."""
    return facts.order.count("BSS") >= max(2, facts.count("B") / 2)


@rule(
    "zero_grad_missing",
    say("It behaves like gradients that are never cleared: each round adds to those before."),
    say("After a round, what is still written on the blackboard when the next one begins?"),
    at_event("B"),
)
def zero_grad_missing(facts: Facts) -> bool:
    """No clearing, or only before the first gradient."""
    cleared = "Z" in facts.order.partition("B")[2]
    if facts.count("B") < 2 or cleared:
        return False
    by_hand = not facts.count("S") and facts.hypotheses.piles_up
    return by_hand or (facts.count("S") > 1 and facts.hypotheses.explained_by_own_loss)


@rule(
    "zero_grad_sometimes",
    say("It behaves like gradients that are cleared in some rounds and pile up in others."),
    say("Is the line that clears them run in every round?"),
    at_event("Z"),
)
def zero_grad_sometimes(facts: Facts) -> bool:
    """Fewer clearings than gradients, inside the loop."""
    cleared = facts.order.partition("B")[2].count("Z")
    return 1 < cleared < facts.order.count("B") - 2 and _order_explains(facts)


RULES = (
    never_ends,
    takes_too_long,
    *reaching.STOPS,
    *reaching.CALLS,
    *only(LineRecipe, least_squares_pasted),
    parameters_hard_coded,
    no_training,
    *reaching.RULES,
    model_recreated_in_loop,
    optimizer_stale,
    *reaching.UNREACHED,
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
    *reaching.REUSED,
)
