"""Mistakes in how often the loop runs, on what, and in what it leaves behind."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from grader.diagnosis.places import at_epochs, at_event, at_loop
from grader.diagnosis.rule import Cell, Rules, only
from grader.evidence import TrainPart
from grader.facts.hypotheses import squared
from grader.language.messages import say
from grader.models import Step
from grader.recipes.kinds import LineRecipe
from grader.replay import count_updates, data_behind, leaves_cards_out, passes

if TYPE_CHECKING:
    from grader.facts import Facts

MANY_ROUNDS = 50


rule = Rules(Step.TRAIN, at_loop, explains=("train.epochs",), needs=(TrainPart,))
of_updates = replace(rule, explains=("train.follows_descent",), cell=Cell.ANYHOW)
of_losses = replace(rule, explains=("train.losses",))


@of_updates(
    "noise_redrawn_each_epoch",
    say("It behaves like answers that are drawn anew in every round."),
    say("Are the cards handed out once, or again and again?"),
)
def noise_redrawn_each_epoch(facts: Facts) -> bool:
    """y at the end is not the y of the data step, or each update followed other answers."""
    data, result = facts.data, facts.result
    if data.y is None or result.y is None:
        return False
    another = data.y.shape == result.y.shape and not np.allclose(
        data.y.array(), result.y.array(), equal_nan=True
    )
    return another or _answers_waver(facts)


def _answers_waver(facts: Facts) -> bool:
    """Whether the answers used for the updates are higher or lower each time, like noise.

    The mean of n fresh answers spreads by sigma / sqrt(n) about that of the examples, and no round
    depends on the one before. Of 100 rounds, the spread is read to a tenth, their correlation too.
    """
    noise, (before, changes) = facts.recipe_as(LineRecipe).noise, facts.hypotheses.moves
    if facts.columns is None or not noise or len(before) < MANY_ROUNDS:
        return False
    shifts = (
        facts.hypotheses.gradients(squared)[:, 1] + changes[:, 1] / facts.hypotheses.learning_rate
    ) / 2
    if not np.isfinite(shifts).all() or not shifts.std():
        return False
    spread = float(shifts.std()) * np.sqrt(len(facts.columns.X)) / noise
    return 0.6 < spread < 1.5 and abs(float(np.corrcoef(shifts[:-1], shifts[1:])[0, 1])) < 0.4


@rule(
    "trained_on_subset",
    say("It behaves like a loop that shows the pupil only some of the cards."),
    say("Which cards does the model see in one round, and which does it never see?"),
    at_event("F"),
    explains=("train.follows_descent", "train.epochs"),
)
def trained_on_subset(facts: Facts) -> bool:
    """Each round's gradients come from some of the cards, and one round follows the other."""
    training, data_set = facts.training, facts.columns
    if training is None or data_set is None:
        return False
    behind = data_behind(training, data_set)
    dealt = [seen for _, shown in training.backwards if (seen := behind(shown)) is not None]
    if not dealt or len(dealt) < len(training.backwards):
        return False
    if facts.count("BG") > facts.recipe.epochs:
        return leaves_cards_out(dealt, data_set, facts.recipe.epochs)
    return all(len(seen) < len(data_set) for seen in dealt)


@of_updates(
    "parameters_overwritten",
    say("It behaves like a model whose numbers are overwritten after it was trained."),
    say("Which line sets the model's numbers without learning them?"),
)
def parameters_overwritten(facts: Facts) -> bool:
    """The only changes that no step made came after the last step."""
    path, training = facts.path, facts.training
    if path is None or training is None or not training.updates:
        return False
    steps = {tick for tick, _ in training.updates}
    others = [tick for tick in path.ticks[1:] if tick not in steps]
    return bool(others) and min(others) > max(steps)


@rule(
    "cell_run_twice",
    say("It behaves like a loop that was run twice."),
    say("Does the same loop appear in the notebook, or in the cell, a second time?"),
    at_epochs,
)
def cell_run_twice(facts: Facts) -> bool:
    """Twice as often through the cards as the student's own number of epochs says."""
    training, twice = facts.training, 2 * facts.recipe.epochs
    if training is None or training.epochs != facts.recipe.epochs:
        return False
    changes, passed = _rounds(facts)
    return changes >= twice and bool(np.isclose(passed, twice))


