"""Picks from the evidence what the charts of a report show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.criteria.model import start_line
from grader.criteria.result import trained_line
from grader.errors import Unobserved
from grader.evidence import DataPart, ResultPart, TrainPart
from grader.grading.answers import answers_of
from grader.models import Learned, Story
from grader.replay import cards_of, passes

if TYPE_CHECKING:
    from grader.evidence import Evidence, TrainingSeen
    from grader.recipe import Recipe
    from grader.replay import Line

MOST_CARDS = 500
MOST_LOSSES = 1000


def story_of(seen: Evidence, recipe: Recipe, *, epochs: int | None = None) -> Story:
    """Cards, losses, first and last line or answers, as far as they were observed.

    With `epochs`, only that many losses and no last line: how far a training got that was stopped
    by the clock depends on the machine.
    """
    losses, learned = _losses(seen), _learned(seen)
    if epochs is not None:
        losses, learned = losses[:epochs], None
    if recipe.line is None:
        answers = answers_of(seen, recipe) if epochs is None else None
        return Story(_cards(seen), losses, answers=answers)
    return Story(_cards(seen), losses, _start(seen), learned)


def _cards(seen: Evidence) -> tuple[tuple[float, float], ...]:
    if DataPart not in seen:
        return ()
    data = seen.part(DataPart)
    cards = cards_of(data.X, data.y)
    if cards is None or cards.X.size != cards.y.size:
        return ()
    pairs = zip(cards.X.reshape(-1), cards.y.reshape(-1), strict=True)
    return tuple((float(x), float(y)) for x, y in pairs)[:MOST_CARDS]


def _losses(seen: Evidence) -> tuple[float, ...]:
    """The student's own list, else the mean of each epoch's losses as they were recorded."""
    training = seen.part(TrainPart).training if TrainPart in seen else None
    if training is None:
        return ()
    kept = training.kept_losses
    if kept is not None and kept.values:
        return kept.values[:MOST_LOSSES]
    recorded = [value for _, value in training.losses]
    each = _gradients_an_epoch(seen, training)
    epochs = [recorded[place : place + each] for place in range(0, len(recorded), each)]
    return tuple(sum(losses) / len(losses) for losses in epochs[:MOST_LOSSES])


def _gradients_an_epoch(seen: Evidence, training: TrainingSeen) -> int:
    """How many batches one passage through the cards took: 1 where that is not known."""
    data = seen.part(DataPart) if DataPart in seen else None
    cards = cards_of(data.X, data.y) if data is not None else None
    epochs = passes(training, cards) if cards is not None else training.epochs
    return max(1, round(training.gradients / epochs)) if epochs else 1


def _start(seen: Evidence) -> Learned | None:
    try:
        return _as_learned(start_line(seen))
    except Unobserved:
        return None


def _learned(seen: Evidence) -> Learned | None:
    return _as_learned(trained_line(seen)) if ResultPart in seen else None


def _as_learned(line: Line | None) -> Learned | None:
    return Learned(line.w, line.b) if line is not None else None
