"""Judges what a lesson about a curve leads to: its distance, the loss, and another curve.

Where honest training leads depends on where a network began: its end is measured against the
calibrated distances, and else against float64 descent from the model's own start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.checks.criteria.missing import unanswered
from grader.checks.criteria.result import (
    NO_LOSS,
    RAN_AWAY,
    as_fall,
    loss_comes_down,
    not_by_training,
)
from grader.checks.criteria.transfer import Learned, Other, learns
from grader.checks.judgements import failed, passed
from grader.evidence import DataPart, ResultPart, TrainPart
from grader.facts.answers import plainly_trained, ran_away, scores_of
from grader.language.messages import say
from grader.recipes.formula import answers_by
from grader.recipes.kinds import CurveRecipe
from grader.replay.architectures import theta_of

if TYPE_CHECKING:
    from grader.facts import Facts
    from grader.facts.transfer import Transfer
    from grader.models import Judgement
    from grader.recipes.tolerances import CurveTolerances

# What float32 adds up to along a network's training; the answers are of the size of 1.
ARRIVAL = 0.02
# On other answers, this share of their variance may be left. Honest training leaves a quarter of
# the lesson's own at most (else it is not calibrated); a flat guess leaves all of it, and the
# lesson's own curve, typed in or learned once more, four times it where the other is upside down.
LEARNED = 0.5


def curve_is_found(facts: Facts, recipe: CurveRecipe, tolerances: CurveTolerances) -> Judgement:
    """Between its ends the model is as near to the curve as honest training comes."""
    model = facts.part(ResultPart).model
    if ran_away(model):
        return failed(RAN_AWAY)
    between = recipe.between()
    guesses = scores_of(model, recipe, between)
    if guesses is None:
        return unanswered(model, say("There is no trained model to compare with the curve."))
    off = float(np.max(np.abs(guesses - between.y)))
    farthest = say("at most {distance:.3f} off", distance=off)
    if (otherwise := not_by_training(facts, farthest)) is not None:
        return otherwise
    if off <= tolerances.distance or _as_from_its_start(facts):
        return passed(farthest)
    return failed(
        say("The model is farther from the curve than honest training leaves it."),
        expected=say("at most {distance:.3f} off", distance=tolerances.distance),
        actual=farthest,
    )


def loss_falls(facts: Facts, tolerances: CurveTolerances) -> Judgement:
    """Training brings the loss down to what this data allows in so many epochs."""
    if ran_away(facts.part(ResultPart).model):
        return failed(RAN_AWAY)
    facts.require(DataPart, TrainPart)
    if facts.losses_at_ends is None:
        return failed(NO_LOSS)
    first, last = facts.losses_at_ends
    enough = last <= tolerances.loss or _as_from_its_start(facts)
    return loss_comes_down(
        facts, as_fall(first, last), moved=first != last, fell=last < first, enough=enough
    )


def learns_another_curve(facts: Facts) -> Judgement:
    """With other answers on the cards, the same cells come nearer to those than to the old ones."""
    return learns(facts, ANOTHER)


def _learned(facts: Facts, transfer: Transfer) -> Learned:
    columns, guesses, recipe = transfer.columns, transfer.scores, facts.recipe
    if columns is None or guesses is None or not isinstance(recipe, CurveRecipe):
        return Learned.UNWATCHED
    other, old = (answers_by(each, columns.X) for each in (facts.evidence.formula, recipe.formula))
    if not np.allclose(columns.y, other, rtol=1e-4, atol=1e-4):
        return Learned.UNSHOWN
    left = recipe.loss_function.value(guesses, other)
    near = left <= LEARNED * float(np.var(other))
    nearer = left < recipe.loss_function.value(guesses, old)
    return Learned.YES if near and nearer else Learned.NO


ANOTHER = Other(
    learned=_learned,
    unwatched=say("Whether your cells learn another curve could not be observed."),
    not_learned=say(
        "With other answers on the cards, the same cells do not learn the other curve."
    ),
)


def _as_from_its_start(facts: Facts) -> bool:
    """Whether the model answers as honest training from its own start would have it answer."""
    end, first, columns = facts.trained_model, facts.first_numbers, facts.columns
    architecture = facts.architecture
    if end is None or first is None or columns is None or architecture is None:
        return False
    theta = plainly_trained(facts, first, facts.recipe.epochs)
    if theta is None or facts.training is None or len(theta) != len(theta_of(end)):
        return False
    with np.errstate(all="ignore"):
        expected, reached = (
            architecture.scores(each, columns.X) for each in (theta, theta_of(end))
        )
    return bool(np.allclose(reached, expected, rtol=0, atol=ARRIVAL))
