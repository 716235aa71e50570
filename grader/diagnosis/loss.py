"""Mistakes in the loss function, recognised by its values on drawn pairs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from grader.diagnosis.classes import class_not_called, super_init_missing
from grader.diagnosis.places import at_loss
from grader.diagnosis.rule import Rule, Rules, only
from grader.evidence import LossPart
from grader.facts.loss_function import measures_cross_entropy
from grader.language.messages import say
from grader.models import Step
from grader.recipes.kinds import CurveRecipe, LineRecipe, PicturesRecipe, ThresholdRecipe
from grader.replay.loss_functions import CROSS_ENTROPY, SQUARED_ERROR, sigmoid

if TYPE_CHECKING:
    from grader.evidence import LossProbed
    from grader.facts import Facts
    from grader.language.messages import Message
    from grader.models.arrays import Floats

RTOL = 1e-4
OF_NUMBERS = (LineRecipe, CurveRecipe)
OF_CHOICES = (ThresholdRecipe, PicturesRecipe)

Value = Callable[["Floats", "Floats"], float]  # of guesses and answers


def _probes(facts: Facts) -> tuple[LossProbed, ...]:
    """The drawn guesses, or scores, that the lesson's loss is tried on."""
    if facts.loss is None:
        return ()
    squares = facts.recipe.loss_function is SQUARED_ERROR
    return facts.loss.probes if squares else facts.loss.choices


def _values_are(facts: Facts, value: Value) -> bool:
    """Whether every probe came out as `value(guess, answer)`."""
    probes = _probes(facts)
    return bool(probes) and all(
        probe.value is not None
        and np.isclose(probe.value, value(np.array(probe.prediction), np.array(probe.target)), RTOL)
        for probe in probes
    )


rule = Rules(Step.LOSS, at_loss, explains=("loss.value",), needs=(LossPart,))


def _by_value(id_: str, message: Message, hint: Message, *values: Value) -> Rule:
    """The rule for a loss that comes out as one of these on every probe."""
    return rule(id_, message, hint)(
        lambda facts: any(_values_are(facts, value) for value in values)
    )


def _by_factor(id_: str, message: Message, hint: Message, factor: Callable[[int], float]) -> Rule:
    """The rule for a loss that is so many times the lesson's own, by the number of guesses."""

    def applies(facts: Facts) -> bool:
        own = facts.recipe.loss_function
        return _values_are(facts, lambda g, a: own.value(g, a) * factor(len(g)))

    return rule(id_, message, hint)(applies)


def _mean(values: Floats) -> float:
    return float(np.mean(values))


def _huber(guess: Floats, answer: Floats) -> float:
    off = np.abs(guess - answer)
    return _mean(np.where(off < 1, off**2 / 2, off - 0.5))


SQUARE_OFF = say(
    "How much worse is being off by 4 than being off by 2, in your loss and in the lesson's?"
)
loss_l1 = _by_value(
    "loss_l1",
    say("It behaves like the mean distance itself, not its square."),
    SQUARE_OFF,
    lambda g, a: _mean(np.abs(g - a)),
)
loss_huber = _by_value(
    "loss_huber",
    say("It behaves like a loss that goes easy on large mistakes."),
    SQUARE_OFF,
    _huber,
)
loss_root = _by_value(
    "loss_root",
    say("It behaves like the root of the mean squared distance."),
    say("Is there one step too many after the mean?"),
    lambda g, a: float(np.sqrt(SQUARED_ERROR.value(g, a))),
)
loss_not_squared = _by_value(
    "loss_not_squared",
    say("It behaves like a mean of plain differences: too high and too low cancel out."),
    say("Two guesses, one 3 too high and one 3 too low: what does your loss say, and is it fair?"),
    lambda g, a: _mean(g - a),
    lambda g, a: _mean(a - g),
    lambda g, a: _mean(g - a) * 2,
    lambda g, a: _mean(g - a) ** 2,
)
loss_sum = _by_factor(
    "loss_sum",
    say("It behaves like the sum over all cards instead of their mean."),
    say("What happens to your loss when every card is handed out twice?"),
    lambda count: count,
)
loss_negated = _by_factor(
    "loss_negated",
    say("It behaves like a loss with its sign reversed: the worse the guess, the lower the loss."),
    say("Which of two guesses, near or far, should get the higher loss? Which one does?"),
    lambda _: -1,
)
loss_squared_error = _by_value(
    "loss_squared_error",
    say("It behaves like the mean squared error, which is meant for questions of how much."),
    say("What does a pupil that is quite sure, and quite wrong, pay here? What should it pay?"),
    SQUARED_ERROR.value,
    lambda z, y: SQUARED_ERROR.value(sigmoid(z), y),
)
loss_among_one_class = _by_value(
    "loss_among_one_class",
    say("It behaves like a loss for choosing among several classes, where there is only one."),
    say(
        "What does your loss say about a good guess, and about a bad one? Try it with two numbers."
    ),
    lambda _z, _y: 0.0,
)
sigmoid_twice = _by_value(
    "sigmoid_twice",
    say("It behaves like scores that are turned into probabilities twice before they are marked."),
    say("Which of the calls in your loss turns a score into a probability? Is there another one?"),
    lambda z, y: CROSS_ENTROPY.value(sigmoid(z), y),
)
loss_arguments_swapped = _by_value(
    "loss_arguments_swapped",
    say("It behaves like a loss that takes the answers for scores, and the scores for answers."),
    say("In which order does the loss expect its two arguments?"),
    lambda z, y: CROSS_ENTROPY.value(y, z),
)
labels_inverted = _by_value(
    "labels_inverted",
    say("It behaves like a loss that takes every yes for a no."),
    say("The answer is 1: which should cost less, a score of 3 or of -3? Which does?"),
    lambda z, y: CROSS_ENTROPY.value(z, 1 - y),
)


