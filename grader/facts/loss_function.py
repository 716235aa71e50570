"""Whether the student's loss function is the lesson's, told by its values on drawn pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.replay.architectures import fits
from grader.replay.loss_functions import CROSS_ENTROPY, SQUARED_ERROR

if TYPE_CHECKING:
    from grader.evidence import LossProbed, LossSeen, ModelSeen
    from grader.facts.facts import Facts
    from grader.recipes.recipe import Recipe

RTOL = 1e-4
ATOL = 1e-8


def loss_is_as_asked(facts: Facts) -> bool:
    """Whether the loss is the lesson's, for what this model answers: scores or probabilities."""
    loss, model = facts.loss, facts.model
    if loss is None or model is None:
        return False
    if facts.recipe.loss_function is SQUARED_ERROR:
        return measures_squared_error(loss)
    return measures_cross_entropy(loss, shares=answers_shares(model, facts.recipe))


def measures_squared_error(loss: LossSeen) -> bool:
    """Whether every probe came out as the mean squared error."""
    values = [probe.value for probe in loss.probes]
    expected = [mean_squared_error(probe) for probe in loss.probes]
    return None not in values and np.allclose(
        np.array(values, dtype=np.float64), expected, rtol=RTOL, atol=ATOL
    )


def mean_squared_error(probe: LossProbed) -> float:
    """What these guesses cost beside the probe's answers."""
    error = np.array(probe.prediction) - np.array(probe.target)
    return float(np.mean(error**2))


def measures_cross_entropy(loss: LossSeen, *, shares: bool = False) -> bool:
    """Whether the loss is the cross-entropy, of scores or (with `shares`) of probabilities."""
    probes = loss.shares if shares else loss.choices
    return bool(probes) and all(
        probe.value is not None and np.isclose(probe.value, cross_entropy(scored, probe), rtol=RTOL)
        for scored, probe in zip(loss.choices, probes, strict=True)
    )


def cross_entropy(scored: LossProbed, probe: LossProbed) -> float:
    """What these scores cost with the probe's answers."""
    return CROSS_ENTROPY.value(np.array(scored.prediction), np.array(probe.target))


def answers_shares(model: ModelSeen, recipe: Recipe) -> bool:
    """Whether the model gives probabilities: the lesson's model with a sigmoid at its end."""
    architectures = recipe.architectures(model)
    return bool(architectures) and not any(
        fits(architecture, model) for architecture in architectures
    )