@rule(
    "stops_early",
    say("It behaves like a loop that breaks off before its last round."),
    say("Which line leaves the loop, and when?"),
    at_epochs,
)
def stops_early(facts: Facts) -> bool:
    """Fewer rounds than the student's own number of epochs says."""
    training = facts.training
    epochs = training.epochs if training is not None else None
    kept = training.kept_losses if training is not None else None
    if kept is not None and kept.count == facts.recipe.epochs:
        return False
    return epochs == facts.recipe.epochs and _too_few(facts) and facts.code.breaks_off()


@rule(
    "too_few_epochs",
    say("It behaves like a training in which the model changes too few times."),
    say("Count the rounds in which it changes: how many does the task ask for?"),
    at_epochs,
)
def too_few_epochs(facts: Facts) -> bool:
    """Fewer rounds than asked."""
    return _too_few(facts)


def _too_few(facts: Facts) -> bool:
    return 0 < max(_rounds(facts)) < facts.recipe.epochs


@rule(
    "too_many_epochs",
    say("It behaves like a training in which the model changes too many times."),
    say("Count the rounds in which it changes: how many does the task ask for?"),
    at_epochs,
)
def too_many_epochs(facts: Facts) -> bool:
    """More rounds than asked."""
    return min(_rounds(facts)) > facts.recipe.epochs


def _rounds(facts: Facts) -> tuple[float, float]:
    """For how many epochs a loop that came to its own end changed the model, and used the cards.

    Neither is known by the other: of five batches, four may have been wiped away before the step.
    """
    training, data_set = facts.training, facts.data_set
    if training is None or Step.TRAIN in facts.code.stopped or not training.gradients:
        return 0.0, 0.0
    changes = count_updates(training) / facts.recipe.updates_per_epoch
    return changes, changes if data_set is None else passes(training, data_set)


@of_losses(
    "losses_are_tensors",
    say("It behaves like losses that are written down as tensors, not as plain numbers."),
    say("Print losses[0]: what is there around the number?"),
    alone=True,
)
def losses_are_tensors(facts: Facts) -> bool:
    """Only the list of losses is wrong, and it holds tensors."""
    kept = facts.training.kept_losses if facts.training is not None else None
    return kept is not None and kept.tensors > 0


@of_losses(
    "losses_not_kept",
    say("It behaves like a loop that does not write down the loss of each round."),
    say("Where in the loop should the list grow, and by what?"),
    alone=True,
)
def losses_not_kept(facts: Facts) -> bool:
    """No list, or one of another length."""
    kept = facts.training.kept_losses if facts.training is not None else None
    if kept is None:
        return not facts.code.appends(Step.TRAIN, "losses")
    return kept.count != facts.recipe.epochs


@of_losses(
    "losses_not_numbers",
    say("It behaves like a list that holds something other than plain numbers."),
    say("Print losses[0] and its type: can one calculate with it?"),
    alone=True,
)
def losses_not_numbers(facts: Facts) -> bool:
    """`losses` grows, and is no list of numbers; a function may have another list of that name."""
    kept = facts.training.kept_losses if facts.training is not None else None
    grows = facts.code.appends(Step.TRAIN, "losses")
    return kept is None and grows and not facts.code.contains(Step.TRAIN, ast.FunctionDef)


@of_losses(
    "losses_of_something_else",
    say("It behaves like a list of numbers other than the loss of each round."),
    say("Print losses[0], and the loss of the first round beside it: what was written down?"),
    alone=True,
)
def losses_of_something_else(facts: Facts) -> bool:
    """As many numbers as rounds, and not the losses."""
    kept = facts.training.kept_losses if facts.training is not None else None
    return kept is not None and kept.count == facts.recipe.epochs


# How the updates went, asked with their direction.
ON_WHAT = (trained_on_subset, parameters_overwritten)
RULES = (
    *only(LineRecipe, noise_redrawn_each_epoch),
    losses_are_tensors,
    losses_not_kept,
    losses_not_numbers,
    losses_of_something_else,
    cell_run_twice,
    stops_early,
    too_few_epochs,
    too_many_epochs,
)
