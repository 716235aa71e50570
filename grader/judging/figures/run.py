"""What the charts of a report show of one run, from its facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.facts.answers import scores_of
from grader.judging.figures.answers import answers_of
from grader.models import Figures, Fit, Learned, Outcome
from grader.recipes.kinds import CurveRecipe
from grader.replay import DataSet, line_places, passes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from grader.evidence import TrainingSeen
    from grader.facts import Facts
    from grader.judging.judged_run import JudgedRun
    from grader.replay import Line

MOST_EXAMPLES = 500
MOST_LOSSES = 1000
MOST_PLACES = 200
EACH = 2  # of the places between the examples: a chart needs fewer than a verdict


def figures_of_run(run: JudgedRun) -> Figures:
    """What the charts show of a run that was judged."""
    timed_out = run.execution.outcome is Outcome.TIMED_OUT
    with np.errstate(all="ignore"):
        return figures_of(run.facts, epochs=run.facts.recipe.epochs if timed_out else None)


def figures_of(facts: Facts, *, epochs: int | None = None) -> Figures:
    """Data, losses, lines and the way between them, or answers, as far as they were observed.

    With `epochs`, only that many losses, no last line and no way to it: how far a training got
    that was stopped by the clock depends on the machine.
    """
    losses, by_epoch = _losses(facts), _is_by_epoch(facts)
    if epochs is not None:
        losses = losses[:epochs]
    if facts.recipe.line is None:
        answers = answers_of(facts) if epochs is None else None
        updates = _changes(facts) if epochs is None else 0
        fit = fit_of(facts) if epochs is None else None
        return Figures(
            _examples(facts), losses, updates=updates, by_epoch=by_epoch, answers=answers, fit=fit
        )
    if epochs is not None:
        return Figures(_examples(facts), losses, _as_learned(facts.start_line), by_epoch=by_epoch)
    path = _path(facts)
    return Figures(
        cards=_examples(facts),
        losses=losses,
        start=_as_learned(facts.start_line),
        learned=_as_learned(facts.trained_line),
        path=_thinned(path),
        updates=max(0, len(path) - 1),
        by_epoch=by_epoch,
    )


def _examples(facts: Facts) -> tuple[tuple[float, float], ...]:
    data_set = facts.data_set
    if data_set is None or data_set.X.size != data_set.y.size:
        return ()
    pairs = zip(data_set.X.reshape(-1), data_set.y.reshape(-1), strict=True)
    return tuple((float(x), float(y)) for x, y in pairs)[:MOST_EXAMPLES]


def _losses(facts: Facts) -> tuple[float, ...]:
    """The student's own list, else the mean of each epoch's losses as they were recorded."""
    training = facts.training
    if training is None:
        return ()
    kept = training.kept_losses
    if kept is not None and kept.values:
        return kept.values[:MOST_LOSSES]
    recorded = [value for _, value in training.losses]
    each = _gradients_an_epoch(facts, training)
    epochs = [recorded[place : place + each] for place in range(0, len(recorded), each)]
    return tuple(sum(losses) / len(losses) for losses in epochs[:MOST_LOSSES])


def _gradients_an_epoch(facts: Facts, training: TrainingSeen) -> int:
    """How many batches one passage through the data took: 1 where that is not known."""
    data_set = facts.data_set
    epochs = passes(training, data_set) if data_set is not None else training.epochs
    return max(1, round(training.gradients / epochs)) if epochs else 1


def _is_by_epoch(facts: Facts) -> bool:
    """Whether the student's own list has one loss for each passage through the data.

    What was recorded without a list is one an epoch, and so is what nothing can be told of.
    """
    training, data_set = facts.training, facts.data_set
    if training is None or not training.kept_losses or data_set is None:
        return True
    return training.kept_losses.count == round(passes(training, data_set))


def _changes(facts: Facts) -> int:
    """How often the model's numbers changed, of which not every one has to have been kept."""
    trained = facts.training.trained if facts.training is not None else ()
    return max((each.changes - 1 for each in trained), default=0)


def _path(facts: Facts) -> tuple[Learned, ...]:
    """The lines that the model went through; none where it is no line of two numbers."""
    places = line_places(facts.moving_model) if facts.moving_model is not None else None
    if places is None or facts.path is None or facts.path.states.shape[1] != len(places):
        return ()
    w, b = places
    return tuple(Learned(float(state[w]), float(state[b])) for state in facts.path.states)


def _thinned(path: tuple[Learned, ...]) -> tuple[Learned, ...]:
    if len(path) <= MOST_PLACES:
        return path
    stride = (len(path) - 1) / (MOST_PLACES - 1)
    return tuple(path[round(n * stride)] for n in range(MOST_PLACES))


def _as_learned(line: Line | None) -> Learned | None:
    return Learned(line.w, line.b) if line is not None else None


def fit_of(facts: Facts) -> Fit | None:
    """The curve and the model's answers; None in a lesson that is not about a curve."""
    recipe = facts.recipe
    if not isinstance(recipe, CurveRecipe):
        return None
    every = recipe.between()
    places = DataSet(every.X[::EACH], every.y[::EACH])
    return Fit(
        goal=_points(places, places.y),
        before=_points(places, scores_of(facts.model, recipe, places, facts.made_numbers)),
        after=_points(places, scores_of(facts.trained_model, recipe, places)),
    )


def _points(
    places: DataSet, answers: NDArray[np.float64] | None
) -> tuple[tuple[float, float], ...]:
    if answers is None or not np.isfinite(answers).all():
        return ()
    pairs = zip(places.X.reshape(-1), answers.reshape(-1), strict=True)
    return tuple((float(x), float(y)) for x, y in pairs)
