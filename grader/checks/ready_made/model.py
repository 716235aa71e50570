"""Checks of the model: what it can express, and that it knows nothing yet."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from grader.checks.checking import Check
from grader.checks.criteria import classification, model, network
from grader.language.messages import say

if TYPE_CHECKING:
    from grader.checks.checking import Judge
    from grader.recipes.kinds import CurveRecipe, LineRecipe, NetworkRecipe
    from grader.recipes.tolerances import CurveTolerances, ThresholdTolerances

_ONE_NUMBER = say("Which layer turns one number into one number?")


def the_model_is_a_line(recipe: LineRecipe) -> tuple[Check, ...]:
    """15 points: one weight and one bias, answers on a straight line, no knowledge before."""
    return (
        _weight_and_bias(),
        Check(
            "model.line",
            say("The model's guesses lie on a straight line, for any x."),
            points=5,
            hint=_ONE_NUMBER,
            judge=model.is_a_line,
        ),
        _fresh(partial(model.starts_fresh, goal=recipe.line)),
    )


def the_model_scores_a_line(tolerances: ThresholdTolerances) -> tuple[Check, ...]:
    """15 points: one weight and one bias, scores on a straight line, no knowledge before."""
    return (
        _weight_and_bias(),
        Check(
            "model.scores",
            say("The model answers with a score: w * x + b, for any x."),
            points=5,
            hint=_ONE_NUMBER,
            judge=classification.gives_scores,
        ),
        _fresh(partial(classification.starts_fresh, known=tolerances.loss)),
    )


def the_model_is_a_network(recipe: CurveRecipe, tolerances: CurveTolerances) -> tuple[Check, ...]:
    """15 points: the network's size, its answers for any x, no knowledge before."""
    activation = {"relu": "ReLU", "tanh": "Tanh"}[recipe.activation]
    return (
        *the_model_has_the_size_of_a_network(recipe),
        Check(
            "model.network",
            say(
                "The model guesses as the lesson's network does: Linear, {activation}, Linear.",
                activation=activation,
            ),
            points=5,
            hint=say("Which three parts does the task name, in which order?"),
            judge=network.is_as_described,
        ),
        _fresh(partial(network.starts_fresh, known=tolerances.loss)),
    )


def the_model_has_the_size_of_a_network(recipe: NetworkRecipe) -> tuple[Check, ...]:
    """5 points: as many numbers as the network of the lesson has, all free to learn."""
    return (
        Check(
            "model.size",
            say(
                "The model has the {count} numbers of a network from {width} over {hidden} to 1, "
                "all free to learn.",
                count=recipe.size,
                width=recipe.width,
                hidden=recipe.hidden,
            ),
            points=5,
            hint=say("Count: weights and biases of the first layer, the second."),
            judge=partial(network.has_size, recipe=recipe),
        ),
    )


def _weight_and_bias() -> Check:
    return Check(
        "model.parameters",
        say("The model has one weight and one bias, and can change both."),
        points=5,
        hint=say("What does a line need besides its slope?"),
        judge=model.has_weight_and_bias,
    )


def _fresh(judge: Judge) -> Check:
    return Check(
        "model.fresh",
        say("Before training, the model does not know the rule."),
        points=5,
        hint=say("A pupil who has seen the answers learns nothing."),
        judge=judge,
    )
