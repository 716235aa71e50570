"""Checks of the training loop."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from grader.checks.checking import Check
from grader.checks.criteria import classification, training
from grader.language.messages import say

if TYPE_CHECKING:
    from grader.language.messages import Message


def the_loop_follows_the_slope(*, points: float = 15) -> tuple[Check, ...]:
    """`points` for the updates, 5 for the number of epochs, 5 for `losses`; all cards at once."""
    return (
        _slope(points, say("There are three calls in the loop, and each has its turn.")),
        _epochs(say("Count how often the loop's body runs.")),
        _losses(
            say("`losses` holds the loss of every epoch."),
            say("One number per epoch, taken from the loss."),
        ),
    )


def the_loop_follows_the_slope_by_batches(*, points: float = 15) -> tuple[Check, ...]:
    """The same, where each epoch goes through the cards batch by batch."""
    return (
        _slope(points, say("Three calls for each batch, in turn.")),
        _epochs(say("How many batches does one round have?")),
        _losses(
            say("`losses` holds the mean loss of every round."),
            say("One number per round, not one per batch."),
        ),
    )


def the_accuracy_is_counted() -> tuple[Check, ...]:
    """5 points: `accuracy`, over the cards that were practised on."""
    return (
        Check(
            "train.accuracy",
            say("`accuracy` is the share of cards that the trained model answers right."),
            points=5,
            hint=say("Right cards over all cards, after the last round."),
            judge=classification.counts_right_answers,
        ),
    )


def the_accuracy_of_the_exam_is_counted() -> tuple[Check, ...]:
    """5 points: `accuracy`, over the cards that were kept back."""
    return (
        Check(
            "train.accuracy",
            say(
                "`accuracy` is the share of the exam's cards that the trained model answers right."
            ),
            points=5,
            hint=say("Right cards over all cards of the exam."),
            judge=partial(classification.counts_right_answers, exam=True),
        ),
    )


def _slope(points: float, hint: Message) -> Check:
    return Check(
        "train.follows_descent",
        say("Every update moves the model down the slope of its loss."),
        points=points,
        hint=hint,
        judge=training.follows_descent,
    )


def _epochs(hint: Message) -> Check:
    return Check(
        "train.epochs",
        say("The model goes through all cards once an epoch, as often as there are epochs."),
        points=5,
        hint=hint,
        judge=training.goes_through_data,
    )


def _losses(sentence: Message, hint: Message) -> Check:
    return Check(
        "train.losses",
        sentence,
        points=5,
        hint=hint,
        judge=training.keeps_losses,
    )
