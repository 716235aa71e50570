"""Mistakes with pictures and batches: what is dealt out, and what a round does with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.checks.criteria.pictures import (
    answers_beside,
    dealt_epochs,
    given_cards,
    overlap,
    places_of,
    shuffled,
)
from grader.diagnosis.rule import rule
from grader.diagnosis.training.places import at, at_epochs, at_loop
from grader.language.messages import say
from grader.models import Step
from grader.recipes.recipe import PicturesRecipe

if TYPE_CHECKING:
    from grader.diagnosis.facts import Facts, Floats
    from grader.diagnosis.rule import Place


def _recipe(facts: Facts) -> PicturesRecipe:
    if not isinstance(facts.recipe, PicturesRecipe):
        raise TypeError("a rule about pictures was asked of another lesson")
    return facts.recipe


def _at_loader(facts: Facts) -> Place:
    return facts.binding_place(Step.DATA, "loader")


def _at_y(facts: Facts) -> Place:
    return facts.binding_place(Step.DATA, "y")


def _at_exam(facts: Facts) -> Place:
    return facts.binding_place(Step.DATA, "X_test", "y_test")


def _answers(facts: Facts) -> tuple[Floats, Floats] | None:
    """The student's answers and the given ones, card by card, where all cards are given ones."""
    data, recipe = facts.data, _recipe(facts)
    if data is None or data.X is None or data.y is None or "data.cards" not in facts.failed:
        return None
    pictures, answers = given_cards(data, recipe)
    rows, mine = data.X.array(), data.y.array().reshape(-1)
    if pictures is None or answers is None or rows.size != recipe.pixels * len(mine):
        return None
    places = places_of(rows.reshape(len(mine), -1), pictures)
    return None if (places < 0).any() else (mine, answers[places])


@rule(
    "exam_not_kept_back",
    Step.DATA,
    say("It behaves like an exam whose questions were handed out for practice."),
    say("Where do X and X_test come from? Is any card in both piles?"),
    _at_exam,
)
def exam_not_kept_back(facts: Facts) -> bool:
    """Cards of the exam are among those for practice."""
    return facts.data is not None and overlap(facts.data, _recipe(facts)) > 0


@rule(
    "labels_inverted",
    Step.DATA,
    say("It behaves like cats and dogs that changed places on the backs of the cards."),
    say("Show one card and its answer: which number did the lesson give to a cat?"),
    _at_y,
)
def labels_inverted(facts: Facts) -> bool:
    """Every answer is the opposite of the given one."""
    answers = _answers(facts)
    return answers is not None and bool(np.array_equal(answers[0], 1 - answers[1]))


@rule(
    "labels_misplaced",
    Step.DATA,
    say("It behaves like pictures and answers that were put in another order, each by itself."),
    say("Take the first card and its answer: do they still belong together?"),
    _at_y,
)
def labels_misplaced(facts: Facts) -> bool:
    """As many cats as were given, beside other pictures; or so in what the loader deals."""
    answers = _answers(facts)
    if answers is not None:
        same, many = np.array_equal(*answers), float(answers[0].sum() - answers[1].sum())
        return not same and many == 0
    loader = facts.data.loader if facts.data is not None else None
    whole = loader is not None and not deck_incomplete.applies(facts)
    return whole and loader is not None and bool(loader.epochs) and not answers_beside(loader)


@rule(
    "shuffle_missing",
    Step.DATA,
    say("It behaves like cards that are dealt out in the order of the pile, round after round."),
    say("Which animals are in the first batch, and which in the last? What would mix them?"),
    _at_loader,
)
def shuffle_missing(facts: Facts) -> bool:
    """Two rounds have the same order."""
    epochs = dealt_epochs(facts.seen, _recipe(facts))
    return "data.batches" in facts.failed and len(epochs) > 1 and not shuffled(epochs)


@rule(
    "batch_size_wrong",
    Step.DATA,
    say("It behaves like a dealer who deals another number of cards at a time."),
    say("How many cards are in the first batch, and how many does the lesson ask for?"),
    _at_loader,
)
def batch_size_wrong(facts: Facts) -> bool:
    """The first batch is not of the lesson's size."""
    recipe = _recipe(facts)
    epochs = dealt_epochs(facts.seen, recipe)
    dealt = "data.batches" in facts.failed and bool(epochs) and bool(epochs[0])
    return dealt and len(epochs[0][0]) != recipe.batch


