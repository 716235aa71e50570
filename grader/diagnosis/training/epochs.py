"""Mistakes in how often the loop runs, on what, and in what it leaves behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.diagnosis.facts import squared
from grader.diagnosis.rule import rule
from grader.diagnosis.training.places import at, at_epochs, at_loop
from grader.language.messages import say
from grader.models import Step
from grader.replay import data_behind

if TYPE_CHECKING:
    from grader.diagnosis.facts import Facts

MANY_ROUNDS = 50


@rule(
    "noise_redrawn_each_epoch",
    Step.TRAIN,
    say("It behaves like answers that are drawn anew in every round."),
    say("Are the cards handed out once, or again and again?"),
    at_loop,
)
def noise_redrawn_each_epoch(facts: Facts) -> bool:
    """y at the end is not the y of the data step, or each update went after other answers."""
    data, result = facts.data, facts.result
    if data is None or result is None or data.y is None or result.y is None:
        return False
    another = data.y.shape == result.y.shape and not np.allclose(
        data.y.array(), result.y.array(), equal_nan=True
    )
    return another or _answers_waver(facts)


def _answers_waver(facts: Facts) -> bool:
    """Whether the answers behind the updates lie higher or lower each time, as noise would.

    The mean of n fresh answers spreads by sigma / sqrt(n) about that of the cards, and no round
    knows of the one before. Of 100 rounds, the spread is read to a tenth, their correlation too.
    """
    noise, (before, changes) = facts.line_recipe.noise, facts.moves
    if facts.data_set is None or not noise or len(before) < MANY_ROUNDS:
        return False
    shifts = (facts.pulls(squared)[:, 1] + changes[:, 1] / facts.learning_rate) / 2
    if not np.isfinite(shifts).all() or not shifts.std():
        return False
    spread = float(shifts.std()) * np.sqrt(len(facts.data_set.X)) / noise
    return 0.6 < spread < 1.5 and abs(float(np.corrcoef(shifts[:-1], shifts[1:])[0, 1])) < 0.4


@rule(
    "trained_on_subset",
    Step.TRAIN,
    say("It behaves like a loop that shows the pupil only some of the cards."),
    say("Which cards does the model see in one round, and which does it never see?"),
    at("F"),
)
def trained_on_subset(facts: Facts) -> bool:
    """Each round's gradient comes from some of the cards, and one round follows the other."""
    training, data_set = facts.training, facts.data_set
    if training is None or data_set is None or facts.count("BG") > facts.recipe.epochs:
        return False
    behind = data_behind(training, data_set)
    dealt = [behind(shown) for _, shown in training.backwards]
    return bool(dealt) and all(seen is not None and len(seen) < len(data_set) for seen in dealt)


@rule(
    "parameters_overwritten",
    Step.TRAIN,
    say("It behaves like a model whose numbers are overwritten after it was trained."),
    say("Which line sets the model's numbers without learning them?"),
    at_loop,
)
def parameters_overwritten(facts: Facts) -> bool:
    """The last change came behind the last step."""
    path, training = facts.path, facts.training
    if path is None or training is None or not training.updates:
        return False
    return path.ticks[-1] > training.updates[-1][0]


@rule(
    "cell_run_twice",
    Step.TRAIN,
    say("It behaves like a loop that was gone through twice."),
    say("Does the same loop stand in the notebook, or in the cell, a second time?"),
    at_epochs,
)
def cell_run_twice(facts: Facts) -> bool:
    """Twice as many updates as the student's own number of epochs says."""
    training = facts.training
    epochs = training.epochs if training is not None else None
    return epochs == facts.recipe.epochs and _rounds(facts) == 2 * facts.recipe.epochs


@rule(
    "stops_early",
    Step.TRAIN,
    say("It behaves like a loop that breaks off before its last round."),
    say("Which line leaves the loop, and when?"),
    at_epochs,
)
def stops_early(facts: Facts) -> bool:
    """Fewer rounds than the student's own number of epochs says."""
    training = facts.training
    epochs = training.epochs if training is not None else None
    short = epochs == facts.recipe.epochs and 0 < _rounds(facts) < facts.recipe.epochs
    return short and facts.breaks_off()


@rule(
    "too_few_epochs",
    Step.TRAIN,
    say("It behaves like a loop with too few rounds."),
    say("Count the rounds: how many does the task ask for?"),
    at_epochs,
)
def too_few_epochs(facts: Facts) -> bool:
    """Fewer rounds than asked."""
    return 0 < _rounds(facts) < facts.recipe.epochs


@rule(
    "too_many_epochs",
    Step.TRAIN,
    say("It behaves like a loop with too many rounds."),
    say("Count the rounds: how many does the task ask for?"),
    at_epochs,
)
def too_many_epochs(facts: Facts) -> bool:
    """More rounds than asked."""
    return _rounds(facts) > facts.recipe.epochs


def _rounds(facts: Facts) -> float:
    """For how many epochs gradients were computed, in a loop that came to its own end."""
    gradients = 0 if Step.TRAIN in facts.stopped else facts.count("BG")
    return gradients / facts.recipe.updates_per_epoch


@rule(
    "losses_are_tensors",
    Step.TRAIN,
    say("It behaves like losses that are written down as tensors, not as plain numbers."),
    say("Print losses[0]: what is there around the number?"),
    at_loop,
)
def losses_are_tensors(facts: Facts) -> bool:
    """Only the list of losses is wrong, and it holds tensors."""
    kept = facts.training.kept_losses if facts.training is not None else None
    return facts.failed == {"train.losses"} and kept is not None and kept.tensors > 0


@rule(
    "losses_not_kept",
    Step.TRAIN,
    say("It behaves like a loop that does not write down the loss of each round."),
    say("Where in the loop is the list to grow, and by what?"),
    at_loop,
)
def losses_not_kept(facts: Facts) -> bool:
    """Only the list of losses is wrong."""
    return facts.failed == {"train.losses"}