@rule(
    "loss_detached",
    say("It behaves like a loss that was cut off from the guesses: no gradient comes back."),
    say("Which call in your loss lets the number through but not the way back?"),
    explains=("loss.gradient",),
)
def loss_detached(facts: Facts) -> bool:
    """The value is right and no gradient comes back."""
    right = _values_are(facts, facts.recipe.loss_function.value)
    return right and all(probe.gradient is None for probe in _probes(facts))


@rule(
    "loss_by_fixed_count",
    say("It behaves like a sum that is divided by a fixed number, however many cards there are."),
    say("The last batch of a round may hold fewer cards: by what is its sum divided?"),
)
def loss_by_fixed_count(facts: Facts) -> bool:
    """The sum over the cards, divided by how many a batch holds, or the whole pile."""
    recipe, own = facts.recipe_as(PicturesRecipe), facts.recipe.loss_function
    return any(
        _values_are(facts, lambda g, a, count=count: own.value(g, a) * len(g) / count)  # type: ignore[misc]
        for count in (recipe.batch, recipe.cards)
    )


@rule(
    "loss_scaled",
    say("It behaves like the right loss times a fixed number."),
    say("Mark one guess by hand and compare: what is in front of the mean?"),
)
def loss_scaled(facts: Facts) -> bool:
    """A constant other than 1 times the lesson's loss."""
    own = facts.recipe.loss_function
    ratios = [
        probe.value / own.value(np.array(probe.prediction), np.array(probe.target))
        for probe in _probes(facts)
        if probe.value is not None
    ]
    if len(ratios) < 2 or ratios[0] == 0 or np.isclose(ratios[0], 1, rtol=RTOL):
        return False
    return bool(np.allclose(ratios, ratios[0], rtol=RTOL))


@rule(
    "loss_item_backward",
    say("It behaves like a loss that comes back as a plain number, which nothing can learn from."),
    say("What does .item() leave of a tensor, and when may you use it?"),
)
def loss_item_backward(facts: Facts) -> bool:
    """The loss function returns a float."""
    probes = facts.loss.probes if facts.loss is not None else ()
    return bool(probes) and all("'float' object" in (probe.error or "") for probe in probes)


@rule(
    "loss_not_reduced",
    say("It behaves like a loss with one number for every card instead of one for all."),
    say("Print the shape of your loss. What makes one number of many?"),
)
def loss_not_reduced(facts: Facts) -> bool:
    """The loss has as many values as there are guesses."""
    probes = facts.loss.probes if facts.loss is not None else ()
    return bool(probes) and all(probe.shape is not None and probe.shape != () for probe in probes)


@rule(
    "loss_weighted",
    say("It behaves like a loss in which a yes counts for more, or less, than a no."),
    say(
        "The answer is 1 and the score 0, or the answer is 0 and the score 0: what does each cost?"
    ),
)
def loss_weighted(facts: Facts) -> bool:
    """The cross-entropy, with each yes multiplied by the same number."""
    weights = []
    for probe in _probes(facts):
        z, y = np.array(probe.prediction), np.array(probe.target)
        yes, no = (
            float(np.mean(y * np.logaddexp(0, -z))),
            float(np.mean((1 - y) * np.logaddexp(0, z))),
        )
        if probe.value is None or not yes:
            return False
        weights.append((probe.value - no) / yes)
    alike = len(weights) > 1 and bool(np.allclose(weights, weights[0], rtol=1e-3))
    return alike and weights[0] > 0 and not np.isclose(weights[0], 1, rtol=1e-3)


@rule(
    "loss_against_inputs",
    say("It behaves like a loss that looks at the fronts of the cards, not at what it is handed."),
    say("Which two things are handed to the loss, and does it use both of them?"),
)
def loss_against_inputs(facts: Facts) -> bool:
    """The loss is the distance of guesses from X, or does not come out, and its cell uses X."""
    if not facts.code.reads(Step.LOSS, facts.data.names.get("X", "X")):
        return False
    probes = facts.loss.probes if facts.loss is not None else ()
    x = facts.columns.X.reshape(-1) if facts.columns is not None else np.zeros(0)
    return bool(probes) and (
        all(probe.value is None for probe in probes)
        or _values_are(
            facts, lambda g, _: SQUARED_ERROR.value(g, x) if g.shape == x.shape else float("nan")
        )
    )


@rule(
    "loss_takes_probabilities",
    say("It behaves like a loss that expects probabilities and is given scores."),
    say("Can a score be -3, or 7? Which of the two examiners can mark such a number?"),
)
def loss_takes_probabilities(facts: Facts) -> bool:
    """Right for probabilities, not for scores."""
    return facts.loss is not None and measures_cross_entropy(facts.loss, shares=True)


RULES = (
    super_init_missing(Step.LOSS, lambda facts: facts.loss, at_loss),
    class_not_called(Step.LOSS, LossPart, "loss_fn", at_loss),
    loss_item_backward,
    loss_not_reduced,
    *only(OF_NUMBERS, loss_detached, loss_l1, loss_huber, loss_sum, loss_negated, loss_root),
    *only(OF_NUMBERS, loss_not_squared, loss_scaled),
    loss_against_inputs,
    *only(OF_CHOICES, loss_takes_probabilities, loss_squared_error, loss_among_one_class),
    *only(OF_CHOICES, loss_weighted, loss_sum, loss_negated, sigmoid_twice, loss_arguments_swapped),
    *only(OF_CHOICES, labels_inverted, loss_detached),
    *only(PicturesRecipe, loss_by_fixed_count),
    *only(OF_CHOICES, loss_scaled),
)
