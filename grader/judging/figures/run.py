"""Picks from the evidence what the charts of a report show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.checks.criteria.model import start_line
from grader.checks.criteria.result import trained_line
from grader.errors import Unobserved
from grader.evidence import DataPart, ModelPart, ResultPart, TrainPart
from grader.judging.figures.answers import answers_of
from grader.judging.figures.fit import fit_of
from grader.models import Figures, Learned, Outcome
from grader.replay import data_set_of, line_places, passes, trajectory

if TYPE_CHECKING:
    from grader.course.lesson import Lesson
    from grader.evidence import Evidence, TrainingSeen
    from grader.judging.judged_run import Run
    from grader.recipes.recipe import Recipe
    from grader.replay import Line

MOST_CARDS = 500
MOST_LOSSES = 1000
MOST_PLACES = 200


def figures_of_run(run: Run, lesson: Lesson) -> Figures:
    """What the charts show of a run that was judged."""
    recipe = lesson.assignment.table.recipe
    timed_out = run.execution.outcome is Outcome.TIMED_OUT
    with np.errstate(all="ignore"):
        return figures_of(run.evidence, recipe, epochs=recipe.epochs if timed_out else None)


def figures_of(seen: Evidence, recipe: Recipe, *, epochs: int | None = None) -> Figures:
    """Cards, losses, lines and the way between them, or answers, as far as they were observed.

    With `epochs`, only that many losses, no last line and no way to it: how far a training got
    that was stopped by the clock depends on the machine.
    """
    losses, by_epoch = _losses(seen), _is_by_epoch(seen)
    if epochs is not None:
        losses = losses[:epochs]
    if recipe.line is None:
        answers = answers_of(seen, recipe) if epochs is None else None
        updates = _changes(seen) if epochs is None else 0
        fit = fit_of(seen, recipe) if epochs is None else None
        return Figures(
            _cards(seen), losses, updates=updates, by_epoch=by_epoch, answers=answers, fit=fit
        )
    if epochs is not None:
        return Figures(_cards(seen), losses, _start(seen), by_epoch=by_epoch)
    path = _path(seen)
    return Figures(
        cards=_cards(seen),
        losses=losses,
        start=_start(seen),
        learned=_learned(seen),
        path=_thinned(path),
        updates=max(0, len(path) - 1),
        by_epoch=by_epoch,
    )


def _cards(seen: Evidence) -> tuple[tuple[float, float], ...]:
    if DataPart not in seen:
        return ()
    data = seen.part(DataPart)
    data_set = data_set_of(data.X, data.y)
    if data_set is None or data_set.X.size != data_set.y.size:
        return ()
    pairs = zip(data_set.X.reshape(-1), data_set.y.reshape(-1), strict=True)
    return tuple((float(x), float(y)) for x, y in pairs)[:MOST_CARDS]


def _losses(seen: Evidence) -> tuple[float, ...]:
    """The student's own list, else the mean of each epoch's losses as they were recorded."""
    training = _training(seen)
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
    data_set = data_set_of(data.X, data.y) if data is not None else None
    epochs = passes(training, data_set) if data_set is not None else training.epochs
    return max(1, round(training.gradients / epochs)) if epochs else 1


def _is_by_epoch(seen: Evidence) -> bool:
    """Whether the student's own list has one loss for each passage through the cards.

    What was recorded without a list is one an epoch, and so is what nothing can be told of.
    """
    training = _training(seen)
    if training is None or not training.kept_losses or DataPart not in seen:
        return True
    data = seen.part(DataPart)
    data_set = data_set_of(data.X, data.y)
    return data_set is None or training.kept_losses.count == round(passes(training, data_set))


def _changes(seen: Evidence) -> int:
    """How often the model's numbers changed, of which not every one has to have been kept."""
    training = _training(seen)
    return max((t.changes - 1 for t in training.trained), default=0) if training is not None else 0


def _path(seen: Evidence) -> tuple[Learned, ...]:
    """The lines that the model went through; none where it is no line of two numbers."""
    training = _training(seen)
    model = seen.part(ModelPart).model if ModelPart in seen else None
    places = line_places(model) if model is not None else None
    went = trajectory(training) if training is not None else None
    if places is None or went is None or went.states.shape[1] != len(places):
        return ()
    w, b = places
    return tuple(Learned(float(state[w]), float(state[b])) for state in went.states)


def _thinned(path: tuple[Learned, ...]) -> tuple[Learned, ...]:
    if len(path) <= MOST_PLACES:
        return path
    stride = (len(path) - 1) / (MOST_PLACES - 1)
    return tuple(path[round(n * stride)] for n in range(MOST_PLACES))


def _training(seen: Evidence) -> TrainingSeen | None:
    return seen.part(TrainPart).training if TrainPart in seen else None


def _start(seen: Evidence) -> Learned | None:
    try:
        return _as_learned(start_line(seen))
    except Unobserved:
        return None


def _learned(seen: Evidence) -> Learned | None:
    return _as_learned(trained_line(seen)) if ResultPart in seen else None


def _as_learned(line: Line | None) -> Learned | None:
    return Learned(line.w, line.b) if line is not None else None
