"""Judges a network with one hidden layer: its size, its answers, and what it knows before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.checks.criteria.classification import cards_seen, made_numbers
from grader.checks.criteria.missing import missing
from grader.checks.criteria.model import NONE, answers_otherwise
from grader.checks.judgements import failed, passed
from grader.evidence import DataPart, ModelPart, ResultPart, TrainPart
from grader.language.messages import say, say_count
from grader.replay import data_set_of, trajectory
from grader.replay.architectures import theta_of

if TYPE_CHECKING:
    from grader.evidence import Evidence
    from grader.models import Judgement
    from grader.recipes.recipe import NetworkRecipe


def has_size(seen: Evidence, recipe: NetworkRecipe) -> Judgement:
    """As many numbers as a network with this one hidden layer has, all free to learn."""
    model = seen.part(ModelPart).model
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
    return passed()


def is_as_described(seen: Evidence, recipe: NetworkRecipe) -> Judgement:
    """The model answers each card with one number, as the lesson's network does."""
    model = seen.part(ModelPart).model
    if model is None:
        return missing(seen.part(ModelPart), "model", NONE)
    return answers_otherwise(seen, model, recipe) or passed()


def starts_fresh(seen: Evidence, recipe: NetworkRecipe, known: float) -> Judgement:
    """Before training the model costs more than `known`, the most that is left behind training."""
    model = seen.part(ModelPart).model
    if model is None:
        return missing(seen.part(ModelPart), "model", NONE)
    data_set, architectures = cards_seen(seen, recipe), recipe.architectures(model)
    if data_set is None or not architectures:
        return passed()
    before = recipe.loss_function.value(
        architectures[0].scores(made_numbers(seen, model), data_set.X), data_set.y
    )
    if before <= known:
        return failed(
            say("The model knows the answer before its first lesson."),
            hint=say("Let torch choose the first values, and let training find the rest."),
        )
    return passed()


def losses_at_ends(seen: Evidence, recipe: NetworkRecipe) -> tuple[float, float] | None:
    """The loss on all cards before the first update, and of the model at the end."""
    data, model = seen.part(DataPart), seen.part(ResultPart).model
    training = seen.part(TrainPart).training
    path = trajectory(training) if training is not None else None
    data_set = data_set_of(data.X, data.y, recipe.width)
    architectures = recipe.architectures(model) if model is not None else ()
    if model is None or path is None or data_set is None or not architectures:
        return None
    columns, (architecture, *_) = data_set.as_columns(), architectures
    if path.states.shape[1] != len(theta_of(model)):
        return None
    first, last = (
        recipe.loss_function.value(architecture.scores(theta, columns.X), columns.y)
        for theta in (path.states[0], theta_of(model))
    )
    return first, last
