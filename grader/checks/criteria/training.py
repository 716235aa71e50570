"""Judges the doing over and over: each update, their number, and the losses kept on the way.

Verdicts come from numbers alone; the order of calls only explains a failure elsewhere. Where the
student's own earlier steps can be replayed (the lesson's model and loss, SGD), the updates must be
what float64 descent makes of the recorded parameters and cards; where they cannot, the plain
loop on copies of the student's own objects is the measure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.checks.criteria.beginning import begins_at_the_end
from grader.checks.criteria.kept_losses import LOSS_ATOL, LOSS_RTOL, Passing, losses_agree
from grader.checks.criteria.loss import measures_as_asked
from grader.checks.judgements import failed, not_assessed, passed
from grader.errors import Unobserved
from grader.evidence import (
    DataPart,
    LossPart,
    ModelPart,
    OptimizerPart,
    PlainPart,
    ResultPart,
    TrainPart,
)
from grader.language.messages import say, say_count
from grader.models import Verdict
from grader.remembering import remembered
from grader.replay import (
    OVERFLOWS,
    RESIDUAL,
    DataSet,
    Descent,
    count_updates,
    data_set_of,
    descent_of,
    descent_residual,
    distance,
    losses_along,
    passes,
    trajectory,
    true_losses,
)

if TYPE_CHECKING:
    from grader.evidence import Evidence, LossesKept, ModelSeen, PlainRun, TrainingSeen
    from grader.models import Judgement
    from grader.recipes.recipe import Recipe


def follows_descent(seen: Evidence, recipe: Recipe) -> Judgement:
    """Every update moves the model down the slope of its loss, by the learning rate."""
    training = _training(seen)
    if count_updates(training) == 0:
        return failed(say("The model was never updated."))
    if trajectory(training) is None:
        return failed(say("The training moved other numbers than those of your model."))
    if begins_at_the_end(seen, recipe):
        return failed(
            say("The model's numbers were set before the first round, to ones that fit already."),
            hint=say("Let the training begin with a model that knows nothing yet."),
        )
    exact = exact_residual(seen, training, recipe)
    if exact is not None and exact <= RESIDUAL:
        return passed()
    plain = seen.part(PlainPart).plain if PlainPart in seen else None
    relative = None if plain is None else plain_residual(training, plain)
    if relative is not None and relative <= RESIDUAL and not _replayable(seen, training, recipe):
        return passed()
    if _shows_others(training):
        return failed(say("The model practised on other cards than yours."))
    if exact is None and relative is None:
        return not_assessed(say("The updates of this model could not be followed."))
    return failed(
        say("The model's numbers do not move the way gradient descent moves them."),
        hint=say("Go through one round of the loop on paper: what has to happen in which order?"),
    )


def _shows_others(training: TrainingSeen) -> bool:
    """Whether a gradient came from cards that are known not to be among the student's."""
    shown = {number for _, each in training.backwards for number in each if number >= 0}
    rows = [training.batches[n].rows for n in shown if n < len(training.batches)]
    return any(each is not None and min(each, default=0) < 0 for each in rows)


def goes_through_cards(seen: Evidence, recipe: Recipe) -> Judgement:
    """Every card is gone through exactly as often as there are epochs."""
    training = _training(seen)
    data_set = _cards(seen, recipe)
    times = passes(training, data_set) if data_set is not None else float(count_updates(training))
    if not np.isclose(times, recipe.epochs):
        return failed(
            say("The cards were not gone through as often as the lesson asks."),
            expected=say_count(recipe.epochs, "{count} time", "{count} times"),
            actual=say_count(
                1 if times == 1 else 2, "{times:g} time", "{times:g} times", times=times
            ),
        )
    due = recipe.epochs * recipe.updates_per_epoch
    if recipe.updates_per_epoch > 1 and count_updates(training) != due:
        return failed(
            say("The model did not change once for every batch."),
            expected=say("{count} steps", count=due),
            actual=say("{count} steps", count=count_updates(training)),
        )
    return passed()


def keeps_losses(seen: Evidence, recipe: Recipe) -> Judgement:
    """`losses` holds one number an epoch: the loss of that epoch."""
    first = _judge_losses(seen, _training(seen).kept_losses, recipe)
    later = seen.part(ResultPart).kept_losses if ResultPart in seen else None
    if first.verdict is Verdict.PASSED or later is None:
        return first
    # Tensors, say, may well be made numbers in a cell of their own.
    second = _judge_losses(seen, later, recipe)
    return second if second.verdict is Verdict.PASSED else first


def _judge_losses(seen: Evidence, kept: LossesKept | None, recipe: Recipe) -> Judgement:
    training = _training(seen)
    if kept is None:
        return failed(say("There is no list `losses` with the loss of each epoch."))
    if kept.count != recipe.epochs or len(kept.values) + kept.left_out != kept.count:
        return failed(
            say("`losses` does not hold one number for each epoch."),
            expected=say_count(recipe.epochs, "{count} number", "{count} numbers"),
            actual=say_count(kept.count, "{count} number", "{count} numbers"),
        )
    if kept.tensors:
        return failed(
            say("`losses` holds tensors, where plain numbers are asked for."),
            hint=say("Print losses[0]: what is there around the number?"),
        )
    honest = losses_are_true(seen, training, recipe)
    if not honest or not losses_agree(training, kept, passing_of(seen, training, recipe)):
        return failed(say("The numbers in `losses` are not the losses of the training."))
    return passed()


