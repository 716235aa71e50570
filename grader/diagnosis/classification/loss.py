"""Mistakes in the loss for yes and no, told by its values on drawn scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.checks.criteria.loss import measures_cross_entropy
from grader.diagnosis.rule import rule
from grader.language.messages import say
from grader.models import Step
from grader.replay.loss_functions import CROSS_ENTROPY, sigmoid

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.diagnosis.facts import Facts, Floats
    from grader.diagnosis.rule import Place

NEAR = 1e-4


def _at_loss(facts: Facts) -> Place:
    return facts.binding_place(Step.LOSS, "loss_fn")


def _values_are(facts: Facts, value: Callable[[Floats, Floats], float]) -> bool:
    """Whether scores and answers came out as `value(score, answer)`."""
    probes = facts.loss.choices if facts.loss is not None else ()
    return bool(probes) and all(
        probe.value is not None
        and np.isclose(probe.value, value(np.array(probe.prediction), np.array(probe.target)), NEAR)
        for probe in probes
    )


@rule(
    "loss_takes_probabilities",
    Step.LOSS,
    say("It behaves like a loss that wants probabilities, and is handed scores."),
    say("May a score be -3, or 7? Which of the two examiners can mark such a number?"),
    _at_loss,
)
def loss_takes_probabilities(facts: Facts) -> bool:
    """Right for probabilities, not for scores."""
    loss = facts.loss
    return loss is not None and measures_cross_entropy(loss, shares=True)


@rule(
    "loss_squared_error",
    Step.LOSS,
    say("It behaves like the mean squared error, which is made for questions of how much."),
    say("What does a pupil pay here who is quite sure, and quite wrong? What should it pay?"),
    _at_loss,
)
def loss_squared_error(facts: Facts) -> bool:
    """mean (score - answer)^2, or of the probability."""
    return _values_are(facts, lambda z, y: float(np.mean((z - y) ** 2))) or _values_are(
        facts, lambda z, y: float(np.mean((sigmoid(z) - y) ** 2))
    )


@rule(
    "loss_among_one_class",
    Step.LOSS,
    say("It behaves like a loss for choosing among several classes, where there is only one."),
    say("What does your loss say of a good guess, and of a bad one? Try it with two numbers."),
    _at_loss,
)
def loss_among_one_class(facts: Facts) -> bool:
    """The loss is 0 whatever the scores."""
    probes = facts.loss.choices if facts.loss is not None else ()
    return bool(probes) and all(probe.value == 0 for probe in probes)


@rule(
    "loss_sum",
    Step.LOSS,
    say("It behaves like the sum over all cards instead of their mean."),
    say("What happens to your loss when every card is handed out twice?"),
    _at_loss,
)
def loss_sum(facts: Facts) -> bool:
    """The cross-entropies added up."""
    return _values_are(facts, lambda z, y: CROSS_ENTROPY.value(z, y) * len(z))


@rule(
    "loss_negated",
    Step.LOSS,
    say("It behaves like a loss with its sign turned round: the worse the guess, the lower."),
    say("Which of two guesses, near or far, should get the higher loss? Which one does?"),
    _at_loss,
)
def loss_negated(facts: Facts) -> bool:
    """Minus the cross-entropy."""
    return _values_are(facts, lambda z, y: -CROSS_ENTROPY.value(z, y))


@rule(
    "sigmoid_twice",
    Step.LOSS,
    say("It behaves like scores that are made into probabilities twice before they are marked."),
    say("Which of the calls in your loss makes a probability of a score? Is there another one?"),
    _at_loss,
)
def sigmoid_twice_in_loss(facts: Facts) -> bool:
    """The cross-entropy of probabilities taken for scores."""
    return _values_are(facts, lambda z, y: CROSS_ENTROPY.value(sigmoid(z), y))


@rule(
    "loss_arguments_swapped",
    Step.LOSS,
    say("It behaves like a loss that takes the answers for scores, and the scores for answers."),
    say("In which order does the loss expect its two arguments?"),
    _at_loss,
)
def loss_arguments_swapped_in_loss(facts: Facts) -> bool:
    """The cross-entropy of the answers by the scores."""
    return _values_are(facts, lambda z, y: CROSS_ENTROPY.value(y, z))


@rule(
    "labels_inverted",
    Step.LOSS,
    say("It behaves like a loss that takes every yes for a no."),
    say("The answer is 1: which should cost less, a score of 3 or of -3? Which does?"),
    _at_loss,
)
def labels_inverted_in_loss(facts: Facts) -> bool:
    """The cross-entropy of the opposite answers."""
    return _values_are(facts, lambda z, y: CROSS_ENTROPY.value(z, 1 - y))


@rule(
    "loss_scaled",
    Step.LOSS,
    say("It behaves like the right loss times a fixed number."),
    say("Mark one guess by hand and compare: what stands in front of the mean?"),
    _at_loss,
)
def loss_scaled(facts: Facts) -> bool:
    """A constant times the cross-entropy."""
    probes = facts.loss.choices if facts.loss is not None else ()
    ratios = [
        probe.value / CROSS_ENTROPY.value(np.array(probe.prediction), np.array(probe.target))
        for probe in probes
        if probe.value is not None
    ]
    even = bool(ratios) and bool(np.allclose(ratios, ratios[0], rtol=1e-3))
    return even and ratios[0] > 0 and abs(ratios[0] - 1) > 1e-3


@rule(
    "loss_detached",
    Step.LOSS,
    say("It behaves like a loss that was cut off from the guesses: no gradient comes back."),
    say("Which call in your loss lets the number through but not the way back?"),
    _at_loss,
)
def loss_detached(facts: Facts) -> bool:
    """The value is right and no gradient comes back."""
    probes = facts.loss.choices if facts.loss is not None else ()
    return _values_are(facts, CROSS_ENTROPY.value) and all(p.gradient is None for p in probes)


RULES = (
    loss_takes_probabilities,
    loss_squared_error,
    loss_among_one_class,
    loss_sum,
    loss_negated,
    sigmoid_twice_in_loss,
    loss_arguments_swapped_in_loss,
    labels_inverted_in_loss,
    loss_detached,
    loss_scaled,
)
