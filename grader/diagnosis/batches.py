"""Mistakes with pictures and batches: what is dealt out, and what a round does with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.diagnosis.places import at_epochs, at_event, at_loop, at_y, where_bound
from grader.diagnosis.rule import Rules, only
from grader.facts.pictures import answers_beside, given_examples, overlap, places_of, shuffled
from grader.language.messages import say
from grader.models import Step
from grader.recipes.kinds import PicturesRecipe

if TYPE_CHECKING:
    from grader.facts import Facts
    from grader.facts.hypotheses import Floats


def _recipe(facts: Facts) -> PicturesRecipe:
    return facts.recipe_as(PicturesRecipe)


def _answers(facts: Facts) -> tuple[Floats, Floats] | None:
    """The student's answers and the given ones, card by card, where all cards are given ones."""
    data, recipe = facts.data, _recipe(facts)
    if data.X is None or data.y is None:
        return None
    given = given_examples(data, recipe)
    rows, mine = data.X.array(), data.y.array().reshape(-1)
    if given is None or rows.size != recipe.pixels * len(mine):
        return None
    pictures, answers = given
    places = places_of(rows.reshape(len(mine), -1), pictures)
    return None if (places < 0).any() else (mine, answers[places])


at_loader = where_bound(Step.DATA, "loader")
at_exam = where_bound(Step.DATA, "X_test", "y_test")


of_data = Rules(Step.DATA, at_loader)
of_train = Rules(Step.TRAIN, at_loop)


@of_data(
    "exam_not_kept_back",
    say("It behaves like an exam whose questions were handed out for practice."),
    say("Where do X and X_test come from? Is any card in both piles?"),
    at_exam,
)
def exam_not_kept_back(facts: Facts) -> bool:
    """Cards of the exam are among those for practice."""
    return overlap(facts.data, _recipe(facts)) > 0


@of_data(
    "labels_inverted",
    say("It behaves like cats and dogs that were swapped on the backs of the cards."),
    say("Show one card and its answer: which number did the lesson give to a cat?"),
    at_y,
)
def labels_inverted(facts: Facts) -> bool:
    """Every answer is the opposite of the given one."""
    answers = _answers(facts)
    return answers is not None and bool(np.array_equal(answers[0], 1 - answers[1]))


@of_data(
    "labels_misplaced",
    say("It behaves like pictures and answers that were each put in an order of their own."),
    say("Take the first card and its answer: do they still belong together?"),
    at_y,
)
def labels_misplaced(facts: Facts) -> bool:
    """As many cats as were given, beside other pictures; or so in what the loader deals."""
    answers = _answers(facts)
    if answers is not None and not np.array_equal(*answers):
        return float(answers[0].sum()) == float(answers[1].sum())
    loader = facts.data.loader
    if loader is None or not loader.epochs or deck_incomplete.applies(facts):
        return False
    return not answers_beside(loader)


@of_data(
    "shuffle_missing",
    say("It behaves like cards that are dealt out in the order of the pile, round after round."),
    say("Which animals are in the first batch, and which in the last? What would mix them?"),
    explains=("data.batches",),
)
def shuffle_missing(facts: Facts) -> bool:
    """Two rounds have the same order."""
    epochs = facts.batches
    return len(epochs) > 1 and not shuffled(epochs)


@of_data(
    "batch_size_wrong",
    say("It behaves like a dealer who deals a different number of cards at a time."),
    say("How many cards are in the first batch, and how many does the lesson ask for?"),
    explains=("data.batches",),
)
def batch_size_wrong(facts: Facts) -> bool:
    """The first batch is not of the lesson's size."""
    epochs = facts.batches
    return bool(epochs and epochs[0]) and len(epochs[0][0]) != _recipe(facts).batch


@of_data(
    "deck_incomplete",
    say("It behaves like a dealer who was handed only a part of the cards, or other ones."),
    say("Add up the cards of all batches of one round: how many are there, and how many cards?"),
    explains=("data.batches",),
)
def deck_incomplete(facts: Facts) -> bool:
    """A round does not deal every card exactly once, though no more than there are."""
    recipe = _recipe(facts)
    loader = facts.data.loader
    rows = [row for batch in next(iter(facts.batches), ()) for row in batch]
    seen_whole = loader is None or not loader.is_cut
    few = seen_whole and len(rows) <= recipe.cards
    return few and sorted(rows) != list(range(recipe.cards))


@of_train(
    "one_batch_per_epoch",
    say("It behaves like a round that ends after its first batch."),
    say("Count the steps of one round. How many batches are there to learn from?"),
)
def one_batch_per_epoch(facts: Facts) -> bool:
    """As many gradients as rounds, each from one batch."""
    recipe = _recipe(facts)
    return facts.count("BG") == recipe.epochs and _largest(facts) <= recipe.batch


@of_train(
    "batches_not_used",
    say("It behaves like a loop that shows all cards at once and leaves the dealer idle."),
    say("Who deals the cards in your loop, and how many of them does the model see at a time?"),
    at_event("F"),
    explains=("train.epochs",),
)
def batches_not_used(facts: Facts) -> bool:
    """Every gradient comes from more cards than a batch holds."""
    training = facts.training
    sizes = (
        [len(batch.rows) for batch in training.batches if batch.rows is not None]
        if training is not None
        else []
    )
    return bool(sizes) and min(sizes) > _recipe(facts).batch


def _largest(facts: Facts) -> int:
    training = facts.training
    shown = {n for _, each in training.backwards for n in each} if training is not None else set()
    rows = [training.batches[n].rows for n in shown if n >= 0] if training is not None else []
    return max((len(each) for each in rows if each is not None), default=0)


@of_train(
    "step_once_an_epoch",
    say("It behaves like a loop that changes the model once a round instead of once a batch."),
    say("Look at the indentation: which lines belong to every batch, and which to every round?"),
    at_event("S"),
)
def step_once_an_epoch(facts: Facts) -> bool:
    """Many gradients, and about one step for each round."""
    steps, epochs = facts.count("S"), _recipe(facts).epochs
    return 1 < steps <= epochs and facts.count("B") > 2 * steps


@of_train(
    "zero_grad_once_an_epoch",
    say("It behaves like gradients that are cleared once a round, and pile up over its batches."),
    say("What is still written on the blackboard when the second batch comes?"),
    at_event("Z"),
)
def zero_grad_once_an_epoch(facts: Facts) -> bool:
    """About one clearing for each round, many gradients."""
    cleared, epochs = facts.count("Z"), _recipe(facts).epochs
    piled = epochs - 1 <= cleared <= epochs + 1 and facts.count("B") > 2 * cleared
    return piled and not step_once_an_epoch.applies(facts)


@of_train(
    "losses_of_batches_kept",
    say("It behaves like a list that grows with every batch instead of every round."),
    say("How many numbers are in the list, and how many rounds were there?"),
    at_epochs,
    explains=("train.losses", "train.accuracy"),
    alone=True,
)
def losses_of_batches_kept(facts: Facts) -> bool:
    """As many kept losses as gradients."""
    training, epochs = facts.training, _recipe(facts).epochs
    kept = training.kept_losses if training is not None else None
    return kept is not None and kept.count == facts.count("BG") > epochs


DATA = only(
    PicturesRecipe,
    exam_not_kept_back,
    labels_inverted,
    labels_misplaced,
    deck_incomplete,
    batch_size_wrong,
    shuffle_missing,
)
TRAIN = only(
    PicturesRecipe,
    one_batch_per_epoch,
    batches_not_used,
    step_once_an_epoch,
    zero_grad_once_an_epoch,
    losses_of_batches_kept,
)
