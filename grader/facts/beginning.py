"""Where a training begins, where that is not where the model step left the model.

Numbers that are made anew at the top of the training, so that its cell can be run again, are as
good a start as the first ones; numbers that already know the answer are not learned.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from grader.facts.answers import plainly_trained
from grader.facts.lines import knows
from grader.models import Step

if TYPE_CHECKING:
    from grader.evidence import ModelSeen
    from grader.facts.facts import Facts

NEARLY, HALF_WAY = 0.1, 0.5


# How code puts numbers of its own into a model; and how it draws them.
_FILLS_IN = frozenset({"fill_", "copy_", "constant_", "data", "tensor", "load_state_dict", "full"})
_DRAWS = re.compile(r"rand|normal|uniform|kaiming|xavier|orthogonal|permutation|sample")


def model_is_filled_in(facts: Facts) -> bool:
    """Whether the model's first numbers are the student's, or come from training, not from chance.

    What is drawn may be near to the goal by luck; what is written down, worked out or learned
    ahead of time is not.
    """
    names = facts.code.names(Step.MODEL)
    filled_in = bool(names & _FILLS_IN) and not any(_DRAWS.search(name) for name in names)
    return facts.model_is_trained_where_made or filled_in


def model_is_trained_where_made(facts: Facts) -> bool:
    """Whether the model's own cell works with gradients, where it is not the training's as well."""
    works = facts.code.names(Step.MODEL) & {"backward", "step", "grad"}
    return bool(works) and not facts.code.shares_a_cell(Step.MODEL, Step.TRAIN)


def moving_model(facts: Facts) -> ModelSeen | None:
    """The model whose numbers the training moved: of its own step, unless it was made otherwise.

    As it was made it is known better than as it ended, where some numbers may not be numbers.
    """
    made, ended = facts.model, facts.trained_model
    if made is None or ended is None or _built_of(made) == _built_of(ended):
        return made
    return ended if facts.recipe.architectures(ended) else made


def _built_of(model: ModelSeen) -> list[tuple[str, tuple[int, ...]]]:
    return [(parameter.name, tuple(parameter.shape)) for parameter in model.parameters]


def begins_at_the_end(facts: Facts) -> bool:
    """Whether numbers were set ahead of the training to ones that training should have found.

    A line is known by its w and b, as at the model step; what has more numbers than that by its
    loss: it is as low as where the lesson's training, all data at once, leads from the model's own
    start. False where that cannot be replayed.
    """
    recipe, path, columns = facts.recipe, facts.path, facts.columns
    if path is None or path.made is None or columns is None or facts.architecture is None:
        return False
    if recipe.line is not None:
        start = facts.start_line
        return start is not None and knows(start, recipe.line, facts.data_set)
    costs = _costs(facts)
    return costs is not None and costs[1] <= costs[2]


def set_near_the_end(facts: Facts) -> bool:
    """Whether numbers that were set ahead of the training spare it most of its way.

    By the loss: nine tenths of the way that the lesson's training would go, which luck may do once
    in a hundred times, so that it is only asked of a training that changed nothing; half of it for
    a network, whose fresh numbers all cost about the same.
    """
    costs = _costs(facts)
    left = NEARLY if facts.recipe.width == 1 else HALF_WAY
    return costs is not None and costs[1] - costs[2] <= left * (costs[0] - costs[2])


def _costs(facts: Facts) -> tuple[float, float, float] | None:
    """The loss of the numbers as they were made, as they were set, and where training leads."""
    recipe, path, columns = facts.recipe, facts.path, facts.columns
    if path is None or path.made is None or columns is None or facts.architecture is None:
        return None
    trained = plainly_trained(facts, path.made, recipe.epochs * recipe.updates_per_epoch)
    if trained is None:
        return None
    with np.errstate(all="ignore"):
        made, set_, goal = (
            recipe.loss_function.value(facts.architecture.scores(each, columns.X), columns.y)
            for each in (path.made, path.states[0], trained)
        )
    return made, set_, goal
