"""Mistakes in the model that scores cards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.diagnosis.places import at_model
from grader.diagnosis.rule import Rules
from grader.facts.loss_function import answers_shares
from grader.language.messages import say
from grader.models import Step

if TYPE_CHECKING:
    from grader.facts import Facts

NEAR = 1e-4


rule = Rules(Step.MODEL, at_model)


@rule(
    "sigmoid_twice",
    say("It behaves like scores that are made into probabilities twice, in the model and again."),
    say("Ask the model for a very large and a very small x: may its answers leave 0 to 1?"),
)
def sigmoid_twice_in_model(facts: Facts) -> bool:
    """The model ends in a sigmoid."""
    return facts.model is not None and answers_shares(facts.model, facts.recipe)


@rule(
    "activation_added",
    say("It behaves like a model with something behind its last layer that bends the scores."),
    say("Which scores should the model be able to give? Are some of them impossible now?"),
    explains=("model.scores",),
    unless=("model.parameters",),
)
def activation_added(facts: Facts) -> bool:
    """The numbers of the lesson's model are there, the answers are not."""
    model = facts.model
    if model is None or not model.probe.outputs or facts.architectures:
        return False
    answers = np.array(model.probe.outputs)
    cut = bool((answers >= 0).all() and (answers == 0).any())
    # Numbers are asked far out, where nothing but a bend keeps the answers small.
    return cut or (facts.recipe.width == 1 and bool((np.abs(answers) <= 1 + NEAR).all()))


@rule(
    "parameters_hard_coded",
    say("It behaves like a model whose numbers were typed in before the training began."),
    say("A pupil who is told the answer learns nothing: which lines set the model's numbers?"),
    explains=("model.fresh",),
)
def parameters_hard_coded(facts: Facts) -> bool:
    """The start already parts the cards, and is sure of it."""
    return facts.architecture is not None


RULES = (sigmoid_twice_in_model, activation_added, parameters_hard_coded)
