"""Judges a network with one hidden layer: that it is as large as the lesson's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.evidence import ModelPart
from grader.judgements import failed, passed
from grader.messages import say, say_count

if TYPE_CHECKING:
    from grader.evidence import Evidence
    from grader.models import Judgement
    from grader.recipe import NetworkRecipe


def has_size(seen: Evidence, recipe: NetworkRecipe) -> Judgement:
    """As many numbers as a network with this one hidden layer has, all free to learn."""
    model = seen.part(ModelPart).model
    if model is None:
        return failed(say("There is no `model` that can be asked for a guess yet."))
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
