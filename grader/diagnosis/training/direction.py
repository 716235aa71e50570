"""Mistakes in where the updates go: another loss, other steps, other answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.diagnosis.facts import MATCH, squared
from grader.diagnosis.rule import rule
from grader.diagnosis.training.places import at, at_loop
from grader.language.messages import say
from grader.models import Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.diagnosis.facts import Facts


# A guess this near to its answer may be on it in float32 (y up to 30 is rounded by 1e-6).
MET = 1e-5


def _other_loss(facts: Facts, *slopes: Callable[..., np.ndarray]) -> bool:
    return not facts.explained_by_squares and facts.explained_by(*slopes)


def _sign(where_met: float) -> Callable[..., np.ndarray]:
    """The derivative of the mean distance, with this value where a guess meets its answer."""

    def slope(error: np.ndarray, _x: np.ndarray, _y: np.ndarray) -> np.ndarray:
        return np.where(np.abs(error) < MET, where_met, np.sign(error)) / len(error)

    return slope


@rule(
    "loss_against_inputs",
    Step.TRAIN,
    say("It behaves like guesses that are compared with the fronts of the cards."),
    say("What is a guess to be compared with, the question or the answer?"),
    at("B"),
)
def loss_against_inputs(facts: Facts) -> bool:
    """The loss is taken against X."""
    if facts.data_set is None:
        return False
    x = facts.data_set.X.reshape(-1)
    return not facts.explained_by_own_loss and facts.explained_by(facts.own, targets=x)


@rule(
    "trained_on_clean_target",
    Step.TRAIN,
    say("It behaves like training on answers without noise."),
    say("Which answers stand on the cards that were handed out, and which does the loop use?"),
    at("B"),
)
def trained_on_clean_target(facts: Facts) -> bool:
    """The loss is taken against the line itself."""
    if facts.data_set is None or not facts.line_recipe.noise:
        return False
    line = facts.line_recipe.line.at(facts.data_set.X.reshape(-1))
    return not facts.explained_by_squares and facts.explained_by(squared, targets=line)


@rule(
    "loss_l1",
    Step.TRAIN,
    say("It behaves like a loop that learns from the mean distance, not from its square."),
    say("Which loss does your loop compute, and which one did you prepare?"),
    at("B"),
)
def loss_l1(facts: Facts) -> bool:
    """mean |guess - answer|."""
    return _other_loss(facts, *(_sign(where_met) for where_met in (0.0, 1.0, -1.0)))


@rule(
    "loss_huber",
    Step.TRAIN,
    say("It behaves like a loop whose loss goes easy on large mistakes."),
    say("Which loss does your loop compute, and which one did you prepare?"),
    at("B"),
)
def loss_huber(facts: Facts) -> bool:
    """Squared near zero, straight further out."""
    return _other_loss(facts, lambda error, _x, _y: np.clip(error, -1, 1) / len(error))


@rule(
    "loss_root",
    Step.TRAIN,
    say("It behaves like a loop that learns from the root of the mean squared distance."),
    say("Is there one step too many behind the mean?"),
    at("B"),
)
def loss_root(facts: Facts) -> bool:
    """sqrt(mean (guess - answer)^2)."""
    return _other_loss(
        facts, lambda error, _x, _y: error / (len(error) * np.sqrt(np.mean(error**2)))
    )


@rule(
    "loss_not_squared",
    Step.TRAIN,
    say("It behaves like a loss of plain differences: too high and too low cancel out."),
    say("Two guesses, one 3 too high and one 3 too low: what does your loss say, and is it fair?"),
    at("B"),
)
def loss_not_squared(facts: Facts) -> bool:
    """mean (guess - answer), in either order."""
    return any(
        _other_loss(facts, lambda error, _x, _y, sign=sign: sign * np.ones_like(error) / len(error))
        for sign in (1, -1)
    )


def _constant_stride(facts: Facts) -> float | None:
    """The one factor by which every step is longer than a plain one, if it is one."""
    strides = facts.strides
    if strides is None or not np.allclose(strides, strides[0], rtol=1e-3, atol=1e-3):
        return None
    return float(strides[0])


@rule(
    "loss_negated",
    Step.TRAIN,
    say("It behaves like a loop that walks up its loss instead of down."),
    say("Where does a sign turn round on the way from the loss to the step?"),
    at("B"),
)
def loss_negated(facts: Facts) -> bool:
    """Each change is the plain one turned round."""
    stride = _constant_stride(facts)
    return stride is not None and abs(stride + 1) < 1e-3


@rule(
    "loss_sum",
    Step.TRAIN,
    say("It behaves like a loop that learns from the sum over all cards instead of their mean."),
    say("What happens to your loss when every card is handed out twice?"),
    at("B"),
)
def loss_sum(facts: Facts) -> bool:
    """Each change is as many times too long as there are cards."""
    stride, data_set = _constant_stride(facts), facts.data_set
    return stride is not None and data_set is not None and abs(stride / len(data_set) - 1) < 1e-3


@rule(
    "loss_scaled",
    Step.TRAIN,
    say("It behaves like a loop whose loss is multiplied by a fixed number."),
    say("Mark one guess by hand and compare with what the loop computes."),
    at("B"),
)
def loss_scaled(facts: Facts) -> bool:
    """Each change is the plain one times a constant."""
    stride = _constant_stride(facts)
    return stride is not None and abs(stride - 1) > 1e-3 and stride > 0


@rule(
    "gradients_clipped",
    Step.TRAIN,
    say("It behaves like gradients that are cut off when they are large."),
    say("Is there a line between the gradients and the step that changes them?"),
    at("S"),
)
def gradients_clipped(facts: Facts) -> bool:
    """Steps of bounded length: shorter than plain ones at first, plain ones later."""
    strides = facts.strides
    if strides is None or strides.min() > 0.999 or strides.max() > 1.001:
        return False
    _, changes = facts.moves
    lengths = np.linalg.norm(changes[: len(strides)], axis=1)
    cut = strides < 0.999
    return bool(cut[0] and np.allclose(lengths[cut], lengths[0], rtol=1e-3))


@rule(
    "scheduler_added",
    Step.TRAIN,
    say("It behaves like a learning rate that changes from round to round."),
    say("Who changes the learning rate in your loop, and does the lesson ask for it?"),
    at("S"),
)
def scheduler_added(facts: Facts) -> bool:
    """Each change points the plain way, at a length that drifts."""
    strides = facts.strides
    return strides is not None and float(np.ptp(strides)) > 1e-2


@rule(
    "weight_frozen",
    Step.TRAIN,
    say("It behaves like a training in which one of the model's numbers is held fast."),
    say("Print w and b before and after: which one never moves, and what holds it?"),
    at_loop,
)
def weight_frozen(facts: Facts) -> bool:
    """One of the two numbers moves as it should, the other not at all."""
    before, changes = facts.moves
    if len(before) < 2:
        return False
    full = -facts.learning_rate * facts.pulls(facts.own)
    held = [place for place in (0, 1) if not changes[:, place].any()]
    if len(held) != 1:
        return False
    free = 1 - held[0]
    off = np.abs(changes[:, free] - full[:, free]) / (1 + np.abs(before[:, free]))
    return bool(off.max() <= MATCH)
