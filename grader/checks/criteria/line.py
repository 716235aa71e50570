"""Judges what a lesson about a line leads to: w and b, the fall of the loss, and another line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.checks.criteria.missing import unanswered
from grader.checks.criteria.result import (
    ARRIVAL,
    NO_LOSS,
    UNJUDGED,
    as_fall,
    loss_comes_down,
    set_by_other_means,
)
from grader.checks.criteria.transfer import Learned, Other, learns
from grader.checks.judgements import failed, not_assessed, passed
from grader.evidence import DataPart, ModelPart, ResultPart, TrainPart
from grader.facts.lines import moved
from grader.language.messages import say
from grader.recipes.formula import answers_by
from grader.replay import Descent, descend, least_squares, squared_error

if TYPE_CHECKING:
    from grader.facts import Facts
    from grader.facts.transfer import Transfer
    from grader.language.messages import Message
    from grader.models import Judgement
    from grader.recipes.kinds import LineRecipe
    from grader.recipes.tolerances import LineTolerances
    from grader.replay import DataSet, Line

# Excess of the loss over least squares, in variances of y: the one outcome check that honest
# variations of epochs, batches and start survive (numerics: at most 0.05 in 99.9 % of runs).
EXCESS = 0.05
# What may be left of the excess loss on another line: of 400,000 drawn starts and lines, 100 epochs
# left at most 0.37, ten epochs or a tenth of the learning rate 0.91, and numbers that were typed in
# or learned from other answers at least 1.34.
LEARNED = 0.95
NO_MODEL = say("There is no trained model to read w and b from.")


def line_is_found(facts: Facts, recipe: LineRecipe, tolerances: LineTolerances) -> Judgement:
    """w and b end up where honest training leads."""
    result, learned = facts.part(ResultPart), facts.trained_line
    if learned is None:
        return unanswered(result.model, NO_MODEL)
    if (otherwise := set_by_other_means(facts)) is not None:
        return otherwise
    facts.require(ModelPart, DataPart)
    if _is_near(facts, recipe, tolerances, learned):
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


def _is_near(facts: Facts, recipe: LineRecipe, tolerances: LineTolerances, learned: Line) -> bool:
    start, data_set = facts.start_line, facts.data_set
    if start is None or data_set is None or not moved(start, learned) or not facts.trained:
        return False
    goal = descend(start, data_set, Descent(recipe.learning_rate), recipe.epochs)[-1]
    if np.allclose([learned.w, learned.b], goal, rtol=ARRIVAL, atol=ARRIVAL):
        return True
    near_enough = _near_enough(learned, data_set)
    near_w = abs(learned.w - recipe.w) <= tolerances.w
    near_b = abs(learned.b - recipe.b) <= tolerances.b
    return near_enough and (facts.descends or (near_w and near_b))


def loss_falls(facts: Facts, tolerances: LineTolerances) -> Judgement:
    """Training brings the loss down to what the data allows."""
    facts.require(TrainPart, ResultPart, DataPart)
    first, learned, data_set = facts.first_loss, facts.trained_line, facts.data_set
    if first is None:
        return failed(NO_LOSS)
    if learned is None and facts.part(ResultPart).model is None:
        return failed(NO_MODEL)
    if learned is None or data_set is None:
        return not_assessed(UNJUDGED)
    facts.require(ModelPart)
    last, start = squared_error(learned, data_set.as_columns()), facts.start_line
    return loss_comes_down(
        facts,
        as_fall(first, last),
        moved=start is None or moved(start, learned),
        fell=last < first,
        enough=_near_enough(learned, data_set) or last <= tolerances.loss_ratio * first,
    )


def learns_another_line(facts: Facts) -> Judgement:
    """With other answers on the cards, the same cells learn the other line."""
    return learns(facts, ANOTHER)


def _learned(facts: Facts, transfer: Transfer) -> Learned:
    """Whether these answers were learned from: what exceeds least squares is down to LEARNED."""
    columns, learned, start = transfer.columns, transfer.trained_line, transfer.start_line
    if columns is None or learned is None:
        return Learned.UNWATCHED
    expected = answers_by(facts.evidence.formula, columns.X)
    if not np.allclose(columns.y, expected, rtol=1e-5, atol=1e-5):
        return Learned.UNSHOWN
    if start is None or not moved(start, learned):
        return Learned.NO
    least = squared_error(least_squares(columns), columns)
    before, after = squared_error(start, columns) - least, squared_error(learned, columns) - least
    return Learned.YES if after <= LEARNED * before else Learned.NO


ANOTHER = Other(
    learned=_learned,
    unwatched=say("Whether your cells learn another line could not be observed."),
    not_learned=say("With other answers on the cards, the same cells do not learn the other line."),
)


def _near_enough(learned: Line, data_set: DataSet) -> bool:
    columns = data_set.as_columns()
    excess = squared_error(learned, columns) - squared_error(least_squares(columns), columns)
    return bool(excess <= EXCESS * float(np.var(columns.y)))


def _as_text(line: Line) -> Message:
    return say("w = {w:.3f}, b = {b:.3f}", w=line.w, b=line.b)
