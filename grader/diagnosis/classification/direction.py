"""Mistakes in what the loop hands to the loss, told by where its updates go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.diagnosis.rule import rule
from grader.diagnosis.training.places import at
from grader.language.messages import say
from grader.models import Step
from grader.replay.loss_functions import sigmoid

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.diagnosis.facts import Facts, Floats


def _other_slope(facts: Facts, slope: Callable[[Floats, Floats, Floats], Floats]) -> bool:
    return not facts.explained_by_own_loss and facts.explained_by(slope)


@rule(
    "sigmoid_twice",
    Step.TRAIN,
    say("It behaves like a loop that makes probabilities of the scores before the loss does."),
    say("What does the loss want to be handed, and what does your loop hand it?"),
    at("B"),
)
def sigmoid_twice_in_loop(facts: Facts) -> bool:
    """The loss is taken of sigmoid(score)."""

    def slope(error: Floats, _x: Floats, y: Floats) -> Floats:
        chance = sigmoid(error + y)
        return (sigmoid(chance) - y) * chance * (1 - chance) / len(y)

    return _other_slope(facts, slope)


@rule(
    "loss_squared_error",
    Step.TRAIN,
    say("It behaves like a loop that learns from the squared distance between score and answer."),
    say("Which loss does your loop compute, and which one did you prepare?"),
    at("B"),
)
def loss_squared_error_in_loop(facts: Facts) -> bool:
    """mean (score - answer)^2, or of the probability."""

    def of_shares(error: Floats, _x: Floats, y: Floats) -> Floats:
        chance = sigmoid(error + y)
        return 2 * (chance - y) * chance * (1 - chance) / len(y)

    plain = _other_slope(facts, lambda error, _x, _y: 2 * error / len(error))
    return plain or _other_slope(facts, of_shares)


@rule(
    "loss_arguments_swapped",
    Step.TRAIN,
    say("It behaves like a loop that hands the loss its two arguments the wrong way round."),
    say("Which of the two is the guess, and which the answer? Look at their order."),
    at("B"),
)
def loss_arguments_swapped(facts: Facts) -> bool:
    """The answers are taken for scores: only the cards with a yes pull."""
    return _other_slope(facts, lambda _error, _x, y: -y / len(y))


@rule(
    "labels_inverted",
    Step.TRAIN,
    say("It behaves like a loop that teaches every yes as a no."),
    say("What does your loop do with y before it hands it to the loss?"),
    at("B"),
)
def labels_inverted_in_loop(facts: Facts) -> bool:
    """The loss is taken against 1 - y."""
    return _other_slope(facts, lambda error, _x, y: (sigmoid(error + y) - (1 - y)) / len(y))


RULES = (
    sigmoid_twice_in_loop,
    loss_squared_error_in_loop,
    loss_arguments_swapped,
    labels_inverted_in_loop,
)
