"""Whether the model became what it is by gradient descent, told from the recorded numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.errors import Unobserved
from grader.evidence import LossPart, OptimizerPart, ResultPart, TrainPart
from grader.facts.beginning import set_near_the_end
from grader.facts.gradients import made_up
from grader.facts.kept_losses import LOSS_ATOL, LOSS_RTOL, Passing
from grader.facts.proof import is_own, rate_of
from grader.language.messages import say
from grader.models import Step
from grader.replay import (
    OVERFLOWS,
    RESIDUAL,
    Descent,
    count_updates,
    descent_of,
    descent_residual,
    distance,
    losses_along,
    true_losses,
)
from grader.replay.architectures import theta_of

if TYPE_CHECKING:
    from grader.evidence import TrainingSeen
    from grader.facts.facts import Facts
    from grader.models.arrays import Floats


# A loss that is written out by hand loses digits that torch's own keeps: log(1 - p) near p = 1 put
# single updates up to 1e-3 off, and the plain loop with the same loss as far.
OWN_DIGITS = 1e-3
# Where no plain loop could be run beside it, the bound has to tell by itself: a sixth of the
# smallest residual of any wrong loop (5.7e-4).
ALONE = 1e-4


def watched_training(facts: Facts) -> TrainingSeen:
    """The training; raises Unobserved where none was seen, or where its record is not sound."""
    training = facts.part(TrainPart).training
    if training is None:
        raise RuntimeError("a training step was observed without its training")
    if facts.evidence.contradicts_itself:
        raise Unobserved(say("What was recorded of the training does not fit together."))
    return training


def descent_in_force(facts: Facts) -> Descent | None:
    """The descent in force: the optimizer's as it was made, before a loop could change it.

    The lesson's own, where no optimizer took a step; None for torch's others. A student's own class
    is known by its steps, whatever it calls its settings.
    """
    training = facts.training
    if training is None or training.optimizer is None or not training.updates:
        return Descent(facts.recipe.learning_rate)
    made = facts.part(OptimizerPart).optimizer if OptimizerPart in facts.evidence else None
    if made is not None and not is_own(made):
        return descent_of(made)
    if not is_own(training.optimizer):
        return descent_of(training.optimizer)
    rate = rate_of(training)
    return Descent(rate) if rate is not None else None


def known(facts: Facts) -> bool:
    """Whether data, model and loss are such that the loss and its gradients can be worked out."""
    return facts.data_set is not None and bool(facts.architectures) and facts.loss_is_as_asked


def replayable(facts: Facts) -> bool:
    """Whether the earlier steps are such that float64 descent is the only right course."""
    training = facts.training
    return facts.known and (
        training is None or training.optimizer is None or descent_of(training.optimizer) is not None
    )


def exact_residual(facts: Facts) -> float | None:
    """The float64 residual of the updates (see `replay.RESIDUAL`), where model and data allow it.

    Targets are tried in their recorded shape and as a column: a loop may well straighten them.
    Where weight and bias start equal, either may be first; a model that begins with guesses of 0
    begins where some ways to write a loss have a bend.
    """
    training, data_set, how = facts.training, facts.data_set, facts.descent_in_force
    if training is None or data_set is None or how is None:
        return None
    loss_function = facts.recipe.loss_function
    losses = tuple(loss_function.as_written()) if _begins_at_zero(facts) else (loss_function,)
    shapes = {candidate.y.shape: candidate for candidate in (data_set, data_set.as_columns())}
    residuals = [
        residual
        for candidate in shapes.values()
        for architecture in facts.architectures
        if (residual := descent_residual(training, architecture, candidate, how, losses))
        is not None
    ]
    return min(residuals, default=None)


def _begins_at_zero(facts: Facts) -> bool:
    """Whether some guess of the model is exactly 0 before its first update."""
    path, columns, architecture = facts.path, facts.columns, facts.architecture
    if path is None or columns is None or architecture is None:
        return False
    return not architecture.scores(path.states[0], columns.X).all()


def plain_residual(facts: Facts) -> float | None:
    """The largest |recorded - plain| / (1 + |plain|) along the path and the plain loop's.

    None where the plain loop was not run, or they do not begin at the same numbers.
    """
    training, path, plain = facts.training, facts.path, facts.plain
    if training is None or path is None or plain is None:
        return None
    if path.made is not None or not plain.values:
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


def descends(facts: Facts) -> bool:
    """Whether every update is what float64 descent makes of the recorded parameters and data."""
    facts.require(TrainPart)
    exact, relative = facts.exact_residual, facts.plain_residual
    if exact is None or exact <= RESIDUAL:
        return exact is not None
    if relative is None:
        return exact <= ALONE and _writes_its_loss(facts)
    return exact <= OWN_DIGITS and relative <= RESIDUAL


def _writes_its_loss(facts: Facts) -> bool:
    """Whether the loss is the student's own code, and no class of torch's."""
    loss = facts.part(LossPart).loss if LossPart in facts.evidence else None
    return loss is not None and not loss.type.endswith("Loss")


def gradients_made_up(facts: Facts) -> bool:
    """Whether steps used made-up gradients, which led elsewhere than those of the loss would."""
    training = facts.part(TrainPart).training
    return training is not None and made_up(training) and not facts.descends


def overwritten(facts: Facts) -> bool:
    """Whether the model at the end is not the one that the training left."""
    facts.require(TrainPart)
    result = facts.part(ResultPart)
    return result.changed_by_hand or (_learned_elsewhere(facts) and not _ends_as_trained(facts))


def partly_trained(facts: Facts) -> bool:
    """Whether training moved some of the model's tensors, and never moved others."""
    facts.require(TrainPart)
    return _learned_elsewhere(facts) and _ends_as_trained(facts)


