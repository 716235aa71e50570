"""Mistakes in the network of a lesson about pictures, and in that of one about a curve."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from grader.diagnosis.places import at_model
from grader.diagnosis.rule import Rules
from grader.language.messages import say
from grader.models import Step
from grader.recipes.kinds import NetworkRecipe

if TYPE_CHECKING:
    from grader.facts import Facts


rule = Rules(Step.MODEL, at_model)


@rule(
    "network_wrong_size",
    say("It behaves like a network whose layers have other sizes than the lesson's."),
    say("Follow one picture: how many numbers go into each layer, and how many come out?"),
)
def network_wrong_size(facts: Facts) -> bool:
    """Another count of numbers, or layers that do not fit together."""
    model = facts.model
    if model is None or not isinstance(facts.recipe, NetworkRecipe):
        return False
    numbers = sum(math.prod(parameter.shape) for parameter in model.parameters)
    return numbers != facts.recipe.size or model.probe.error is not None


@rule(
    "network_not_as_asked",
    say("It behaves like a network with something else between its layers than the lesson names."),
    say("Between two layers something has to bend the line. What does the lesson put there?"),
    explains=("model.scores", "model.network"),
)
def network_not_as_asked(facts: Facts) -> bool:
    """The right numbers, other answers."""
    return facts.model is not None and facts.architecture is None


PICTURES = (network_wrong_size, network_not_as_asked)
CURVE = (
    replace(
        network_wrong_size,
        hint=say("Follow one card: how many numbers go into each layer, and how many come out?"),
    ),
    network_not_as_asked,
)
