"""Mistakes in how often the loop runs, on what, and in what it leaves behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.diagnosis.rule import rule
from grader.diagnosis.scene import squared
from grader.diagnosis.training.places import at, at_epochs, at_loop
from grader.language.messages import say
from grader.models import Step
from grader.replay import cards_behind

if TYPE_CHECKING:
    from grader.diagnosis.scene import Scene

MANY_ROUNDS = 50


@rule(
    "noise_redrawn_each_epoch",
    Step.TRAIN,
    say("It behaves like answers that are drawn anew in every round."),
    say("Are the cards handed out once, or again and again?"),
    at_loop,
)
def noise_redrawn_each_epoch(scene: Scene) -> bool:
    """y at the end is not the y of the data step, or each update went after other answers."""
    data, result = scene.data, scene.result
    if data is None or result is None or data.y is None or result.y is None:
        return False
    another = data.y.shape == result.y.shape and not np.allclose(
        data.y.array(), result.y.array(), equal_nan=True
    )
    return another or _answers_waver(scene)


def _answers_waver(scene: Scene) -> bool:
    """Whether the answers behind the updates lie higher or lower each time, as noise would.

    The mean of n fresh answers spreads by sigma / sqrt(n) about that of the cards, and no round
    knows of the one before. Of 100 rounds, the spread is read to a tenth, their correlation too.
    """
    noise, (before, changes) = scene.line_recipe.noise, scene.moves
    if scene.cards is None or not noise or len(before) < MANY_ROUNDS:
        return False
    shifts = (scene.pulls(squared)[:, 1] + changes[:, 1] / scene.learning_rate) / 2
    if not np.isfinite(shifts).all() or not shifts.std():
        return False
    spread = float(shifts.std()) * np.sqrt(len(scene.cards.X)) / noise
    return 0.6 < spread < 1.5 and abs(float(np.corrcoef(shifts[:-1], shifts[1:])[0, 1])) < 0.4


@rule(
    "trained_on_subset",
    Step.TRAIN,
    say("It behaves like a loop that shows the pupil only some of the cards."),
    say("Which cards does the model see in one round, and which does it never see?"),
    at("F"),
)
def trained_on_subset(scene: Scene) -> bool:
    """Each round's gradient comes from some of the cards, and one round follows the other."""
    training, cards = scene.training, scene.cards
    if training is None or cards is None or scene.count("BG") > scene.recipe.epochs:
        return False
    behind = cards_behind(training, cards)
    dealt = [behind(shown) for _, shown in training.backwards]
    return bool(dealt) and all(seen is not None and len(seen) < len(cards) for seen in dealt)


@rule(
    "parameters_overwritten",
    Step.TRAIN,
    say("It behaves like a model whose numbers are overwritten after it was trained."),
    say("Which line sets the model's numbers without learning them?"),
    at_loop,
)
def parameters_overwritten(scene: Scene) -> bool:
    """The last change came behind the last step."""
    path, training = scene.path, scene.training
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
def cell_run_twice(scene: Scene) -> bool:
    """Twice as many updates as the student's own number of epochs says."""
    training = scene.training
    epochs = training.epochs if training is not None else None
    return epochs == scene.recipe.epochs and _rounds(scene) == 2 * scene.recipe.epochs


@rule(
    "stops_early",
    Step.TRAIN,
    say("It behaves like a loop that breaks off before its last round."),
    say("Which line leaves the loop, and when?"),
    at_epochs,
)
def stops_early(scene: Scene) -> bool:
    """Fewer rounds than the student's own number of epochs says."""
    training = scene.training
    epochs = training.epochs if training is not None else None
    short = epochs == scene.recipe.epochs and 0 < _rounds(scene) < scene.recipe.epochs
    return short and scene.breaks_off()


@rule(
    "too_few_epochs",
    Step.TRAIN,
    say("It behaves like a loop with too few rounds."),
    say("Count the rounds: how many does the task ask for?"),
    at_epochs,
)
def too_few_epochs(scene: Scene) -> bool:
    """Fewer rounds than asked."""
    return 0 < _rounds(scene) < scene.recipe.epochs


@rule(
    "too_many_epochs",
    Step.TRAIN,
    say("It behaves like a loop with too many rounds."),
    say("Count the rounds: how many does the task ask for?"),
    at_epochs,
)
def too_many_epochs(scene: Scene) -> bool:
    """More rounds than asked."""
    return _rounds(scene) > scene.recipe.epochs


def _rounds(scene: Scene) -> float:
    """For how many epochs gradients were computed, in a loop that came to its own end."""
    gradients = 0 if Step.TRAIN in scene.stopped else scene.count("BG")
    return gradients / scene.recipe.updates_per_epoch


@rule(
    "losses_are_tensors",
    Step.TRAIN,
    say("It behaves like losses that are written down as tensors, not as plain numbers."),
    say("Print losses[0]: what is there around the number?"),
    at_loop,
)
def losses_are_tensors(scene: Scene) -> bool:
    """Only the list of losses is wrong, and it holds tensors."""
    kept = scene.training.kept_losses if scene.training is not None else None
    return scene.failed == {"train.losses"} and kept is not None and kept.tensors > 0


@rule(
    "losses_not_kept",
    Step.TRAIN,
    say("It behaves like a loop that does not write down the loss of each round."),
    say("Where in the loop is the list to grow, and by what?"),
    at_loop,
)
def losses_not_kept(scene: Scene) -> bool:
    """Only the list of losses is wrong."""
    return scene.failed == {"train.losses"}
