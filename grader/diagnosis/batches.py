"""Mistakes with pictures and batches: what is dealt out, and what a round does with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.diagnosis.places import at_epochs, at_event, at_loop, at_y, where_bound
from grader.diagnosis.rule import Cell, Rules, only
from grader.evidence import DataPart, TrainPart
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


of_cards = Rules(Step.DATA, at_y, explains=("data.cards", "data.exam"), needs=(DataPart,))
of_exam = Rules(Step.DATA, at_exam, explains=("data.exam",), needs=(DataPart,))
of_dealing = Rules(Step.DATA, at_loader, explains=("data.batches",), needs=(DataPart,))
of_train = Rules(
    Step.TRAIN, at_loop, explains=("train.follows_descent", "train.epochs"), needs=(TrainPart,)
)


@of_exam(
    "exam_not_kept_back",
    say("It behaves like an exam whose questions were handed out for practice."),
    say("Where do X and X_test come from? Is any card in both piles?"),
    at_exam,
)
def exam_not_kept_back(facts: Facts) -> bool:
    """Cards of the exam are among those for practice."""
    return overlap(facts.data, _recipe(facts)) > 0


@of_cards(
    "pictures_not_flattened",
    say("It behaves like pictures that are still pictures, where the model expects rows of dots."),
    say("Print X.shape: how many numbers does the first layer want from each card, in one row?"),
    where_bound(Step.DATA, "X", "X_test"),
)
def pictures_not_flattened(facts: Facts) -> bool:
    """X or X_test has more than two dimensions."""
    tensors = (facts.data.X, facts.data.X_test)
    return any(tensor is not None and len(tensor.shape) > 2 for tensor in tensors)


@of_cards(
    "cards_rescaled",
    say("It behaves like the given pictures with every dot brightened, darkened or rescaled."),
    say("Print X.min() and X.max(), and the same of the pictures: what changes them?"),
    where_bound(Step.DATA, "X", "X_test"),
)
def pictures_rescaled(facts: Facts) -> bool:
    """The given pictures, multiplied and moved by one number or by one for each dot."""
    recipe, data = _recipe(facts), facts.data
    for exam, tensor in ((False, data.X), (True, data.X_test)):
        given = given_examples(data, recipe, exam=exam)
        if given is not None and tensor is not None and _rescaled(tensor.array(), given[0]):
            return True
    return False


def _rescaled(mine: Floats, given: Floats) -> bool:
    if mine.size != given.size or not np.isfinite(mine).all():
        return False
    mine = mine.reshape(given.shape)
    if np.allclose(mine, given, atol=1e-5):
        return False
    # Each dot by itself: then it does not matter whether all dots share one mean and spread.
    off, due = mine - mine.mean(axis=0), given - given.mean(axis=0)
    size = (due**2).sum(axis=0)
    slope = np.divide((off * due).sum(axis=0), size, out=np.zeros_like(size), where=size > 0)
    near = np.abs(off - slope * due).max() <= 1e-3 * max(1.0, float(np.abs(mine).max()))
    return bool(near and (slope[size > 0] > 0).all())


@of_cards(
    "labels_inverted",
    say("It behaves like cats and dogs that were swapped on the backs of the cards."),
    say("Show one card and its answer: which number did the lesson give to a cat?"),
)
def labels_inverted(facts: Facts) -> bool:
    """Every answer is the opposite of the given one."""
    answers = _answers(facts)
    return answers is not None and bool(np.array_equal(answers[0], 1 - answers[1]))


@of_cards(
    "labels_misplaced",
    say("It behaves like pictures and answers that were each put in an order of their own."),
    say("Take the first card and its answer: do they still belong together?"),
    explains=("data.cards", "data.exam", "data.batches"),
)
def labels_misplaced(facts: Facts) -> bool:
    """As many cats as were given, beside other pictures; or so in what the loader deals."""
    answers = _answers(facts)
    if answers is not None and not np.array_equal(*answers):
        return float(answers[0].sum()) == float(answers[1].sum())
    loader = facts.data.loader
    if loader is None or not loader.epochs or _others_dealt(facts):
        return False
    return not answers_beside(loader)


def _others_dealt(facts: Facts) -> int:
    """How many of the cards of a round are not among X."""
    dealt = next(iter(facts.batches), ())
    return sum(row < 0 for batch in dealt for row in batch)


@of_dealing(
    "loader_without_answers",
    say("It behaves like a dealer who was handed fronts without backs."),
    say("Take the first thing that the loader deals out: is there an answer beside the cards?"),
)
def loader_without_answers(facts: Facts) -> bool:
    """A batch is not a pair."""
    loader = facts.data.loader
    return loader is not None and "values to unpack" in (loader.error or "")


@of_dealing(
    "exam_dealt",
    say("It behaves like a dealer who deals out the cards of the exam for practice."),
    say("Which cards were handed to the loader? Which should the pupil not see before the exam?"),
)
def exam_dealt(facts: Facts) -> bool:
    """Cards of X_test are in the loader's batches."""
    loader = facts.data.loader
    return loader is not None and loader.of_exam > 0


