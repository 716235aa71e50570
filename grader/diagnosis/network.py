"""Mistakes in networks, and in models that score."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from grader.diagnosis.model import WRONG_SIZE
from grader.diagnosis.places import at_model
from grader.diagnosis.rule import Rules, only
from grader.evidence import ModelPart
from grader.facts.loss_function import answers_shares
from grader.language.messages import say
from grader.models import Step
from grader.recipes.kinds import CurveRecipe, NetworkRecipe, PicturesRecipe, ThresholdRecipe

if TYPE_CHECKING:
    from grader.facts import Facts


NEAR = 1e-4
rule = Rules(Step.MODEL, at_model, explains=("model.size",), needs=(ModelPart,))


@rule(
    "network_wrong_size",
    say("It behaves like a network whose layers have different sizes from the lesson's."),
    say("Follow one picture: how many numbers go into each layer, and how many come out?"),
    explains=("model.size", "model.scores", "model.network"),
)
def network_wrong_size(facts: Facts) -> bool:
    """Another count of numbers, or layers that do not fit together."""
    model = facts.model
    if model is None or not isinstance(facts.recipe, NetworkRecipe):
        return False
    numbers = sum(math.prod(parameter.shape) for parameter in model.parameters)
    unfit = model.probe.error is not None and WRONG_SIZE in model.probe.error
    return numbers != facts.recipe.size or unfit


@rule(
    "network_not_as_asked",
    say(
        "It behaves like a network with something between its layers other than what the lesson "
        "names."
    ),
    say("Between two layers something has to bend the line. What does the lesson put there?"),
    explains=("model.scores", "model.network"),
)
def network_not_as_asked(facts: Facts) -> bool:
    """The right numbers, other answers."""
    model = facts.model
    return model is not None and bool(model.probe.outputs) and not facts.made_architectures


@rule(
    "sigmoid_twice",
    say("It behaves like scores that are turned into probabilities twice, in the model and again."),
    say(
        "Ask the model for a very large and a very small x: can its answers go below 0 or above 1?"
    ),
    explains=("model.scores",),
)
def sigmoid_twice(facts: Facts) -> bool:
    """The model ends in a sigmoid."""
    return facts.model is not None and answers_shares(facts.model, facts.recipe)


@rule(
    "decisions_for_scores",
    say("It behaves like a model that gives decisions, yes or no, in place of scores."),
    say("Can one of the model's answers be a little surer than another? Where does it decide?"),
    explains=("model.scores",),
)
def decisions_for_scores(facts: Facts) -> bool:
    """Every answer is 0 or 1, and there are both."""
    return facts.model is not None and set(facts.model.probe.outputs) == {0.0, 1.0}


@rule(
    "activation_added",
    say("It behaves like a model with something after its last layer that bends the scores."),
    say("Which scores should the model be able to give? Are some of them impossible now?"),
    explains=("model.scores",),
    unless=("model.parameters",),
)
def activation_added(facts: Facts) -> bool:
    """The numbers of the lesson's model are there, the answers are not."""
    model = facts.model
    if model is None or not model.probe.outputs or facts.made_architectures:
        return False
    answers = np.array(model.probe.outputs)
    cut = bool((answers >= 0).all() and (answers == 0).any())
    # Numbers are asked far out, where nothing but a bend keeps the answers small.
    return cut or (facts.recipe.width == 1 and bool((np.abs(answers) <= 1 + NEAR).all()))


@rule(
    "parameters_hard_coded",
    say("It behaves like a model that already knows the answer before the training begins."),
    say("A pupil who is told the answer learns nothing: which lines set the model's numbers?"),
    explains=("model.fresh",),
)
def parameters_hard_coded(facts: Facts) -> bool:
    """The start already separates the cards, and confidently."""
    return bool(facts.made_architectures)


RULES = (
    *only(
        (ThresholdRecipe, PicturesRecipe),
        decisions_for_scores,
        sigmoid_twice,
        activation_added,
        parameters_hard_coded,
    ),
    *only(PicturesRecipe, network_wrong_size, network_not_as_asked),
    *only(
        CurveRecipe,
        replace(
            network_wrong_size,
            hint=say(
                "Follow one card: how many numbers go into each layer, and how many come out?"
            ),
        ),
        network_not_as_asked,
        parameters_hard_coded,
    ),
)
