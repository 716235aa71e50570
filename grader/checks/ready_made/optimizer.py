"""Checks of the optimizer and its learning rate."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from grader.checks.checking import Check
from grader.checks.criteria import optimizer
from grader.language.messages import say

if TYPE_CHECKING:
    from grader.recipes.recipe import Recipe


def the_optimizer_is_plain_gradient_descent(recipe: Recipe) -> tuple[Check, ...]:
    """15 points: the model's parameters, SGD and nothing more, the lesson's learning rate."""
    return (
        Check(
            "optimizer.parameters",
            say("The optimizer moves all numbers of your model, and no others."),
            points=5,
            hint=say("Whose parameters were handed over?"),
            judge=optimizer.owns_the_model,
        ),
        Check(
            "optimizer.method",
            say("The optimizer is plain gradient descent."),
            points=5,
            hint=say("The lesson names the method: SGD."),
            judge=optimizer.is_plain_sgd,
        ),
        Check(
            "optimizer.learning_rate",
            say("The learning rate is the one that the lesson asks for."),
            points=5,
            hint=say("The lesson says how big a step is."),
            judge=partial(optimizer.has_learning_rate, learning_rate=recipe.learning_rate),
        ),
    )