@rule(
    "deck_incomplete",
    Step.DATA,
    say("It behaves like a dealer who was handed only a part of the cards, or other ones."),
    say("Add up the cards of all batches of one round: how many are there, and how many cards?"),
    _at_loader,
)
def deck_incomplete(facts: Facts) -> bool:
    """A round does not deal every card exactly once, though no more than there are."""
    recipe = _recipe(facts)
    loader = facts.data.loader if facts.data is not None else None
    rows = [row for batch in next(iter(dealt_epochs(facts.seen, recipe)), ()) for row in batch]
    seen_whole = loader is None or not loader.is_cut
    few = seen_whole and len(rows) <= recipe.cards
    return "data.batches" in facts.failed and few and sorted(rows) != list(range(recipe.cards))


@rule(
    "one_batch_per_epoch",
    Step.TRAIN,
    say("It behaves like a round that ends after its first batch."),
    say("Count the steps of one round. How many batches are there to learn from?"),
    at_loop,
)
def one_batch_per_epoch(facts: Facts) -> bool:
    """As many gradients as rounds, each from one batch."""
    recipe = _recipe(facts)
    return facts.count("BG") == recipe.epochs and _largest(facts) <= recipe.batch


@rule(
    "batches_not_used",
    Step.TRAIN,
    say("It behaves like a loop that shows all cards at once and leaves the dealer idle."),
    say("Who deals the cards in your loop, and how many of them does the model see at a time?"),
    at("F"),
)
def batches_not_used(facts: Facts) -> bool:
    """Every gradient comes from more cards than a batch holds."""
    training = facts.training
    sizes = (
        [len(batch.rows) for batch in training.batches if batch.rows is not None]
        if training is not None
        else []
    )
    return "train.epochs" in facts.failed and bool(sizes) and min(sizes) > _recipe(facts).batch


def _largest(facts: Facts) -> int:
    training = facts.training
    shown = {n for _, each in training.backwards for n in each} if training is not None else set()
    rows = [training.batches[n].rows for n in shown if n >= 0] if training is not None else []
    return max((len(each) for each in rows if each is not None), default=0)


@rule(
    "step_once_an_epoch",
    Step.TRAIN,
    say("It behaves like a loop that changes the model once a round instead of once a batch."),
    say("Look at the indentation: which lines belong to every batch, and which to every round?"),
    at("S"),
)
def step_once_an_epoch(facts: Facts) -> bool:
    """Many gradients, and about one step for each round."""
    steps, epochs = facts.count("S"), _recipe(facts).epochs
    return 1 < steps <= epochs and facts.count("B") > 2 * steps


@rule(
    "zero_grad_once_an_epoch",
    Step.TRAIN,
    say("It behaves like gradients that are cleared once a round, and pile up over its batches."),
    say("What is still written on the blackboard when the second batch comes?"),
    at("Z"),
)
def zero_grad_once_an_epoch(facts: Facts) -> bool:
    """About one clearing for each round, many gradients."""
    cleared, epochs = facts.count("Z"), _recipe(facts).epochs
    piled = epochs - 1 <= cleared <= epochs + 1 and facts.count("B") > 2 * cleared
    return piled and not step_once_an_epoch.applies(facts)


@rule(
    "losses_of_batches_kept",
    Step.TRAIN,
    say("It behaves like a list that grows with every batch instead of every round."),
    say("How many numbers are in the list, and how many rounds were there?"),
    at_epochs,
)
def losses_of_batches_kept(facts: Facts) -> bool:
    """As many kept losses as gradients."""
    training, epochs = facts.training, _recipe(facts).epochs
    kept = training.kept_losses if training is not None else None
    many = kept is not None and kept.count == facts.count("BG") > epochs
    return many and facts.failed <= {"train.losses", "train.accuracy"}


DATA = (
    exam_not_kept_back,
    labels_inverted,
    labels_misplaced,
    deck_incomplete,
    batch_size_wrong,
    shuffle_missing,
)
TRAIN = (
    one_batch_per_epoch,
    batches_not_used,
    step_once_an_epoch,
    zero_grad_once_an_epoch,
    losses_of_batches_kept,
)
