"""Judges how guesses are marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.checks.criteria.missing import missing
from grader.checks.judgements import failed, passed
from grader.evidence import LossPart
from grader.language.messages import say
from grader.remembering import remembered
from grader.replay.architectures import fits
from grader.replay.loss_functions import CROSS_ENTROPY, SQUARED_ERROR

if TYPE_CHECKING:
    from grader.evidence import Evidence, LossProbed, LossSeen, ModelSeen
    from grader.language.messages import Message
    from grader.models import Judgement
    from grader.recipes.recipe import Recipe

RTOL = 1e-4
ATOL = 1e-8

NONE = say("There is no `loss_fn` that can mark a guess yet.")


def is_mean_squared_error(seen: Evidence) -> Judgement:
    """On drawn guesses and answers, the loss is mean((guess - answer)^2)."""
    loss = seen.part(LossPart).loss
    if loss is None:
        return missing(seen.part(LossPart), "loss_fn", NONE)
    for probe in loss.probes:
        if probe.value is None:
            return failed(
                say("The loss does not come out as one number that can be learned from."),
                actual=stopped_with(probe),
            )
        expected = _mean_squared_error(probe)
        if not abs(probe.value - expected) <= ATOL + RTOL * expected:  # nor nan
            return failed(
                say("The loss is not the mean of the squared distances."),
                actual=say("{value:.4g} where {due:.4g} is due", value=probe.value, due=expected),
                hint=say("Mark two guesses by hand, each off by 3, and compare."),
            )
    return passed()


def stopped_with(probe: LossProbed) -> Message | None:
    """The error that a loss stopped with, if it did."""
    return say("{error}", error=probe.error) if probe.error is not None else None


def can_be_learned_from(seen: Evidence) -> Judgement:
    """The loss passes a gradient back to the guesses."""
    loss = seen.part(LossPart).loss
    if loss is None:
        return missing(seen.part(LossPart), "loss_fn", NONE)
    if all(probe.gradient is None for probe in loss.probes):
        return failed(
            say("No gradient comes back from the loss, so nothing can be learned from it."),
            actual=stopped_with(loss.probes[0]),
        )
    for probe in loss.probes:
        if probe.gradient is None or not np.any(np.array(probe.gradient)):
            return failed(say("No gradient comes back from the loss, so nothing can be learned."))
        if not _falls_along(probe.prediction, probe.target, probe.gradient):
            return failed(
                say("The loss rewards guesses for moving away from the answers."),
                hint=say("Think which of two guesses, near or far, should get the higher loss."),
            )
    return passed()


def _falls_along(
    prediction: tuple[float, ...], target: tuple[float, ...], gradient: tuple[float, ...]
) -> bool:
    error = np.array(prediction) - np.array(target)
    return float(error @ np.array(gradient)) > 0


def measures_as_asked(loss: LossSeen, recipe: Recipe, model: ModelSeen) -> bool:
    """Whether the loss is the lesson's, for what this model answers: scores or probabilities."""
    if recipe.loss_function is SQUARED_ERROR:
        return measures_squared_error(loss)
    return measures_cross_entropy(loss, shares=answers_shares(model, recipe))


@remembered
def measures_squared_error(loss: LossSeen) -> bool:
    """Whether every probe came out as the mean squared error."""
    values = [probe.value for probe in loss.probes]
    due = [_mean_squared_error(probe) for probe in loss.probes]
    return None not in values and np.allclose(
        np.array(values, dtype=np.float64), due, rtol=RTOL, atol=ATOL
    )


def _mean_squared_error(probe: LossProbed) -> float:
    error = np.array(probe.prediction) - np.array(probe.target)
    return float(np.mean(error**2))


def measures_cross_entropy(loss: LossSeen, *, shares: bool = False) -> bool:
    """Whether yes and no are marked by their cross-entropy, from scores or from probabilities."""
    probes = loss.shares if shares else loss.choices
    return bool(probes) and all(
        probe.value is not None and np.isclose(probe.value, cross_entropy(scored, probe), rtol=RTOL)
        for scored, probe in zip(loss.choices, probes, strict=True)
    )


def cross_entropy(scored: LossProbed, probe: LossProbed) -> float:
    """What these scores cost beside the probe's answers."""
    return CROSS_ENTROPY.value(np.array(scored.prediction), np.array(probe.target))


def answers_shares(model: ModelSeen, recipe: Recipe) -> bool:
    """Whether the model gives probabilities: the lesson's model with a sigmoid at its end."""
    architectures = recipe.architectures(model)
    return bool(architectures) and not any(
        fits(architecture, model) for architecture in architectures
    )
