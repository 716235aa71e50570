"""What models answer: their scores on the student's data, and how many of them are right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.models import Step
from grader.replay import Descent, data_set_of, gradient
from grader.replay.architectures import theta_of

if TYPE_CHECKING:
    from grader.evidence import ModelSeen
    from grader.facts.facts import Facts
    from grader.models.arrays import Floats
    from grader.recipes.recipe import Recipe
    from grader.replay import DataSet


def exam(facts: Facts) -> DataSet | None:
    """The examples that were kept back, answers as a column."""
    kept = data_set_of(facts.data.X_test, facts.data.y_test, facts.recipe.width)
    return kept.as_columns() if kept is not None else None


def made_numbers(facts: Facts) -> Floats | None:
    """The model's numbers (p,) as its step left it: the earliest on record, where one cell does
    it all.

    None where there is no model.
    """
    made = theta_of(facts.model) if facts.model is not None else None
    path = facts.path
    if path is None or made is None or len(path.earliest) != len(made):
        return made
    return path.earliest if facts.code.shares_a_cell(Step.MODEL, Step.TRAIN) else made


def first_numbers(facts: Facts) -> Floats | None:
    """The model's numbers (p,) before its first update; None where there is no model."""
    made = theta_of(facts.model) if facts.model is not None else None
    path = facts.path
    fits = path is not None and made is not None and path.states.shape[1] == len(made)
    return path.states[0] if path is not None and fits else made


def scores_of(
    model: ModelSeen | None, recipe: Recipe, data_set: DataSet | None, theta: Floats | None = None
) -> Floats | None:
    """What the lesson's model scores (n, 1); with `theta` (p,) in place of its own numbers."""
    architectures = recipe.architectures(model) if model is not None else ()
    if model is None or data_set is None or not architectures:
        return None
    with np.errstate(all="ignore"):
        return architectures[0].scores(theta_of(model) if theta is None else theta, data_set.X)


def final_scores(facts: Facts) -> Floats | None:
    """What the model at the end scores on the data (n, 1)."""
    return scores_of(facts.trained_model, facts.recipe, facts.columns)


def exam_scores(facts: Facts) -> Floats | None:
    """What the model at the end scores on the examples that were kept back (n, 1)."""
    return scores_of(facts.trained_model, facts.recipe, facts.exam)


def accuracy(facts: Facts) -> float | None:
    """The share of right answers of the model at the end, on the data."""
    return share_right(facts.final_scores, facts.columns)


def exam_accuracy(facts: Facts) -> float | None:
    """The share of right answers of the model at the end, on the examples that were kept back."""
    return share_right(facts.exam_scores, facts.exam)


def share_right(scores: Floats | None, data_set: DataSet | None) -> float | None:
    """The share of scores (n, 1) on the right side of 0; None where either is not known."""
    if scores is None or data_set is None:
        return None
    return float(np.mean((scores > 0) == (data_set.as_columns().y > 0.5)))


def share_as_left(facts: Facts, data_set: DataSet | None) -> float | None:
    """The share of right answers of the model as its training left it, whatever came after."""
    path, model = facts.path, facts.moving_model
    if path is None or model is None or path.states.shape[1] != len(theta_of(model)):
        return None
    return share_right(scores_of(model, facts.recipe, data_set, path.states[-1]), data_set)


def ran_away(model: ModelSeen | None) -> bool:
    """Whether training left the model without finite numbers, so that nothing can be judged."""
    return model is not None and not np.isfinite(theta_of(model)).all()


def losses_at_ends(facts: Facts) -> tuple[float, float] | None:
    """The loss on all the data before the first update, and of the model at the end."""
    model, path, columns = facts.trained_model, facts.path, facts.columns
    architectures = facts.recipe.architectures(model) if model is not None else ()
    if model is None or path is None or columns is None or not architectures:
        return None
    if path.states.shape[1] != len(theta_of(model)):
        return None
    first, last = (
        facts.recipe.loss_function.value(architectures[0].scores(theta, columns.X), columns.y)
        for theta in (path.states[0], theta_of(model))
    )
    return first, last


def plainly_trained(facts: Facts, theta: Floats, epochs: int) -> Floats | None:
    """Where so many epochs of the lesson's descent, all data at once, lead from `theta` (p,)."""
    columns, architecture = facts.columns, facts.architecture
    if columns is None or architecture is None:
        return None
    how = Descent(facts.recipe.learning_rate)
    with np.errstate(all="ignore"):
        for _ in range(epochs):
            slope = gradient(theta, columns, architecture, facts.recipe.loss_function)
            theta, _ = how.step(theta, slope, None)
    return theta
