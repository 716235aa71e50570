"""Judges what a lesson about a threshold leads to: the boundary, the loss, and another threshold.

On data that can be told apart w grows for ever: nothing is asked of it but its sign. The boundary
is where the score w*x + b changes sign.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.checks.criteria.missing import unanswered
from grader.checks.criteria.result import (
    ARRIVAL,
    NO_LOSS,
    RAN_AWAY,
    UNJUDGED,
    as_fall,
    loss_comes_down,
    set_by_other_means,
)
from grader.checks.criteria.transfer import Learned, Other, learns
from grader.checks.judgements import failed, not_assessed, passed
from grader.evidence import ResultPart, TrainPart
from grader.facts.answers import ran_away
from grader.facts.lines import boundary_of, moved
from grader.language.messages import say
from grader.recipes.kinds import ThresholdRecipe
from grader.replay import RESIDUAL, Descent, descend

if TYPE_CHECKING:
    from grader.facts import Facts
    from grader.facts.transfer import Transfer
    from grader.language.messages import Message
    from grader.models import Judgement
    from grader.recipes.tolerances import ThresholdTolerances
    from grader.replay import Line


def boundary_is_found(
    facts: Facts, recipe: ThresholdRecipe, tolerances: ThresholdTolerances
) -> Judgement:
    """The boundary parts the data rightly, or lies where honest training leads."""
    result, learned = facts.part(ResultPart), facts.trained_line
    if ran_away(result.model):
        return failed(RAN_AWAY)
    if learned is None:
        none = say("There is no trained model to read the boundary from.")
        return unanswered(result.model, none)
    if (otherwise := set_by_other_means(facts)) is not None:
        return otherwise
    if not facts.trained or not _moved(facts, learned):
        return failed(
            say("The model's boundary does not come from training."), actual=_as_text(learned)
        )
    boundary = boundary_of(learned)
    if boundary is not None and abs(boundary - recipe.threshold) <= tolerances.boundary:
        return passed(_as_text(learned))
    if facts.accuracy == 1 or _as_from_its_start(facts, learned):
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


def loss_falls(facts: Facts, tolerances: ThresholdTolerances) -> Judgement:
    """Training brings the loss down to what this data allows in so many epochs."""
    facts.require(TrainPart)
    result, first = facts.part(ResultPart), facts.first_loss
    if first is None:
        return failed(NO_LOSS)
    if ran_away(result.model):
        return failed(RAN_AWAY)
    columns, scores, learned = facts.columns, facts.final_scores, facts.trained_line
    if columns is None or scores is None or learned is None:
        return not_assessed(UNJUDGED)
    last = facts.recipe.loss_function.value(scores, columns.y)
    return loss_comes_down(
        facts,
        as_fall(first, last),
        moved=_moved(facts, learned),
        fell=last < first,
        enough=last <= tolerances.loss or _as_from_its_start(facts, learned),
    )


def learns_another_threshold(facts: Facts) -> Judgement:
    """With another threshold on the examples, the same cells move the boundary there.

    From 4,000 drawn starts, honest training left the boundary at most 0.3 short of thresholds
    between 1.5 and 3, half the epochs at most 0.5; half of the way is required.
    """
    return learns(facts, ANOTHER)


def _learned(facts: Facts, transfer: Transfer) -> Learned:
    columns, learned, recipe = transfer.columns, transfer.trained_line, facts.recipe
    if columns is None or learned is None or not isinstance(recipe, ThresholdRecipe):
        return Learned.UNWATCHED
    x, y = columns.X.reshape(-1), columns.y.reshape(-1)
    yes, no = x[y > 0.5], x[y <= 0.5]
    if not len(yes) or not len(no) or abs(yes.min() - recipe.threshold) < 1 or no.max() > yes.min():
        return Learned.UNSHOWN
    start, boundary = transfer.start_line, boundary_of(learned)
    half_way = (recipe.threshold + float(yes.min())) / 2
    moved = start is not None and abs(start.w - learned.w) + abs(start.b - learned.b) > RESIDUAL
    return Learned.YES if moved and boundary is not None and boundary > half_way else Learned.NO


ANOTHER = Other(
    learned=_learned,
    unwatched=say("Whether your cells learn another threshold could not be observed."),
    not_learned=say("With another threshold on the cards, the same cells do not find it."),
)


def _moved(facts: Facts, learned: Line) -> bool:
    return facts.start_line is None or moved(facts.start_line, learned)


def _as_from_its_start(facts: Facts, learned: Line) -> bool:
    """Whether this is where honest training leads from where the model began."""
    start, columns, recipe = facts.start_line, facts.columns, facts.recipe
    if start is None or columns is None:
        return False
    how = Descent(recipe.learning_rate)
    goal = descend(start, columns, how, recipe.epochs, recipe.loss_function)[-1]
    return bool(np.allclose([learned.w, learned.b], goal, rtol=ARRIVAL, atol=ARRIVAL))


def _as_text(line: Line) -> Message:
    boundary = boundary_of(line)
    if boundary is None:
        return say("w = {w:.3g}: larger numbers do not score higher", w=line.w)
    return say("boundary at {boundary:.3f}", boundary=boundary)
