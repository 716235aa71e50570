"""Judges where a training begins, where that is not where the model step left the model.

Numbers that are made anew at the top of the training, so that its cell can be run again, are as
good a start as the first ones; numbers that already know the answer are not learned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.checks.criteria.model import knows, start_line
from grader.evidence import DataPart, ModelPart, TrainPart
from grader.remembering import remembered
from grader.replay import Descent, data_set_of, gradient, trajectory

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from grader.evidence import Evidence
    from grader.recipes.recipe import Recipe
    from grader.replay import DataSet
    from grader.replay.architectures import Architecture

    Floats = NDArray[np.float64]


@remembered
def begins_at_the_end(seen: Evidence, recipe: Recipe) -> bool:
    """Whether numbers were set ahead of the training to ones that training should have found.

    A line is known by its w and b, as at the model step; what has more numbers than that by its
    loss: it is as low as where the lesson's training, all cards at once, leads from the model's own
    start. False where that cannot be replayed.
    """
    training = seen.part(TrainPart).training if TrainPart in seen else None
    path = trajectory(training) if training is not None else None
    model = seen.part(ModelPart).model if ModelPart in seen else None
    data = seen.part(DataPart) if DataPart in seen else None
    data_set = data_set_of(data.X, data.y, recipe.width) if data is not None else None
    architecture = next(iter(recipe.architectures(model)), None) if model is not None else None
    if path is None or path.made is None or data_set is None or architecture is None:
        return False
    if recipe.line is not None:
        start = start_line(seen)
        return start is not None and knows(start, recipe.line, data_set)
    return _costs_as_little(path.states[0], path.made, architecture, data_set.as_columns(), recipe)


def _costs_as_little(
    numbers: Floats, made: Floats, architecture: Architecture, data_set: DataSet, recipe: Recipe
) -> bool:
    """Whether these numbers cost no more than those that training makes of the first ones."""
    with np.errstate(all="ignore"):
        trained, how = made, Descent(recipe.learning_rate)
        for _ in range(recipe.epochs * recipe.updates_per_epoch):
            slope = gradient(trained, data_set, architecture, recipe.loss_function)
            trained, _ = how.step(trained, slope, None)
        cost, goal = (
            recipe.loss_function.value(architecture.scores(each, data_set.X), data_set.y)
            for each in (numbers, trained)
        )
    return cost <= goal
