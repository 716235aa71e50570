"""Mistakes in the loss function, told by its values on drawn pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.diagnosis.rule import only, rule
from grader.diagnosis.uncalled import class_not_called
from grader.diagnosis.unprepared import super_init_missing
from grader.evidence import LossPart
from grader.language.messages import say
from grader.models import Step
from grader.recipes.recipe import CurveRecipe, LineRecipe

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.diagnosis.facts import Facts, Floats
    from grader.diagnosis.rule import Place

RTOL = 1e-4


def _at_loss(facts: Facts) -> Place:
    return facts.binding_place(Step.LOSS, "loss_fn")


def _values_are(facts: Facts, value: Callable[[Floats, Floats], float]) -> bool:
    """Whether every probe came out as `value(guess, answer)`."""
    probes = facts.loss.probes if facts.loss is not None else ()
    return bool(probes) and all(
        probe.value is not None
        and np.isclose(probe.value, value(np.array(probe.prediction), np.array(probe.target)), RTOL)
        for probe in probes
    )


def _squared(guess: Floats, answer: Floats) -> float:
    return float(np.mean((guess - answer) ** 2))


def _huber(guess: Floats, answer: Floats) -> float:
    off = np.abs(guess - answer)
    return float(np.mean(np.where(off < 1, off**2 / 2, off - 0.5)))


@rule(
    "loss_detached",
    Step.LOSS,
    say("It behaves like a loss that was cut off from the guesses: no gradient comes back."),
    say("Which call in your loss lets the number through but not the way back?"),
    _at_loss,
)
def loss_detached(facts: Facts) -> bool:
    """The value is right and no gradient comes back."""
    probes = facts.loss.probes if facts.loss is not None else ()
    return _values_are(facts, _squared) and all(probe.gradient is None for probe in probes)


@rule(
    "loss_l1",
    Step.LOSS,
    say("It behaves like the mean distance itself, not its square."),
    say("How much worse is being off by 4 than being off by 2, in your loss and in the lesson's?"),
    _at_loss,
)
def loss_l1(facts: Facts) -> bool:
    """mean |guess - answer|."""
    return _values_are(facts, lambda g, a: float(np.mean(np.abs(g - a))))


@rule(
    "loss_huber",
    Step.LOSS,
    say("It behaves like a loss that goes easy on large mistakes."),
    say("How much worse is being off by 4 than being off by 2, in your loss and in the lesson's?"),
    _at_loss,
)
def loss_huber(facts: Facts) -> bool:
    """Squared near zero, straight further out."""
    return _values_are(facts, _huber)


@rule(
    "loss_sum",
    Step.LOSS,
    say("It behaves like the sum over all cards instead of their mean."),
    say("What happens to your loss when every card is handed out twice?"),
    _at_loss,
)
def loss_sum(facts: Facts) -> bool:
    """sum (guess - answer)^2."""
    return _values_are(facts, lambda g, a: float(np.sum((g - a) ** 2)))


@rule(
    "loss_negated",
    Step.LOSS,
    say("It behaves like a loss with its sign turned round: the worse the guess, the lower."),
    say("Which of two guesses, near or far, should get the higher loss? Which one does?"),
    _at_loss,
)
def loss_negated(facts: Facts) -> bool:
    """-mean (guess - answer)^2."""
    return _values_are(facts, lambda g, a: -_squared(g, a))


@rule(
    "loss_root",
    Step.LOSS,
    say("It behaves like the root of the mean squared distance."),
    say("Is there one step too many behind the mean?"),
    _at_loss,
)
def loss_root(facts: Facts) -> bool:
    """sqrt(mean (guess - answer)^2)."""
    return _values_are(facts, lambda g, a: float(np.sqrt(_squared(g, a))))


@rule(
    "loss_not_squared",
    Step.LOSS,
    say("It behaves like a mean of plain differences: too high and too low cancel out."),
    say("Two guesses, one 3 too high and one 3 too low: what does your loss say, and is it fair?"),
    _at_loss,
)
def loss_not_squared(facts: Facts) -> bool:
    """mean (guess - answer), in either order, doubled, or squared after the mean."""
    forms = (
        lambda g, a: float(np.mean(g - a)),
        lambda g, a: float(np.mean(a - g)),
        lambda g, a: float(np.mean(g - a)) * 2,
        lambda g, a: float(np.mean(g - a)) ** 2,
    )
    return any(_values_are(facts, form) for form in forms)


@rule(
    "loss_scaled",
    Step.LOSS,
    say("It behaves like the right loss times a fixed number."),
    say("Mark one guess by hand and compare: what stands in front of the mean?"),
    _at_loss,
)
def loss_scaled(facts: Facts) -> bool:
    """A constant other than 1 times the mean squared error."""
    probes = facts.loss.probes if facts.loss is not None else ()
    ratios = [
        probe.value / _squared(np.array(probe.prediction), np.array(probe.target))
        for probe in probes
        if probe.value is not None
    ]
    if len(ratios) < 2 or ratios[0] == 0 or np.isclose(ratios[0], 1, rtol=RTOL):
        return False
    return bool(np.allclose(ratios, ratios[0], rtol=RTOL))


@rule(
    "loss_item_backward",
    Step.LOSS,
    say("It behaves like a loss that comes back as a plain number, which nothing can learn from."),
    say("What does .item() leave of a tensor, and when may you use it?"),
    _at_loss,
)
def loss_item_backward(facts: Facts) -> bool:
    """The loss function returns a float."""
    probes = facts.loss.probes if facts.loss is not None else ()
    return bool(probes) and all("'float' object" in (probe.error or "") for probe in probes)


@rule(
    "loss_not_reduced",
    Step.LOSS,
    say("It behaves like a loss with one number for every card instead of one for all."),
    say("Print the shape of your loss. What makes one number of many?"),
    _at_loss,
)
def loss_not_reduced(facts: Facts) -> bool:
    """The loss has as many values as there are guesses."""
    probes = facts.loss.probes if facts.loss is not None else ()
    return bool(probes) and all(probe.shape is not None and probe.shape != () for probe in probes)


@rule(
    "loss_against_inputs",
    Step.LOSS,
    say("It behaves like a loss that looks at the fronts of the cards, not at what it is handed."),
    say("Which two things are handed to the loss, and does it use both of them?"),
    _at_loss,
)
def loss_against_inputs(facts: Facts) -> bool:
    """The loss marks drawn guesses by their distance from X, or not at all, and its cell uses X."""
    probes = facts.loss.probes if facts.loss is not None else ()
    name = facts.data.names.get("X", "X") if facts.data is not None else "X"
    unanswered = bool(probes) and all(probe.value is None for probe in probes)
    return facts.reads(Step.LOSS, name) and (unanswered or _marks_by_fronts(facts))


def _marks_by_fronts(facts: Facts) -> bool:
    x = facts.data_set.X.reshape(-1) if facts.data_set is not None else np.zeros(0)
    return _values_are(facts, lambda g, _: _squared(g, x) if g.shape == x.shape else float("nan"))


_OF = (LineRecipe, CurveRecipe)

RULES = (
    super_init_missing(Step.LOSS, lambda facts: facts.loss, _at_loss),
    class_not_called(Step.LOSS, LossPart, "loss_fn", _at_loss),
    loss_item_backward,
    loss_not_reduced,
    *only(_OF, loss_detached, loss_l1, loss_huber, loss_sum, loss_negated, loss_root),
    *only(_OF, loss_not_squared, loss_scaled),
    loss_against_inputs,
)
