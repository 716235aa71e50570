"""Judges what a lesson about a curve leads to: its distance, the loss, and another curve.

Where honest training leads hangs on where a network began: its end is measured against the
calibrated distances, and else against float64 descent from the model's own start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.checks.criteria.classification import (
    RAN_AWAY,
    cards_seen,
    first_numbers,
    ran_away,
    scores_of,
)
from grader.checks.criteria.gradients import made_up
from grader.checks.criteria.missing import unanswered
from grader.checks.criteria.network import losses_at_ends
from grader.checks.criteria.result import (
    GIVEN,
    descends,
    given,
    keeps_own_answers,
    learned_here,
    not_by_training,
    trained,
)
from grader.checks.judgements import failed, not_assessed, passed
from grader.evidence import ModelPart, ResultPart, TrainPart, TransferPart
from grader.language.messages import say
from grader.recipes.formula import answers_by
from grader.replay import DataSet, Descent, data_set_of, gradient
from grader.replay.architectures import theta_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from grader.evidence import Evidence
    from grader.models import Judgement
    from grader.recipes.recipe import CurveRecipe, CurveTolerances

    Floats = NDArray[np.float64]

# Between the first card and the last: what lies between two cards has to fit as well.
PLACES = 201
# What float32 adds up to along a network's training; the answers are of the size of 1.
ARRIVAL = 0.02
# On other answers, this share of their variance may be left. Honest training leaves a quarter of
# the lesson's own at most (else it is not calibrated); a flat guess leaves all of it, and the
# lesson's own curve, typed in or learned once more, four times it where the other is upside down.
LEARNED = 0.5


def curve_is_found(seen: Evidence, recipe: CurveRecipe, tolerances: CurveTolerances) -> Judgement:
    """Between its ends the model is as near to the curve as honest training comes."""
    model = seen.part(ResultPart).model
    if ran_away(model):
        return failed(RAN_AWAY)
    places = between(recipe)
    guesses = scores_of(model, recipe, places)
    if guesses is None:
        return unanswered(model, say("There is no trained model to compare with the curve."))
    off = float(np.max(np.abs(guesses - places.y)))
    farthest = say("at most {distance:.3f} off", distance=off)
    if (otherwise := not_by_training(seen, recipe, farthest)) is not None:
        return otherwise
    if off <= tolerances.distance or _as_from_its_start(seen, recipe):
        return passed(farthest)
    return failed(
        say("The model is farther from the curve than honest training leaves it."),
        expected=say("at most {distance:.3f} off", distance=tolerances.distance),
        actual=farthest,
    )


def loss_comes_down(seen: Evidence, recipe: CurveRecipe, tolerances: CurveTolerances) -> Judgement:
    """Training brings the loss down to what these cards allow in so many epochs."""
    if ran_away(seen.part(ResultPart).model):
        return failed(RAN_AWAY)
    ends = losses_at_ends(seen, recipe)
    if ends is None:
        return failed(say("No loss was computed in the training."))
    fall = say(
        "{first:.4g} before the first round, {last:.4g} for the model at the end",
        first=ends[0],
        last=ends[1],
    )
    if given(seen, recipe):
        return failed(GIVEN, actual=fall)
    if not trained(seen, recipe):
        return failed(
            say("The loss is as low as it is for another reason than the training."), actual=fall
        )
    if ends[1] <= tolerances.loss or _as_from_its_start(seen, recipe):
        return passed(fall)
    return failed(say("The loss does not come down to what these cards allow."), actual=fall)


def learns_another_curve(seen: Evidence, recipe: CurveRecipe) -> Judgement:
    """With other answers on the cards, the same cells come nearer to those than to the old ones."""
    transfer = seen.part(TransferPart)
    if transfer.error is not None:
        # What a student asserts of the lesson's own answers may well stop others.
        if learned_here(seen, recipe):
            return passed()
        return failed(
            say(
                "With other answers on the cards, the same cells stop: {error}",
                error=transfer.error,
            )
        )
    data_set, training = data_set_of(transfer.X, transfer.y), transfer.training
    if ran_away(transfer.model):
        return failed(RAN_AWAY)
    guesses = scores_of(transfer.model, recipe, data_set)
    if data_set is None or training is None or guesses is None:
        return not_assessed(say("Learning another curve could not be watched."))
    columns = data_set.as_columns()
    other = answers_by(seen.formula, columns.X)
    if not np.allclose(columns.y, other, rtol=1e-4, atol=1e-4):
        if learned_here(seen, recipe):
            return passed()
        return not_assessed(say("Learning another curve could not be watched."))
    if made_up(training) and not descends(seen, recipe):
        return failed(GIVEN)
    old = answers_by(recipe.formula, columns.X)
    left = recipe.loss_function.value(guesses, other)
    if left <= LEARNED * float(np.var(other)) and left < recipe.loss_function.value(guesses, old):
        return passed()
    if keeps_own_answers(transfer, data_set, recipe) and learned_here(seen, recipe):
        return passed()
    return failed(
        say("With other answers on the cards, the same cells do not learn the other curve."),
        hint=say("Whatever is on the cards has to reach the model through X, y and training only."),
    )


def between(recipe: CurveRecipe) -> DataSet:
    """Places between the first card and the last, with the curve's values there."""
    x = recipe.inputs.values()
    X = np.linspace(x[0], x[-1], PLACES).reshape(-1, 1)
    return DataSet(X, answers_by(recipe.formula, X))


def _as_from_its_start(seen: Evidence, recipe: CurveRecipe) -> bool:
    """Whether the model answers as honest training from its own start would have it answer."""
    model = seen.part(ModelPart).model if ModelPart in seen else None
    end, data_set = seen.part(ResultPart).model, cards_seen(seen, recipe)
    architectures = recipe.architectures(model) if model is not None else ()
    if (
        model is None
        or end is None
        or data_set is None
        or not architectures
        or TrainPart not in seen
    ):
        return False
    theta, how = first_numbers(seen, model), Descent(recipe.learning_rate)
    with np.errstate(all="ignore"):
        for _ in range(recipe.epochs):
            theta, _ = how.step(
                theta, gradient(theta, data_set, architectures[0], recipe.loss_function), None
            )
        due = architectures[0].scores(theta, data_set.X)
    reached = (
        architectures[0].scores(theta_of(end), data_set.X)
        if len(theta) == len(theta_of(end))
        else None
    )
    return reached is not None and bool(np.allclose(reached, due, rtol=0, atol=ARRIVAL))
