"""Judges what a lesson about a threshold leads to: the boundary, the loss, and another threshold.

On cards that can be told apart w grows for ever: nothing is asked of it but its sign. The boundary
is where the score w*x + b changes sign.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.checks.criteria.classification import (
    RAN_AWAY,
    cards_seen,
    final_scores,
    ran_away,
    scores_of,
)
from grader.checks.criteria.gradients import made_up
from grader.checks.criteria.missing import unanswered
from grader.checks.criteria.result import (
    ARRIVAL,
    GIVEN,
    descends,
    given,
    keeps_own_answers,
    learned_here,
    overwritten,
    trained,
)
from grader.checks.criteria.training import first_loss
from grader.checks.judgements import failed, not_assessed, passed
from grader.evidence import ModelPart, ResultPart, TrainPart, TransferPart
from grader.language.messages import say
from grader.replay import RESIDUAL, Descent, Line, data_set_of, descend, trajectory
from grader.replay.architectures import AffineMap, theta_of

if TYPE_CHECKING:
    from grader.evidence import Evidence, ModelSeen, TrainingSeen
    from grader.language.messages import Message
    from grader.models import Judgement
    from grader.recipes.recipe import ThresholdRecipe, ThresholdTolerances


def boundary_of(line: Line) -> float | None:
    """Where the score changes from no to yes; None where it does not."""
    return -line.b / line.w if line.w > 0 and np.isfinite([line.w, line.b]).all() else None


def score_line(model: ModelSeen | None, recipe: ThresholdRecipe) -> Line | None:
    """The line of scores that a model stands for."""
    if model is None:
        return None
    theta = theta_of(model)
    for architecture in recipe.architectures(model):
        if isinstance(architecture, AffineMap):
            return Line(float(theta[architecture.weight]), float(theta[architecture.bias]))
    return None


def first_line(
    model: ModelSeen | None, training: TrainingSeen | None, recipe: ThresholdRecipe
) -> Line | None:
    """The line of scores before the first update, where model and training show it."""
    path = trajectory(training) if training is not None else None
    if model is not None and path is not None and path.states.shape[1] == len(theta_of(model)) == 2:
        for architecture in recipe.architectures(model):
            if isinstance(architecture, AffineMap):
                first = path.states[0]
                return Line(float(first[architecture.weight]), float(first[architecture.bias]))
    return score_line(model, recipe)


def start_of(seen: Evidence, recipe: ThresholdRecipe) -> Line | None:
    """The line of scores that the training began with."""
    model = seen.part(ModelPart).model if ModelPart in seen else None
    training = seen.part(TrainPart).training if TrainPart in seen else None
    return first_line(model, training, recipe)


def boundary_is_found(
    seen: Evidence, recipe: ThresholdRecipe, tolerances: ThresholdTolerances
) -> Judgement:
    """The boundary parts the cards rightly, or lies where honest training leads."""
    learned = score_line(seen.part(ResultPart).model, recipe)
    if ran_away(seen.part(ResultPart).model):
        return failed(RAN_AWAY)
    if learned is None:
        none = say("There is no trained model to read the boundary from.")
        return unanswered(seen.part(ResultPart).model, none)
    if overwritten(seen):
        return failed(
            say("The model's numbers were changed after the training, not by it."),
            hint=say("Leave the model as the training left it, and look at what it has learned."),
        )
    if given(seen, recipe):
        return failed(GIVEN, hint=say("What may stand between backward() and step()?"))
    if not trained(seen, recipe) or not _moved(seen, learned, recipe):
        return failed(
            say("The model did not come to its boundary by training."), actual=_as_text(learned)
        )
    boundary = boundary_of(learned)
    if boundary is not None and abs(boundary - recipe.threshold) <= tolerances.boundary:
        return passed(_as_text(learned))
    if _parts_the_cards(seen, recipe) or _as_from_its_start(seen, learned, recipe):
        return passed(_as_text(learned))
    return failed(
        say("The boundary is not where honest training leads."),
        expected=say(
            "within {room:.2f} of {threshold:g}, larger numbers above it",
            room=tolerances.boundary,
            threshold=recipe.threshold,
        ),
        actual=_as_text(learned),
    )


def loss_comes_down(
    seen: Evidence, recipe: ThresholdRecipe, tolerances: ThresholdTolerances
) -> Judgement:
    """Training brings the loss down to what these cards allow in so many epochs."""
    training = seen.part(TrainPart).training
    data_set = cards_seen(seen, recipe)
    scores = final_scores(seen, recipe, data_set)
    learned = score_line(seen.part(ResultPart).model, recipe)
    first = first_loss(seen, training, recipe) if training is not None else None
    if first is None:
        return failed(say("No loss was computed in the training."))
    if ran_away(seen.part(ResultPart).model):
        return failed(RAN_AWAY)
    if data_set is None or scores is None or learned is None:
        return not_assessed(say("Without cards and a model the loss cannot be judged."))
    last = recipe.loss_function.value(scores, data_set.y)
    fall = say(
        "{first:.4g} before the first round, {last:.4g} for the model at the end",
        first=first,
        last=last,
    )
    if not _moved(seen, learned, recipe):
        return failed(say("The loss is the same at the end as at the beginning."), actual=fall)
    if given(seen, recipe):
        return failed(GIVEN, actual=fall)
    if not trained(seen, recipe):
        return failed(
            say("The loss is as low as it is for another reason than the training."), actual=fall
        )
    if last <= tolerances.loss or _as_from_its_start(seen, learned, recipe):
        return passed(fall)
    return failed(say("The loss does not come down to what these cards allow."), actual=fall)


def learns_another_threshold(seen: Evidence, recipe: ThresholdRecipe) -> Judgement:
    """With another threshold on the cards, the same cells move the boundary there.

    From 4,000 drawn starts, honest training left the boundary at most 0.3 short of thresholds
    between 1.5 and 3, half the epochs at most 0.5; half of the way is asked.
    """
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
    learned = score_line(transfer.model, recipe)
    if ran_away(transfer.model):
        return failed(RAN_AWAY)
    if data_set is None or training is None or learned is None:
        return not_assessed(say("Learning another threshold could not be watched."))
    x, y = data_set.X.reshape(-1), data_set.y.reshape(-1)
    yes, no = x[y > 0.5], x[y <= 0.5]
    if not len(yes) or not len(no) or abs(yes.min() - recipe.threshold) < 1 or no.max() > yes.min():
        if learned_here(seen, recipe):
            return passed()
        return not_assessed(say("Learning another threshold could not be watched."))
    if made_up(training) and not descends(seen, recipe):
        return failed(GIVEN)
    start, boundary = first_line(transfer.model, training, recipe), boundary_of(learned)
    half_way = (recipe.threshold + float(yes.min())) / 2
    moved = start is not None and abs(start.w - learned.w) + abs(start.b - learned.b) > RESIDUAL
    if moved and boundary is not None and boundary > half_way:
        return passed()
    if keeps_own_answers(transfer, data_set, recipe) and learned_here(seen, recipe):
        return passed()
    return failed(
        say("With another threshold on the cards, the same cells do not find it."),
        hint=say("Whatever is on the cards has to reach the model through X, y and training only."),
    )


def _moved(seen: Evidence, learned: Line, recipe: ThresholdRecipe) -> bool:
    start = start_of(seen, recipe)
    return start is None or max(abs(start.w - learned.w), abs(start.b - learned.b)) > RESIDUAL


def _parts_the_cards(seen: Evidence, recipe: ThresholdRecipe) -> bool:
    data_set = cards_seen(seen, recipe)
    scores = scores_of(seen.part(ResultPart).model, recipe, data_set)
    return (
        data_set is not None
        and scores is not None
        and bool(np.all((scores > 0) == (data_set.y > 0.5)))
    )


def _as_from_its_start(seen: Evidence, learned: Line, recipe: ThresholdRecipe) -> bool:
    """Whether this is where honest training leads from where the model began."""
    start, data_set = start_of(seen, recipe), cards_seen(seen, recipe)
    if start is None or data_set is None:
        return False
    how = Descent(recipe.learning_rate)
    goal = descend(start, data_set, how, recipe.epochs, recipe.loss_function)[-1]
    return bool(np.allclose([learned.w, learned.b], goal, rtol=ARRIVAL, atol=ARRIVAL))


def _as_text(line: Line) -> Message:
    boundary = boundary_of(line)
    if boundary is None:
        return say("w = {w:.3g}: larger numbers do not score higher", w=line.w)
    return say("boundary at {boundary:.3f}", boundary=boundary)
