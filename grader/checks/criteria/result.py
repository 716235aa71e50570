"""Judges what came out: the line, the fall of the loss, and whether it was really learned.

After few epochs an honest model is not at the goal: each result is measured against where honest
training leads from the model's own start, and only else against the calibrated distances.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.checks.criteria.beginning import begins_at_the_end
from grader.checks.criteria.gradients import made_up
from grader.checks.criteria.kept_losses import LOSS_RTOL
from grader.checks.criteria.missing import unanswered
from grader.checks.criteria.model import start_line
from grader.checks.criteria.training import exact_residual, first_loss
from grader.checks.judgements import failed, not_assessed, passed
from grader.evidence import DataPart, ResultPart, TrainPart, TransferPart
from grader.language.messages import say
from grader.models import Step
from grader.recipes.formula import answers_by
from grader.replay import (
    RESIDUAL,
    DataSet,
    Descent,
    Line,
    data_set_of,
    descend,
    learned_line,
    least_squares,
    line_places,
    squared_error,
    trajectory,
    true_losses,
)

if TYPE_CHECKING:
    from grader.evidence import Evidence
    from grader.language.messages import Message
    from grader.models import Judgement
    from grader.recipes.recipe import LineRecipe, LineTolerances, Recipe

# Excess of the loss over least squares, in variances of y: the one outcome check that honest
# variations of epochs, batches and start survive (numerics: at most 0.05 in 99.9 % of runs).
EXCESS = 0.05
# Where descent in float64 and a full-batch run in float32 may differ after 100 epochs, generously.
ARRIVAL = 1e-3
# What may be left of the excess loss on another line: of 400,000 drawn starts and lines, 100 epochs
# left at most 0.37, ten epochs or a tenth of the learning rate 0.91, and numbers that were typed in
# or learned from other answers at least 1.34.
LEARNED = 0.95
GIVEN = say("The steps used other gradients than the ones that came from the loss.")


def line_is_found(seen: Evidence, recipe: LineRecipe, tolerances: LineTolerances) -> Judgement:
    """w and b end up where honest training leads."""
    learned = trained_line(seen)
    if learned is None:
        none = say("There is no trained model to read w and b from.")
        return unanswered(seen.part(ResultPart).model, none)
    if overwritten(seen):
        return failed(
            say("The model's numbers were changed after the training, not by it."),
            hint=say("Leave the model as the training left it, and look at what it has learned."),
        )
    if given(seen, recipe):
        return failed(GIVEN, hint=say("What may stand between backward() and step()?"))
    start, data_set = start_line(seen), _cards(seen)
    if (
        start is not None
        and data_set is not None
        and moved(start, learned)
        and trained(seen, recipe)
    ):
        goal = descend(start, data_set, Descent(recipe.learning_rate), recipe.epochs)[-1]
        if np.allclose([learned.w, learned.b], goal, rtol=ARRIVAL, atol=ARRIVAL):
            return passed(_as_text(learned))
        if descends(seen, recipe) and _near_enough(learned, data_set):
            return passed(_as_text(learned))
        near_w = abs(learned.w - recipe.w) <= tolerances.w
        near_b = abs(learned.b - recipe.b) <= tolerances.b
        if near_w and near_b and _near_enough(learned, data_set):
            return passed(_as_text(learned))
    return failed(
        say("w and b are not where honest training leads."),
        expected=say(
            "w within {dw:.2f} of {w:g}, b within {db:.2f} of {b:g}",
            w=recipe.w,
            b=recipe.b,
            dw=tolerances.w,
            db=tolerances.b,
        ),
        actual=_as_text(learned),
    )


def loss_falls(seen: Evidence, recipe: LineRecipe, tolerances: LineTolerances) -> Judgement:
    """Training brings the loss down to what the cards allow."""
    training = seen.part(TrainPart).training
    learned, data_set = trained_line(seen), _cards(seen)
    first = first_loss(seen, training, recipe) if training is not None else None
    if first is None:
        return failed(say("No loss was computed in the training."))
    if learned is None or data_set is None:
        return not_assessed(say("Without cards and a model the loss cannot be judged."))
    last = squared_error(learned, data_set.as_columns())
    start = start_line(seen)
    if start is not None and not moved(start, learned):
        return failed(
            say("The loss is the same at the end as at the beginning."),
            actual=_as_fall(first, last),
        )
    if given(seen, recipe):
        return failed(GIVEN, actual=_as_fall(first, last))
    if not trained(seen, recipe):
        return failed(
            say("The loss is as low as it is for another reason than the training."),
            actual=_as_fall(first, last),
        )
    if _near_enough(learned, data_set) or last <= tolerances.loss_ratio * first:
        return passed(_as_fall(first, last))
    return failed(
        say("The loss does not come down to what these cards allow."),
        actual=_as_fall(first, last),
    )


def learns_another_line(seen: Evidence, recipe: LineRecipe) -> Judgement:
    """With other answers on the cards, the same cells learn the other line."""
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
    learned = learned_line(transfer.model) if transfer.model is not None else None
    if data_set is None or training is None or learned is None:
        return not_assessed(say("Learning another line could not be watched."))
    due = answers_by(seen.formula, data_set.X).reshape(-1)
    if not np.allclose(data_set.y.reshape(-1), due, rtol=1e-5, atol=1e-5):
        if learned_here(seen, recipe):
            return passed()
        return not_assessed(say("Learning another line could not be watched."))
    if made_up(training) and not descends(seen, recipe):
        return failed(GIVEN)
    start = _start(transfer)
    if start is not None and _learned_from(data_set.as_columns(), start, learned):
        return passed()
    if keeps_own_answers(transfer, data_set, recipe) and learned_here(seen, recipe):
        return passed()
    return failed(
        say("With other answers on the cards, the same cells do not learn the other line."),
        hint=say("Whatever is on the cards has to reach the model through X, y and training only."),
    )


def _learned_from(data_set: DataSet, start: Line, learned: Line) -> bool:
    """Whether these cards were learned from: what exceeds least squares is down to LEARNED."""
    least = squared_error(least_squares(data_set), data_set)
    before, after = squared_error(start, data_set) - least, squared_error(learned, data_set) - least
    return bool(moved(start, learned) and after <= LEARNED * before)


def learned_here(seen: Evidence, recipe: Recipe) -> bool:
    """Whether the model at the end is what descent on the student's own cards made of it.

    It convinces where no other answers could be shown, unless the training stopped half-way.
    """
    if Step.TRAIN in seen.stopped:
        return False
    return descends(seen, recipe) and trained(seen, recipe) and not overwritten(seen)


def keeps_own_answers(transfer: TransferPart, data_set: DataSet, recipe: Recipe) -> bool:
    """Whether the first loss is not that of the answers which stand on the `cards` now.

    A data set that was made with the cards shows its own answers, whatever `y` is by then.
    """
    training, model = transfer.training, transfer.model
    if training is None or model is None or not training.losses:
        return False
    _, loss = training.losses[0]
    due = [
        true_losses(training, architecture, data_set.as_columns(), recipe.loss_function)
        for architecture in recipe.architectures(model)
    ]
    return bool(due) and all(
        each is not None and bool(np.abs(loss - each[0]) > LOSS_RTOL * (1 + each[0]))
        for each in due
    )


def trained_line(seen: Evidence) -> Line | None:
    """The line that the model draws at the end of the notebook."""
    model = seen.part(ResultPart).model
    return learned_line(model) if model is not None else None


def trained(seen: Evidence, recipe: Recipe) -> bool:
    """Whether the model became what it is by updates that were watched.

    By an optimizer's steps and nothing behind them; updates by hand, or by gradients that were
    written by hand, have to follow descent, since nothing else tells them from numbers that were
    filled in.
    """
    training = seen.part(TrainPart).training
    path = trajectory(training) if training is not None else None
    if training is None or path is None or len(path.states) < 2:
        return False
    if seen.contradicts_itself or begins_at_the_end(seen, recipe):
        return False
    if training.updates and training.gradients and not made_up(training):
        return not overwritten(seen)
    return descends(seen, recipe)


def descends(seen: Evidence, recipe: Recipe) -> bool:
    """Whether every update is what float64 descent makes of the recorded parameters and cards."""
    training = seen.part(TrainPart).training
    residual = exact_residual(seen, training, recipe) if training is not None else None
    return residual is not None and residual <= RESIDUAL


def given(seen: Evidence, recipe: Recipe) -> bool:
    """Whether steps used made-up gradients, which led elsewhere than those of the loss would."""
    training = seen.part(TrainPart).training
    return training is not None and made_up(training) and not descends(seen, recipe)


def not_by_training(seen: Evidence, recipe: Recipe, actual: Message) -> Judgement | None:
    """What else than training made the model what it is, if anything."""
    if overwritten(seen):
        return failed(
            say("The model's numbers were changed after the training, not by it."),
            hint=say("Leave the model as the training left it, and look at what it has learned."),
        )
    if given(seen, recipe):
        return failed(GIVEN, hint=say("What may stand between backward() and step()?"))
    if not trained(seen, recipe):
        return failed(say("The model did not come to its answers by training."), actual=actual)
    return None


def moved(start: Line, end: Line) -> bool:
    """Whether training changed anything."""
    return max(abs(start.w - end.w), abs(start.b - end.b)) > RESIDUAL


def overwritten(seen: Evidence) -> bool:
    """Whether the model at the end is another than the training left."""
    result, training = seen.part(ResultPart), seen.part(TrainPart).training
    path = trajectory(training) if training is not None else None
    learned = path is not None and len(path.states) > 1
    return result.changed_by_hand or (learned and result.untrained)


def _start(transfer: TransferPart) -> Line | None:
    if transfer.model is None or transfer.training is None:
        return None
    places, path = line_places(transfer.model), trajectory(transfer.training)
    if places is None or path is None or path.states.shape[1] != 2:
        return None
    return Line(*(float(path.states[0][place]) for place in places))


def _near_enough(learned: Line, data_set: DataSet) -> bool:
    columns = data_set.as_columns()
    excess = squared_error(learned, columns) - squared_error(least_squares(columns), columns)
    return bool(excess <= EXCESS * float(np.var(columns.y)))


def _cards(seen: Evidence) -> DataSet | None:
    data = seen.part(DataPart)
    return data_set_of(data.X, data.y)


def _as_fall(first: float, last: float) -> Message:
    return say(
        "{first:.4g} before the first round, {last:.4g} for the model at the end",
        first=first,
        last=last,
    )


def _as_text(line: Line) -> Message:
    return say("w = {w:.3f}, b = {b:.3f}", w=line.w, b=line.b)
