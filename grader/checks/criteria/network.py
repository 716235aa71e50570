"""Judges a network with one hidden layer: its size, its answers, and what it knows before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.checks.criteria.missing import missing
from grader.checks.criteria.model import NONE, answers_otherwise, unheard
from grader.checks.judgements import failed, passed
from grader.evidence import ModelPart
from grader.facts.answers import scores_of
from grader.language.messages import say, say_count

if TYPE_CHECKING:
    from grader.facts import Facts
    from grader.models import Judgement
    from grader.recipes.kinds import NetworkRecipe


def has_size(facts: Facts, recipe: NetworkRecipe) -> Judgement:
    """As many numbers as a network with this one hidden layer has, all free to learn."""
    model = facts.part(ModelPart).model
    if model is None:
        return failed(NONE)
    numbers = sum(int(np.prod(p.shape)) for p in model.parameters)
    if numbers != recipe.size:
        return failed(
            say("The model does not have as many numbers as the network of this lesson."),
            expected=say_count(
                recipe.size, "{count} trainable number", "{count} trainable numbers"
            ),
            actual=say_count(numbers, "{count} trainable number", "{count} trainable numbers"),
        )
    if not all(p.requires_grad for p in model.parameters):
        return failed(say("A part of the model is frozen and cannot learn."))
    return unheard(model) or passed()


def is_as_described(facts: Facts) -> Judgement:
    """The model answers each card with one number, as the lesson's network does."""
    model = facts.part(ModelPart).model
    if model is None:
        return missing(facts.part(ModelPart), "model", NONE)
    return answers_otherwise(facts, model) or passed()


def starts_fresh(facts: Facts, known: float) -> Judgement:
    """Before training the model costs more than `known`, the most that is left after training."""
    model = facts.part(ModelPart).model
    if model is None:
        return missing(facts.part(ModelPart), "model", NONE)
    columns = facts.columns
    scores = scores_of(model, facts.recipe, columns, facts.made_numbers)
    if columns is None or scores is None:
        return passed()
    if facts.recipe.loss_function.value(scores, columns.y) <= known:
        return failed(
            say("The model knows the answer before any training."),
            hint=say("Let torch choose the first values, and let training find the rest."),
        )
    return passed()
