"""Mistakes in the model that scores cards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.checks.criteria.loss import answers_shares
from grader.diagnosis.rule import rule
from grader.language.messages import say
from grader.models import Step

if TYPE_CHECKING:
    from grader.diagnosis.facts import Facts
    from grader.diagnosis.rule import Place

NEAR = 1e-4


def _at_model(facts: Facts) -> Place:
    return facts.binding_place(Step.MODEL, "model")


@rule(
    "sigmoid_twice",
    Step.MODEL,
    say("It behaves like scores that are made into probabilities twice, in the model and again."),
    say("Ask the model for a very large and a very small x: may its answers leave 0 to 1?"),
    _at_model,
)
def sigmoid_twice_in_model(facts: Facts) -> bool:
    """The model ends in a sigmoid."""
    return facts.model is not None and answers_shares(facts.model, facts.recipe)


@rule(
    "activation_added",
    Step.MODEL,
    say("It behaves like a model with something behind its last layer that bends the scores."),
    say("Which scores should the model be able to give? Are some of them impossible now?"),
    _at_model,
)
def activation_added(facts: Facts) -> bool:
    """The numbers of the lesson's model are there, the answers are not."""
    model = facts.model
    if model is None or not model.probe.outputs or facts.recipe.architectures(model):
        return False
    answers = np.array(model.probe.outputs)
    cut = bool((answers >= 0).all() and (answers == 0).any())
    # Numbers are asked far out, where nothing but a bend keeps the answers small.
    bounded = cut or (facts.recipe.width == 1 and bool((np.abs(answers) <= 1 + NEAR).all()))
    return bounded and "model.scores" in facts.failed and "model.parameters" not in facts.failed


@rule(
    "parameters_hard_coded",
    Step.MODEL,
    say("It behaves like a model whose numbers were typed in before the training began."),
    say("A pupil who is told the answer learns nothing: which lines set the model's numbers?"),
    _at_model,
)
def parameters_hard_coded(facts: Facts) -> bool:
    """The start already parts the cards, and is sure of it."""
    return "model.fresh" in facts.failed and facts.architecture is not None


RULES = (sigmoid_twice_in_model, activation_added, parameters_hard_coded)
