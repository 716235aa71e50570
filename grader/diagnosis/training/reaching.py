"""Mistakes by which no gradient reaches the model: calls that never happen, graphs that are cut."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from grader.diagnosis.places import at_event, at_loop, at_X
from grader.diagnosis.rule import Cell, Rules, only
from grader.evidence import TrainPart
from grader.facts.answers import scores_of
from grader.language.messages import say
from grader.models import Step
from grader.recipes.kinds import PicturesRecipe, ThresholdRecipe

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.facts import Facts
    from grader.facts.code import Place

OF_UPDATES = ("train.follows_descent", "train.epochs")
SECOND_TIME = "backward through the graph a second time"
CUT = "does not require grad and does not have a grad_fn"

rule = Rules(Step.TRAIN, at_loop, explains=OF_UPDATES, needs=(TrainPart,))
stopping = Rules(Step.TRAIN, at_loop, explains=("train",), needs=(), cell=Cell.STOPPED)


def _uncalled(*methods: str) -> Callable[[Facts], Place]:
    return lambda facts: facts.code.uncalled(Step.TRAIN, *methods)


at_bare_call, at_bare_item = _uncalled("backward", "step", "zero_grad"), _uncalled("item")


@rule(
    "call_without_brackets",
    say("It behaves like a call that never happens: its name is there, its brackets are not."),
    say("Compare the calls in your loop with one another: what do the others end in?"),
    at_bare_call,
)
def call_without_brackets(facts: Facts) -> bool:
    """loss.backward, optimizer.step or optimizer.zero_grad stands as it is."""
    return at_bare_call(facts)[0] is not None


@rule(
    "call_without_brackets",
    say("It behaves like a list of calls that never happened, in place of the numbers."),
    say("Print losses[0]: is that a number? What is missing behind its name?"),
    at_bare_item,
    explains=("train.losses", "train.accuracy"),
    cell=Cell.ANYHOW,
)
def number_without_brackets(facts: Facts) -> bool:
    """losses.append(loss.item)."""
    return at_bare_item(facts)[0] is not None


def _idle(facts: Facts) -> Place:
    return facts.code.idle_function(Step.TRAIN)


@rule(
    "function_never_called",
    say("It behaves like a training that is described in a function, and never carried out."),
    say("A function does nothing until somebody calls it: which line of the notebook does?"),
    _idle,
    explains=("train",),
)
def function_never_called(facts: Facts) -> bool:
    """The loop is in a function that nothing uses."""
    return facts.count("BGS") == 0 and _idle(facts)[0] is not None


@stopping(
    "loss_item_backward",
    say("It behaves like a loss that was turned into a plain number before it was used."),
    say("What does .item() leave of a tensor, and when may you use it?"),
)
def loss_item_backward(facts: Facts) -> bool:
    """'float' object has no attribute 'backward'."""
    return facts.code.error_says(Step.TRAIN, "'float' object has no attribute 'backward'")


@stopping(
    "guess_through_numpy",
    say("It behaves like guesses that leave torch for numpy: numpy knows nothing of gradients."),
    say("Can the same be worked out without leaving torch?"),
)
def guess_through_numpy(facts: Facts) -> bool:
    """numpy() of a tensor that asks for gradients."""
    return facts.code.error_says(Step.TRAIN, "Can't call numpy() on Tensor that requires grad")


@stopping(
    "guess_shape_other",
    say("It behaves like guesses that are laid out in another way than the answers."),
    say("Print the shape of the guesses and of the answers side by side, just before the loss."),
)
def guess_shape_other(facts: Facts) -> bool:
    """A loss that refuses guesses and answers of different shapes."""
    return facts.code.error_says(
        Step.TRAIN, "must be the same as input size", "Using a target size"
    )


@stopping(
    "data_wants_gradients",
    say(
        "It behaves like cards that ask for gradients themselves: how they were made can be gone "
        "back through only once."
    ),
    say("Which numbers should training change, and which should stay as they are?"),
    at_X,
)
def data_wants_gradients(facts: Facts) -> bool:
    """The graph behind y, or behind X, is gone after the first round.

    X alone may want gradients and have nothing behind it; a loss that hangs on those of earlier
    rounds is not the loss of its own.
    """
    X, y = (each is not None and each.requires_grad for each in (facts.data.X, facts.data.y))
    wanted = y or (X and facts.losses_are_true)
    return wanted and facts.code.error_says(Step.TRAIN, SECOND_TIME)


@stopping(
    "backward_twice",
    say("It behaves like a round whose blame is counted twice."),
    say("How often is the gradient asked for between two steps?"),
    at_event("B", 1),
)
def backward_twice_and_stopped(facts: Facts) -> bool:
    """The second backward pass of a round, with neither a guess nor a step in between."""
    again = re.search("B[^FGS]*B$", facts.order) is not None
    return again and facts.code.error_says(Step.TRAIN, SECOND_TIME)


@stopping(
    "forward_once",
    say("It behaves like a single guess that is marked again and again."),
    say("After the model has changed, does it guess again? Which lines are inside the loop?"),
    at_event("F"),
)
def forward_once_and_stopped(facts: Facts) -> bool:
    """The second backward pass goes through the only forward pass."""
    return _guessed_once(facts) and facts.code.error_says(Step.TRAIN, SECOND_TIME)


@stopping(
    "graph_reused",
    say(
        "It behaves like a loss that still hangs on the calculations of an earlier round, which "
        "torch throws away after use."
    ),
    say("What in this round's loss was worked out before this round began?"),
)
def graph_reused(facts: Facts) -> bool:
    """A graph is gone through twice, whatever is in it."""
    return facts.code.error_says(Step.TRAIN, SECOND_TIME, "modified by an inplace operation")


@rule(
    "forward_once",
    say("It behaves like a single guess that is marked again and again."),
    say("After the model has changed, does it guess again? Which lines are inside the loop?"),
    at_event("F"),
)
def forward_once(facts: Facts) -> bool:
    """One forward pass with gradients, several backward passes."""
    return _guessed_once(facts)


def _guessed_once(facts: Facts) -> bool:
    # A model that is a function is not seen guessing: then nothing is known.
    return facts.order.count("F") == 1 < facts.order.count("B")


@stopping(
    "loss_detached",
    say("It behaves like a loss that was cut off from the model: no gradient can flow back."),
    say("Which line before the backward pass lets the number through but not the way back?"),
)
def loss_without_graph(facts: Facts) -> bool:
    """Backward from something without a graph."""
    return facts.code.error_says(Step.TRAIN, CUT)


@rule(
    "loss_detached",
    say("It behaves like a loss that was cut off from the model: no gradient reaches its numbers."),
    say("Which line before the backward pass lets the number through but not the way back?"),
    at_event("B"),
)
def loss_detached(facts: Facts) -> bool:
    """Steps that found no gradient at any of the model's numbers, though a loss was gone back."""
    return _nothing_arrives(facts) and not _another_learns(facts)