def _learned_elsewhere(facts: Facts) -> bool:
    """Whether something was learned, and a tensor of the model at the end was not part of it."""
    learned = facts.path is not None and len(facts.path.states) > 1
    return learned and facts.part(ResultPart).untrained


def _ends_as_trained(facts: Facts) -> bool:
    """Whether the model at the end has the numbers with which the training left it."""
    model, path = facts.trained_model, facts.path
    if model is None or path is None:
        return False
    end = theta_of(model)
    return end.shape == path.states[-1].shape and np.array_equal(
        end.astype(np.float32), path.states[-1].astype(np.float32), equal_nan=True
    )


def filled_in(facts: Facts) -> bool:
    """Whether the model's numbers were set once, and no round of any loop changed them."""
    training, path = facts.training, facts.path
    if training is None or path is None or training.counts.get("S", 0) or facts.descends:
        return False
    return len(path.states) == 2 or (len(path.states) == 1 and set_near_the_end(facts))


def trained(facts: Facts) -> bool:
    """Whether the model became what it is by updates that were watched.

    By an optimizer's steps and nothing after them; updates by hand, or by gradients that were
    written by hand, have to follow descent, since nothing else distinguishes them from numbers that
    were filled in.
    """
    training = facts.part(TrainPart).training
    if training is None or facts.path is None or len(facts.path.states) < 2:
        return False
    if facts.evidence.contradicts_itself or facts.begins_at_the_end:
        return False
    if training.updates and training.gradients and not made_up(training):
        return not (facts.overwritten or facts.partly_trained)
    return facts.descends


def learned_here(facts: Facts) -> bool:
    """Whether the model at the end is what descent on the student's own data made of it.

    It convinces where no other answers could be shown, unless the training stopped half-way.
    """
    if Step.TRAIN in facts.code.stopped:
        return False
    return facts.descends and facts.trained and not facts.overwritten


def losses_are_true(facts: Facts) -> bool:
    """Whether the recorded losses are what the recorded parameters cost.

    Up to one factor between 0 and 1, for losses that are divided before they are added up. Only
    asked where the loss function is the lesson's and model and data are known, and where a step has
    one loss: an optimizer that asks for several looks at numbers that it may take back.
    """
    training, data_set = facts.training, facts.data_set
    if not facts.known or training is None or data_set is None:
        return True
    if not facts.replayable and training.gradients > training.counts.get("S", 0):
        return True
    recorded = np.array([value for _, value in training.losses])
    return any(
        _proportional(recorded, true)
        for architecture in facts.architectures
        for shape in (data_set, data_set.as_columns())
        if (true := true_losses(training, architecture, shape, facts.recipe.loss_function))
        is not None
    )


def _proportional(recorded: Floats, true: Floats) -> bool:
    recorded = recorded[: len(true)]
    with np.errstate(all="ignore"):
        usable = np.isfinite(recorded) & np.isfinite(true) & (np.abs(true) < OVERFLOWS)
        usable &= true > LOSS_ATOL * np.max(true[usable], initial=1.0)
        ratios = recorded[usable] / true[usable]
    if not len(ratios):
        return True
    factor = float(np.median(ratios))
    return 0 < factor <= 1 + LOSS_RTOL and bool(np.all(np.abs(ratios / factor - 1) <= 0.01))


def passing(facts: Facts) -> Passing | None:
    """The loss on all the data along the training, where model, loss and data are known."""
    path, columns, architecture = facts.path, facts.columns, facts.architecture
    if path is None or columns is None or architecture is None or not facts.known:
        return None
    losses = losses_along(path.states, architecture, columns, facts.recipe.loss_function)
    return Passing(losses, path.ticks, path.gap)


def first_loss(facts: Facts) -> float | None:
    """The loss on all the data before the first update; where that is not known, the first loss."""
    if facts.training is None:
        return None
    along = facts.passing
    if along is not None and len(along.losses) > 1:
        return float(along.losses[0])
    return facts.training.losses[0][1] if facts.training.losses else None