@of_dealing(
    "shuffle_missing",
    say("It behaves like cards that are dealt out in the order of the pile, round after round."),
    say("Which animals are in the first batch, and which in the last? What would mix them?"),
)
def shuffle_missing(facts: Facts) -> bool:
    """Two rounds have the same order."""
    epochs = facts.batches
    return len(epochs) > 1 and not shuffled(epochs)


@of_dealing(
    "batch_size_wrong",
    say("It behaves like a dealer who deals a different number of cards at a time."),
    say("How many cards are in the first batch, and how many does the lesson ask for?"),
)
def batch_size_wrong(facts: Facts) -> bool:
    """The first batch is not of the lesson's size."""
    epochs = facts.batches
    return bool(epochs and epochs[0]) and len(epochs[0][0]) != _recipe(facts).batch


@of_dealing(
    "deck_incomplete",
    say("It behaves like a dealer who was handed only a part of the cards, or other ones."),
    say("Add up the cards of all batches of one round: how many are there, and how many cards?"),
)
def deck_incomplete(facts: Facts) -> bool:
    """A round does not deal every card exactly once, though no more than there are."""
    recipe = _recipe(facts)
    loader = facts.data.loader
    rows = [row for batch in next(iter(facts.batches), ()) for row in batch]
    seen_whole = loader is None or not (loader.is_cut or loader.error)
    few = seen_whole and len(rows) <= recipe.cards
    return few and sorted(rows) != list(range(recipe.cards))


@of_train(
    "trained_on_exam",
    say("It behaves like a loop that practises on the cards of the exam."),
    say("Which cards lead to a step in your loop? Which should the pupil not see before the exam?"),
    at_event("B"),
    cell=Cell.ANYHOW,
)
def trained_on_exam(facts: Facts) -> bool:
    """Gradients came from cards of X_test."""
    return facts.training is not None and facts.training.leaked > 0


@of_train(
    "one_batch_per_epoch",
    say("It behaves like a round that ends after its first batch."),
    say("Count the steps of one round. How many batches are there to learn from?"),
)
def one_batch_per_epoch(facts: Facts) -> bool:
    """As many gradients as rounds, each from one batch, and no other batch was guessed at."""
    recipe = _recipe(facts)
    once = facts.count("BG") == recipe.epochs and _largest(facts) <= recipe.batch
    return once and 0 < facts.count("F") <= 2 * recipe.epochs


@of_train(
    "batches_not_used",
    say("It behaves like a loop that shows all cards at once and leaves the dealer idle."),
    say("Who deals the cards in your loop, and how many of them does the model see at a time?"),
    at_event("F"),
    explains=("train.epochs",),
)
def batches_not_used(facts: Facts) -> bool:
    """Every gradient comes from more cards than a batch holds."""
    return min(_sizes(facts), default=0) > _recipe(facts).batch


def _sizes(facts: Facts) -> list[int]:
    """How many cards are behind each gradient, where that is known."""
    training = facts.training
    if training is None:
        return []
    shown = [training.batches[n].rows for _, each in training.backwards for n in each if n >= 0]
    return [len(rows) for rows in shown if rows is not None]


def _largest(facts: Facts) -> int:
    return max(_sizes(facts), default=0)


@of_train(
    "round_incomplete",
    say("It behaves like rounds that leave out some of the cards."),
    say("Add up the cards of one round: how many does the pupil see, and how many are there?"),
    explains=("train.epochs",),
)
def round_incomplete(facts: Facts) -> bool:
    """All rounds were made, of several batches each, and too few cards are behind the gradients."""
    training, recipe = facts.training, _recipe(facts)
    kept = training.kept_losses if training is not None else None
    batches = facts.count("BG") / recipe.epochs
    if kept is None or kept.count != recipe.epochs or not 1 < batches < recipe.updates_per_epoch:
        return False
    # What other models were shown is not counted.
    if facts.count("b"):
        return False
    sizes = _sizes(facts)
    return len(sizes) == facts.count("BG") and sum(sizes) < recipe.cards * recipe.epochs


@of_train(
    "step_once_an_epoch",
    say("It behaves like a loop that changes the model once a round instead of once a batch."),
    say("Look at the indentation: which lines belong to every batch, and which to every round?"),
    at_event("S"),
)
def step_once_an_epoch(facts: Facts) -> bool:
    """Many gradients, or guesses, and about one step for each round."""
    steps, epochs = facts.count("S"), _recipe(facts).epochs
    # Besides the batches, a round may guess at all cards, and at the exam.
    return 1 < steps <= epochs and (facts.count("B") > 2 * steps or facts.count("F") > 4 * steps)


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
    training, epochs = facts.training, facts.recipe.epochs
    kept = training.kept_losses if training is not None else None
    return kept is not None and kept.count == facts.count("BG") > epochs


DATA = only(
    PicturesRecipe,
    exam_not_kept_back,
    pictures_not_flattened,
    pictures_rescaled,
    labels_inverted,
    labels_misplaced,
    loader_without_answers,
    exam_dealt,
    deck_incomplete,
    batch_size_wrong,
    shuffle_missing,
)
TRAIN = (
    *only(
        PicturesRecipe,
        trained_on_exam,
        one_batch_per_epoch,
        batches_not_used,
        round_incomplete,
        step_once_an_epoch,
        zero_grad_once_an_epoch,
    ),
    losses_of_batches_kept,
)
