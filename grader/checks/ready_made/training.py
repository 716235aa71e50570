"""Checks of the doing over and over."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from grader.checks.check import Check
from grader.checks.criteria import classification, training
from grader.language.messages import say
from grader.models import Step

if TYPE_CHECKING:
    from grader.language.messages import Message
    from grader.recipes.recipe import Recipe


def the_loop_follows_the_slope(recipe: Recipe, *, points: float = 15) -> tuple[Check, ...]:
    """`points` for the updates, 5 for the number of epochs, 5 for `losses`; all cards at once."""
    return (
        _slope(recipe, points, say("Three calls in the loop, each has its turn.")),
        _epochs(recipe, say("Count how often the loop's body runs.")),
        _losses(
            recipe,
            say("`losses` holds the loss of every epoch."),
            say("One number an epoch, taken from the loss."),
        ),
    )


def the_loop_follows_the_slope_by_batches(
    recipe: Recipe, *, points: float = 15
) -> tuple[Check, ...]:
    """The same, where each epoch goes through the cards batch by batch."""
    return (
        _slope(recipe, points, say("Three calls for each batch, in turn.")),
        _epochs(recipe, say("How many batches does one round have?")),
        _losses(
            recipe,
            say("`losses` holds the mean loss of every round."),
            say("One number a round, not one a batch."),
        ),
    )


def the_accuracy_is_counted(recipe: Recipe) -> tuple[Check, ...]:
    """5 points: `accuracy`, over the cards that were practised on."""
    return (
        Check(
            "train.accuracy",
            Step.TRAIN,
            say("`accuracy` is the share of cards that the trained model answers right."),
            points=5,
            hint=say("Right cards over all cards, after the last round."),
            judge=partial(classification.counts_right_answers, recipe=recipe),
        ),
    )


def the_accuracy_of_the_exam_is_counted(recipe: Recipe) -> tuple[Check, ...]:
    """5 points: `accuracy`, over the cards that were kept back."""
    return (
        Check(
            "train.accuracy",
            Step.TRAIN,
            say(
                "`accuracy` is the share of the exam's cards that the trained model answers right."
            ),
            points=5,
            hint=say("Right cards over all cards of the exam."),
            judge=partial(classification.counts_right_answers, recipe=recipe, exam=True),
        ),
    )


def _slope(recipe: Recipe, points: float, hint: Message) -> Check:
    return Check(
        "train.follows_descent",
        Step.TRAIN,
        say("Every update moves the model down the slope of its loss."),
        points=points,
        hint=hint,
        judge=partial(training.follows_descent, recipe=recipe),
    )


def _epochs(recipe: Recipe, hint: Message) -> Check:
    return Check(
        "train.epochs",
        Step.TRAIN,
        say("The model goes through all cards once an epoch, as often as there are epochs."),
        points=5,
        hint=hint,
        judge=partial(training.goes_through_cards, recipe=recipe),
    )


def _losses(recipe: Recipe, sentence: Message, hint: Message) -> Check:
    return Check(
        "train.losses",
        Step.TRAIN,
        sentence,
        points=5,
        hint=hint,
        judge=partial(training.keeps_losses, recipe=recipe),
    )
