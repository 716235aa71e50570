"""Judges how guesses are marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.checks.criteria.missing import missing
from grader.checks.judgements import failed, passed
from grader.evidence import LossPart
from grader.facts.loss_function import ATOL, RTOL, mean_squared_error
from grader.language.messages import say

if TYPE_CHECKING:
    from grader.evidence import LossProbed
    from grader.facts import Facts
    from grader.language.messages import Message
    from grader.models import Judgement

NONE = say("There is no `loss_fn` that can mark a guess yet.")


def is_mean_squared_error(facts: Facts) -> Judgement:
    """On drawn guesses and answers, the loss is mean((guess - answer)^2)."""
    loss = facts.part(LossPart).loss
    if loss is None:
        return missing(facts.part(LossPart), "loss_fn", NONE)
    for probe in loss.probes:
        if probe.value is None:
            return failed(
                say("The loss does not come out as one number that can be learned from."),
                actual=stopped_with(probe),
            )
        expected = mean_squared_error(probe)
        if not abs(probe.value - expected) <= ATOL + RTOL * expected:  # nor nan
            return failed(
                say("The loss is not the mean of the squared distances."),
                actual=say(
                    "{value:.4g} where {due:.4g} is expected", value=probe.value, due=expected
                ),
                hint=say("Mark two guesses by hand, each off by 3, and compare."),
            )
    return passed()


def stopped_with(probe: LossProbed) -> Message | None:
    """The error that a loss stopped with, if it did."""
    return say("{error}", error=probe.error) if probe.error is not None else None


def can_be_learned_from(facts: Facts) -> Judgement:
    """The loss passes a gradient back to the guesses."""
    loss = facts.part(LossPart).loss
    if loss is None:
        return missing(facts.part(LossPart), "loss_fn", NONE)
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