@remembered
def exact_residual(seen: Evidence, training: TrainingSeen, recipe: Recipe) -> float | None:
    """The float64 residual of the updates, where model and cards allow it.

    Targets are tried in their recorded shape and as a column: a loop may well straighten them.
    Where weight and bias start equal, either may be first.
    """
    model, data_set = _model(seen), _cards(seen, recipe)
    how = _descent(seen, training, recipe)
    if data_set is None or model is None or how is None:
        return None
    shapes = {candidate.y.shape: candidate for candidate in (data_set, data_set.as_columns())}
    residuals = [
        residual
        for candidate in shapes.values()
        for architecture in recipe.architectures(model)
        if (
            residual := descent_residual(
                training, architecture, candidate, how, recipe.loss_function
            )
        )
        is not None
    ]
    return min(residuals, default=None)


def plain_residual(training: TrainingSeen, plain: PlainRun) -> float | None:
    """The largest |recorded - plain| / (1 + |plain|) along the two trajectories.

    None where they do not begin at the same numbers.
    """
    path = trajectory(training)
    if path is None or path.made is not None or not plain.values:
        return None
    expected = np.array(plain.values)
    kept = len(path.states) if path.gap is None else path.gap + 1
    count = min(kept, len(expected))
    if path.states.shape[1] != expected.shape[1]:
        return None
    worst = distance(path.states[:count], expected[:count], expected[:count])
    if count < min(count_updates(training) + 1, len(expected)) and path.gap is None:
        rest = expected[count:]
        worst = max(worst, distance(np.broadcast_to(path.states[-1], rest.shape), rest, rest))
    return worst


def losses_are_true(seen: Evidence, training: TrainingSeen, recipe: Recipe) -> bool:
    """Whether the recorded losses are what the recorded parameters cost.

    Up to one factor between 0 and 1, for losses that are divided before they are added up. Only
    asked where the loss function is the lesson's and model and cards are known.
    """
    model, data_set = _model(seen), _cards(seen, recipe)
    if not _replayable(seen, training, recipe) or model is None or data_set is None:
        return True
    return any(
        _proportional(np.array([v for _, v in training.losses]), true)
        for architecture in recipe.architectures(model)
        for shape in (data_set, data_set.as_columns())
        if (true := true_losses(training, architecture, shape, recipe.loss_function)) is not None
    )


def _proportional(recorded: np.ndarray, true: np.ndarray) -> bool:
    recorded = recorded[: len(true)]
    with np.errstate(all="ignore"):
        usable = np.isfinite(recorded) & np.isfinite(true) & (np.abs(true) < OVERFLOWS)
        usable &= true > LOSS_ATOL * np.max(true[usable], initial=1.0)
        ratios = recorded[usable] / true[usable]
    if not len(ratios):
        return True
    factor = float(np.median(ratios))
    return 0 < factor <= 1 + LOSS_RTOL and bool(np.all(np.abs(ratios / factor - 1) <= 0.01))


def first_loss(seen: Evidence, training: TrainingSeen, recipe: Recipe) -> float | None:
    """The loss of the first round; on all cards, where the gradients were worked out by hand."""
    if training.losses:
        return training.losses[0][1]
    passing = passing_of(seen, training, recipe)
    moved = passing is not None and len(passing.losses) > 1
    return float(passing.losses[0]) if passing is not None and moved else None


def passing_of(seen: Evidence, training: TrainingSeen, recipe: Recipe) -> Passing | None:
    """The loss on all cards along the training, where model, loss and cards are known."""
    path, data_set, model = trajectory(training), _cards(seen, recipe), _model(seen)
    architecture = next(iter(recipe.architectures(model)), None) if model is not None else None
    if (
        path is None
        or data_set is None
        or architecture is None
        or not _replayable(seen, training, recipe)
    ):
        return None
    losses = losses_along(path.states, architecture, data_set.as_columns(), recipe.loss_function)
    return Passing(losses, path.ticks, path.gap)


def _training(seen: Evidence) -> TrainingSeen:
    training = seen.part(TrainPart).training
    if training is None:
        raise RuntimeError("a training step was observed without its training")
    if seen.contradicts_itself:
        raise Unobserved(say("What was recorded of the training does not fit together."))
    return training


def _model(seen: Evidence) -> ModelSeen | None:
    return seen.part(ModelPart).model if ModelPart in seen else None


def _cards(seen: Evidence, recipe: Recipe) -> DataSet | None:
    data = seen.part(DataPart) if DataPart in seen else None
    return data_set_of(data.X, data.y, recipe.width) if data is not None else None


def _descent(seen: Evidence, training: TrainingSeen, recipe: Recipe) -> Descent | None:
    """The descent in force: the optimizer's as it was made, before a loop could change it."""
    if training.optimizer is None or not training.updates:
        return Descent(recipe.learning_rate)
    made = seen.part(OptimizerPart).optimizer if OptimizerPart in seen else None
    return descent_of(made or training.optimizer)


def _replayable(seen: Evidence, training: TrainingSeen, recipe: Recipe) -> bool:
    """Whether the earlier steps are such that float64 descent is the only right course."""
    loss = seen.part(LossPart).loss if LossPart in seen else None
    model = seen.part(ModelPart).model if ModelPart in seen else None
    return (
        _cards(seen, recipe) is not None
        and loss is not None
        and model is not None
        and bool(recipe.architectures(model))
        and measures_as_asked(loss, recipe, model)
        and (training.optimizer is None or descent_of(training.optimizer) is not None)
    )
