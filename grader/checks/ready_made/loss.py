"""Checks of how guesses are marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.checks.checking import Check
from grader.checks.criteria import classification, loss
from grader.language.messages import say

if TYPE_CHECKING:
    from grader.checks.checking import Judge


def the_loss_is_the_mean_squared_error() -> tuple[Check, ...]:
    """15 points: the values of the mean squared error, and a gradient that leads down."""
    return (
        Check(
            "loss.value",
            say("The loss is the mean of the squared distances between guess and answer."),
            points=10,
            hint=say("Mark by hand: guesses 1 and 5, answers 2 and 3."),
            judge=loss.is_mean_squared_error,
        ),
        _gradient(loss.can_be_learned_from),
    )


def the_loss_is_the_cross_entropy() -> tuple[Check, ...]:
    """15 points: the values of the binary cross-entropy, and a gradient that leads down."""
    return (
        Check(
            "loss.value",
            say("The loss is the mean binary cross-entropy of scores and answers."),
            points=10,
            hint=say("What does a score of 0 cost, and what a score of 2?"),
            judge=classification.is_cross_entropy,
        ),
        _gradient(classification.can_be_learned_from),
    )


def _gradient(judge: Judge) -> Check:
    return Check(
        "loss.gradient",
        say("The loss tells each guess in which direction to move."),
        points=5,
        hint=say("The loss must stay connected to the guess."),
        judge=judge,
    )
