"""Mistakes in where the updates go: another loss, other steps, other answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.diagnosis.places import at_event, at_loop
from grader.diagnosis.rule import Cell, Rules, only
from grader.diagnosis.training.epochs import ON_WHAT
from grader.evidence import TrainPart
from grader.facts.gradients import cut_off
from grader.facts.hypotheses import MATCH, squared
from grader.facts.proof import rates_of
from grader.language.messages import say
from grader.models import Step
from grader.recipes.kinds import CurveRecipe, LineRecipe, PicturesRecipe, ThresholdRecipe
from grader.replay.loss_functions import sigmoid

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.facts import Facts
    from grader.facts.hypotheses import Floats


# A guess this near to its answer may be on it in float32 (y up to 30 is rounded by 1e-6).
MET = 1e-5


def _other_loss(facts: Facts, *slopes: Callable[..., np.ndarray]) -> bool:
    return not facts.hypotheses.explained_by_squares and facts.hypotheses.explained_by(*slopes)


def _sign(where_met: float) -> Callable[..., np.ndarray]:
    """The derivative of the mean distance, with this value where a guess meets its answer."""

    def slope(error: np.ndarray, _x: np.ndarray, _y: np.ndarray) -> np.ndarray:
        return np.where(np.abs(error) < MET, where_met, np.sign(error)) / len(error)

    return slope


def _other_slope(facts: Facts, slope: Callable[[Floats, Floats, Floats], Floats]) -> bool:
    return not facts.hypotheses.explained_by_own_loss and facts.hypotheses.explained_by(slope)


rule = Rules(
    Step.TRAIN,
    at_event("B"),
    explains=("train.follows_descent",),
    needs=(TrainPart,),
    cell=Cell.ANYHOW,
)


@rule(
    "loss_against_inputs",
    say("It behaves like guesses that are compared with the fronts of the cards."),
    say("What should a guess be compared with, the question or the answer?"),
)
def loss_against_inputs(facts: Facts) -> bool:
    """The loss is taken against X."""
    if facts.columns is None:
        return False
    x, others = facts.columns.X.reshape(-1), facts.hypotheses
    return not others.explained_by_own_loss and others.explained_by(others.own, targets=x)


@rule(
    "guess_broadcast",
    say("It behaves like a loss that compares every guess with every answer."),
    say("Print the shape of the guesses and of the answers side by side, just before the loss."),
)
def guess_broadcast(facts: Facts) -> bool:
    """The loss of a row of guesses and a column of answers: all pairs."""

    def slope(error: Floats, _x: Floats, y: Floats) -> Floats:
        pulled: Floats = 2 * (error + y - y.mean()) / len(y)
        return pulled

    return _other_loss(facts, slope)


@rule(
    "guess_from_answers",
    say("It behaves like a model that is shown the backs of the cards, not their fronts."),
    say("What is the model asked about in your loop: the question, or the answer?"),
    at_event("F"),
)
def guess_from_answers(facts: Facts) -> bool:
    """Every gradient came from a model that was shown y."""
    training, columns = facts.training, facts.columns
    if training is None or columns is None or np.array_equal(columns.X, columns.y):
        return False
    numbers = {number for _, each in training.backwards for number in each}
    shown = [training.batches[n].array().reshape(-1) for n in numbers if n >= 0]
    answers = columns.y.reshape(-1)
    return len(shown) == len(numbers) > 0 and all(np.array_equal(s, answers) for s in shown)


@rule(
    "trained_on_clean_target",
    say("It behaves like training on answers without noise."),
    say("Which answers are on the cards that were handed out, and which does the loop use?"),
)
def trained_on_clean_target(facts: Facts) -> bool:
    """The loss is taken against the line itself."""
    recipe, others = facts.recipe_as(LineRecipe), facts.hypotheses
    if facts.columns is None or not recipe.noise:
        return False
    clean = recipe.line.at(facts.columns.X.reshape(-1))
    return not others.explained_by_squares and others.explained_by(squared, targets=clean)


@rule(
    "loss_l1",
    say("It behaves like a loop that learns from the mean distance, not from its square."),
    say("Which loss does your loop compute, and which one did you prepare?"),
)
def loss_l1(facts: Facts) -> bool:
    """mean |guess - answer|."""
    return _other_loss(facts, *(_sign(where_met) for where_met in (0.0, 1.0, -1.0)))


@rule(
    "loss_huber",
    say("It behaves like a loop whose loss goes easy on large mistakes."),
    say("Which loss does your loop compute, and which one did you prepare?"),
)
def loss_huber(facts: Facts) -> bool:
    """Squared near zero, straight further out."""
    return _other_loss(facts, lambda error, _x, _y: np.clip(error, -1, 1) / len(error))


@rule(
    "loss_root",
    say("It behaves like a loop that learns from the root of the mean squared distance."),
    say("Is there one step too many after the mean?"),
)
def loss_root(facts: Facts) -> bool:
    """sqrt(mean (guess - answer)^2)."""
    return _other_loss(
        facts, lambda error, _x, _y: error / (len(error) * np.sqrt(np.mean(error**2)))
    )


@rule(
    "loss_not_squared",
    say("It behaves like a loss of plain differences: too high and too low cancel out."),
    say("Two guesses, one 3 too high and one 3 too low: what does your loss say, and is it fair?"),
)
def loss_not_squared(facts: Facts) -> bool:
    """mean (guess - answer), in either order."""
    return any(
        _other_loss(facts, lambda error, _x, _y, sign=sign: sign * np.ones_like(error) / len(error))
        for sign in (1, -1)
    )


def _constant_stride(facts: Facts) -> float | None:
    """The one factor by which every step is longer than a plain one, if it is one."""
    strides = facts.hypotheses.strides
    if strides is None or not np.allclose(strides, strides[0], rtol=1e-3, atol=1e-3):
        return None
    return float(strides[0])


@rule(
    "loss_negated",
    say("It behaves like a loop that climbs its loss instead of going down."),
    say("Where is a sign reversed on the way from the loss to the step?"),
)
def loss_negated(facts: Facts) -> bool:
    """Each change is the plain one reversed."""
    stride = _constant_stride(facts)
    return stride is not None and abs(stride + 1) < 1e-3


@rule(
    "loss_sum",
    say("It behaves like a loop that learns from the sum over all cards instead of their mean."),
    say("What happens to your loss when every card is handed out twice?"),
)
def loss_sum(facts: Facts) -> bool:
    """Each change is as many times too long as there are cards."""
    stride, data_set = _constant_stride(facts), facts.columns
    return stride is not None and data_set is not None and abs(stride / len(data_set) - 1) < 1e-3


@rule(
    "loss_scaled",
    say("It behaves like a loop whose loss is multiplied by a fixed number."),
    say("Mark one guess by hand and compare with what the loop computes."),
)
def loss_scaled(facts: Facts) -> bool:
    """Each change is the plain one times a constant."""
    stride = _constant_stride(facts)
    return stride is not None and abs(stride - 1) > 1e-3 and stride > 0


@rule(
    "gradients_clipped",
    say("It behaves like gradients that are cut off when they are large."),
    say("Is there a line between the gradients and the step that changes them?"),
    at_event("S"),
)
def gradients_clipped(facts: Facts) -> bool:
    """Steps of bounded length: shorter than plain ones at first, plain ones later."""
    if facts.training is not None and cut_off(facts.training):
        return True
    strides = facts.hypotheses.strides
    if strides is None or strides.min() > 0.999 or strides.max() > 1.001:
        return False
    _, changes = facts.hypotheses.moves
    lengths = np.linalg.norm(changes[: len(strides)], axis=1)
    cut = strides < 0.999
    return bool(cut[0] and np.allclose(lengths[cut], lengths[0], rtol=1e-3))


@rule(
    "gradients_clipped",
    say("It behaves like gradients that are cut off when they are large."),
    say("Is there a line between the gradients and the step that changes them?"),
    at_event("S"),
)
def values_clipped(facts: Facts) -> bool:
    """Each number's change is the plain one, but for those that would be larger than the largest.

    Where all are cut off, the code has to say so as well: nothing else tells a bound from a sign.
    """
    before, changes = facts.hypotheses.moves
    full = -facts.hypotheses.learning_rate * facts.hypotheses.gradients(facts.hypotheses.own)
    if len(before) < 2 or not np.isfinite(full).all():
        return False
    bound = float(np.abs(changes).max())
    off = np.abs(changes - np.clip(full, -bound, bound)) / (1 + np.abs(before))
    cut = np.abs(full) > bound * (1 + 1e-2)
    if not bound or cut.sum() < 2 or off.max() > MATCH:
        return False
    said = any("clip" in name or "clamp" in name for name in facts.code.names(Step.TRAIN))
    return said or not cut.all()


@rule(
    "scheduler_added",
    say("It behaves like a learning rate that changes from round to round."),
    say("Who changes the learning rate in your loop, and does the lesson ask for it?"),
    at_event("S"),
)
def scheduler_added(facts: Facts) -> bool:
    """The learning rate was changed, or each change points the plain way at a length that drifts.

    A scheduler leaves the rate that it began with in the optimizer.
    """
    training = facts.training
    made = training.optimizer if training is not None else None
    if made is not None and any("initial_lr" in group for group in made.groups):
        return True
    rates = rates_of(training) if training is not None else ()
    if rates and 0 < 1.05 * min(rates) < max(rates):
        return True
    strides = facts.hypotheses.strides
    return strides is not None and float(np.ptp(strides)) > 1e-2


@rule(
    "weight_frozen",
    say("It behaves like a training in which one of the model's numbers is held fixed."),
    say("Print w and b before and after: which one never moves, and what holds it?"),
    at_loop,
)
def weight_frozen(facts: Facts) -> bool:
    """One of the two numbers changes as it should, the other not at all."""
    before, changes = facts.hypotheses.moves
    if len(before) < 2:
        return False
    full = -facts.hypotheses.learning_rate * facts.hypotheses.gradients(facts.hypotheses.own)
    held = [place for place in (0, 1) if not changes[:, place].any()]
    if len(held) != 1:
        return False
    free = 1 - held[0]
    off = np.abs(changes[:, free] - full[:, free]) / (1 + np.abs(before[:, free]))
    return bool(off.max() <= MATCH)


@rule(
    "sigmoid_twice",
    say("It behaves like a loop that turns the scores into probabilities before the loss does."),
    say("What does the loss expect to be given, and what does your loop give it?"),
)
def sigmoid_twice(facts: Facts) -> bool:
    """The loss is taken of sigmoid(score)."""

    def slope(error: Floats, _x: Floats, y: Floats) -> Floats:
        chance = sigmoid(error + y)
        return (sigmoid(chance) - y) * chance * (1 - chance) / len(y)

    return _other_slope(facts, slope)


@rule(
    "loss_squared_error",
    say("It behaves like a loop that learns from the squared distance between score and answer."),
    say("Which loss does your loop compute, and which one did you prepare?"),
)
def loss_squared_error(facts: Facts) -> bool:
    """mean (score - answer)^2, or of the probability."""

    def of_shares(error: Floats, _x: Floats, y: Floats) -> Floats:
        chance = sigmoid(error + y)
        return 2 * (chance - y) * chance * (1 - chance) / len(y)

    plain = _other_slope(facts, lambda error, _x, _y: 2 * error / len(error))
    return plain or _other_slope(facts, of_shares)


@rule(
    "loss_arguments_swapped",
    say("It behaves like a loop that hands the loss its two arguments the wrong way round."),
    say("Which of the two is the guess, and which the answer? Look at their order."),
)
def loss_arguments_swapped(facts: Facts) -> bool:
    """The answers are taken for scores: only the cards with a yes pull."""
    return _other_slope(facts, lambda _error, _x, y: -y / len(y))


@rule(
    "labels_inverted",
    say("It behaves like a loop that teaches every yes as a no."),
    say("What does your loop do with y before it hands it to the loss?"),
)
def labels_inverted(facts: Facts) -> bool:
    """The loss is taken against 1 - y."""
    return _other_slope(facts, lambda error, _x, y: (sigmoid(error + y) - (1 - y)) / len(y))


RULES = (
    *only(
        (ThresholdRecipe, PicturesRecipe),
        sigmoid_twice,
        loss_squared_error,
        loss_arguments_swapped,
        labels_inverted,
    ),
    *only((LineRecipe, CurveRecipe, ThresholdRecipe), guess_from_answers, loss_against_inputs),
    *only((LineRecipe, CurveRecipe), guess_broadcast),
    *only(LineRecipe, trained_on_clean_target),
    *only(
        (LineRecipe, CurveRecipe),
        loss_l1,
        loss_huber,
        loss_root,
        loss_not_squared,
    ),
    loss_negated,
    loss_sum,
    loss_scaled,
    weight_frozen,
    *ON_WHAT,
    gradients_clipped,
    values_clipped,
    scheduler_added,
)