@rule(
    "other_model_trained",
    say("It behaves like a training of a model other than `model`, which stays as it was."),
    say("Which object makes the guesses in your loop, and what is it called after the loop?"),
    at_event("F"),
)
def other_model_trained(facts: Facts) -> bool:
    """Steps that moved numbers, and none of the model's."""
    return _nothing_arrives(facts) and _another_learns(facts)


def _nothing_arrives(facts: Facts) -> bool:
    """Whether the model's own numbers never moved nor had a gradient, at any of many steps.

    Where every gradient is cleared before its step, the order is to blame.
    """
    training = facts.training
    if training is None or not training.updates or not re.search("B[^Z]*S", facts.order):
        return False
    own = [training.trained[place] for place in training.parameters if place is not None]
    return all(each.changes < 2 and not each.gradients for each in own)


def _another_learns(facts: Facts) -> bool:
    training = facts.training
    own = set(training.parameters) if training is not None else set()
    trained = training.trained if training is not None else ()
    return any(place not in own and each.changes > 1 for place, each in enumerate(trained))


@rule(
    "gradient_is_zero",
    say("It behaves like a loss that stays the same whatever the model says: its slope is 0."),
    say("Change one guess by hand: does your loss change with it?"),
    at_event("B"),
)
def gradient_is_zero(facts: Facts) -> bool:
    """Every gradient is there, and is 0, though the lesson's own loss has a slope."""
    training = facts.training
    if training is None or not training.updates or facts.count("B") < 2:
        return False
    own = [training.trained[place] for place in training.parameters if place is not None]
    slopes = [np.array(values) for each in own for _, values in each.gradients]
    return bool(slopes) and not any(slope.any() for slope in slopes) and _can_learn(facts)


def _can_learn(facts: Facts) -> bool:
    """Whether the lesson's own loss would have moved the model."""
    model, data_set, architecture = facts.moving_model, facts.columns, facts.architecture
    scores = scores_of(model, facts.recipe, data_set, facts.first_numbers)
    if architecture is None or data_set is None or scores is None or facts.first_numbers is None:
        return False
    slope = facts.recipe.loss_function.slope(scores.reshape(-1), data_set.y.reshape(-1))
    pulled = architecture.vjp(facts.first_numbers, data_set.X, slope[:, None])
    return bool(np.abs(pulled).max() > 1e-6)


STOPS = (
    loss_item_backward,
    guess_through_numpy,
    *only((ThresholdRecipe, PicturesRecipe), guess_shape_other),
    data_wants_gradients,
    backward_twice_and_stopped,
    forward_once_and_stopped,
)
REUSED = (graph_reused,)
CALLS = (call_without_brackets, number_without_brackets, function_never_called)
RULES = (forward_once, loss_without_graph)
UNREACHED = (loss_detached, other_model_trained, gradient_is_zero)
