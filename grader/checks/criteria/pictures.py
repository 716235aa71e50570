"""Judges cards with pictures: that they are the given ones, kept apart, and dealt in batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.checks.criteria.data import wrong_form
from grader.checks.criteria.missing import unanswered
from grader.checks.criteria.result import NO_LOSS, loss_comes_down, not_by_training
from grader.checks.criteria.transfer import Learned, Other, learns
from grader.checks.judgements import failed, not_assessed, passed
from grader.evidence import DataPart, ModelPart, ResultPart, TrainPart
from grader.facts.answers import scores_of, share_right
from grader.facts.pictures import answers_beside, given_examples, overlap, places_of, shuffled
from grader.language.messages import say
from grader.models import Step

if TYPE_CHECKING:
    from grader.evidence import TensorSeen
    from grader.facts import Facts
    from grader.facts.transfer import Transfer
    from grader.language.messages import Message
    from grader.models import Judgement
    from grader.recipes.kinds import PicturesRecipe
    from grader.recipes.tolerances import PicturesTolerances

# Between luck and knowledge. In lesson 4, 10,000 fresh networks were right on at most 0.765 of the
# exam, and as many trained ones on at least 0.96; `grader calibrate` refuses a lesson in which a
# fresh one comes above this.
FRESH = 0.9
# The same on lesson 4's other drawings, which are easier: of 5,000 fresh networks (25 on each of
# 200 draws) two were right on more than 0.9, none on more than 0.92; trained ones on at least 0.99.
LEARNED = 0.95
# How torch refuses pictures that are handed to a layer for rows.
DO_NOT_FIT = "shapes cannot be multiplied"
# How it refuses answers that are not laid out as the scores are.
OTHER_SIZE = "must be the same as input size"


def cards_are_given(facts: Facts, recipe: PicturesRecipe, *, exam: bool = False) -> Judgement:
    """X and y (or the pair for the exam) are the pictures that were given, each with its answer."""
    part = facts.part(DataPart)
    names = ("X_test", "y_test") if exam else ("X", "y")
    X, y = (part.X_test, part.y_test) if exam else (part.X, part.y)
    count = recipe.exam if exam else recipe.cards
    if X is None or y is None:
        return failed(say("There are no `{X}` and `{y}` yet.", X=names[0], y=names[1]))
    for name, value, width in ((names[0], X, recipe.pixels), (names[1], y, 1)):
        if (wrong := wrong_form(facts, name, value, count, width)) is not None:
            return wrong
    if len(X.shape) > 2 and facts.code.error_says(Step.TRAIN, DO_NOT_FIT):
        return failed(
            say(
                "`{name}` holds pictures of several rows; your model expects one row.",
                name=names[0],
            ),
            expected=say("shape ({count}, {width})", count=count, width=recipe.pixels),
            actual=say("shape {shape}", shape=str(X.shape)),
        )
    given = given_examples(part, recipe, exam=exam)
    if given is None:
        return not_assessed(say("The pictures that came with the notebook could not be seen."))
    pictures, answers = given
    places = places_of(X.array().reshape(count, -1), pictures)
    if (places < 0).any():
        return failed(
            say("Some rows of `{name}` are not among the pictures that were given.", name=names[0]),
            actual=say("{count} rows", count=int((places < 0).sum())),
        )
    if len(np.unique(places)) < count:
        return failed(say("Some pictures are there more than once, and others are missing."))
    if not np.array_equal(y.array().reshape(-1), answers[places]):
        return failed(
            say("Some pictures have the other animal's answer next to them."),
            hint=say("Look at the first three cards: which animal is it, and what does y say?"),
        )
    return passed()


def exam_is_kept_back(facts: Facts, recipe: PicturesRecipe) -> Judgement:
    """The cards for the exam are the given ones, and none of them is used for practice."""
    part = facts.part(DataPart)
    if overlap(part, recipe):
        return failed(
            say("Some cards of the exam are among the cards to practise on."),
            hint=say("An exam is easy for anyone who has seen the questions before."),
        )
    return cards_are_given(facts, recipe, exam=True)


def batches_are_dealt(facts: Facts, recipe: PicturesRecipe) -> Judgement:
    """In every epoch each card is dealt once, in shuffled batches, with its own answer."""
    part = facts.part(DataPart)
    loader = part.loader
    if loader is not None and (part.X is None or part.y is None):
        return failed(say("Without `X` and `y` nobody can tell which cards `loader` deals out."))
    if loader is not None and loader.error is not None:
        return failed(
            say("`loader` cannot deal out your cards: {error}", error=loader.error),
            hint=say(
                "What has to be handed to the loader, and does that hold both cards and answers?"
            ),
        )
    if (wrong := _in_other_form(facts, part)) is not None:
        return wrong
    epochs = facts.batches
    if not epochs:
        return failed(say("There is no `loader` that deals out the cards yet."))
    if loader is not None and any(min(rows, default=0) < 0 for b in epochs for rows in b):
        return failed(say("`loader` deals out cards that are not among those in `X`."))
    if loader is not None and not answers_beside(loader):
        return failed(say("Some cards are dealt out with the answer of another card."))
    is_cut = loader is not None and loader.is_cut
    for batches in epochs:
        rows = [row for batch in batches for row in batch]
        if len(rows) > recipe.cards:
            return failed(
                say("In one epoch, more cards are dealt out than the lesson has."),
                expected=say("{count} cards", count=recipe.cards),
                actual=say("{count} cards and more", count=len(rows))
                if is_cut
                else say("{count} cards", count=len(rows)),
            )
        if sorted(rows) != list(range(recipe.cards)) and not is_cut:
            return failed(
                say("In one epoch, not every card is dealt out exactly once."),
                expected=say("{count} cards", count=recipe.cards),
                actual=say("{count} cards", count=len({row for row in rows if row >= 0})),
            )
        short = len(batches[-1]) > recipe.batch
        if short or any(len(batch) != recipe.batch for batch in batches[:-1]):
            return failed(
                say("The batches do not have the size that the lesson asks for."),
                expected=say("{count} cards", count=recipe.batch),
                actual=say("{count} cards", count=len(batches[0])),
            )
    if is_cut:
        return not_assessed(say("`loader` deals out more batches than were observed."))
    if not shuffled(epochs):
        return failed(
            say("The cards come in the same order in every epoch."),
            hint=say("Deal one epoch twice and compare: which animal comes first?"),
        )
    return passed()


def _in_other_form(facts: Facts, part: DataPart) -> Judgement | None:
    """Cards that are dealt out in another form than X and y have, where the training stops at it.

    A loop that brings them into form itself is as good.
    """
    loader = part.loader
    if loader is None or not facts.code.error_says(Step.TRAIN, DO_NOT_FIT, OTHER_SIZE):
        return None
    for name, tensor, dealt in (("X", part.X, loader.fronts), ("y", part.y, loader.backs)):
        if tensor is not None and dealt and dealt[1:] != tensor.shape[1:]:
            return failed(
                say("`loader` deals out cards in another form than they have in `{X}`.", X=name),
                expected=say("shape {shape}", shape=str((*dealt[:1], *tensor.shape[1:]))),
                actual=say("shape {shape}", shape=str(dealt)),
            )
    return None


def starts_fresh(facts: Facts) -> Judgement:
    """Before training the network cannot tell the exam's pictures apart."""
    model = facts.part(ModelPart).model
    if model is None:
        return failed(say("There is no `model` that can be asked for a guess yet."))
    scores = scores_of(model, facts.recipe, facts.exam, facts.made_numbers)
    right = share_right(scores, facts.exam)
    if right is not None and right > FRESH:
        return failed(
            say("The model knows the answer before any training."),
            hint=say("Let torch choose the first values, and let training find the rest."),
        )
    return passed()


def passes_exam(facts: Facts, tolerances: PicturesTolerances) -> Judgement:
    """The trained model is right on as many new pictures as honest training makes it."""
    right = facts.exam_accuracy
    if right is None:
        none = say("There is no trained model that can sit the exam.")
        return unanswered(facts.trained_model, none)
    share = say("{share:.3f}", share=right)
    if facts.training is not None and facts.training.leaked:
        return failed(
            say("The model practised on cards of the exam, so the exam says nothing about it."),
            actual=share,
        )
    if (otherwise := not_by_training(facts, share)) is not None:
        return otherwise
    if right >= tolerances.accuracy:
        return passed(share)
    return failed(
        say("On new cards the model is right less often than honest training makes it."),
        expected=say("{share:.3f} or more", share=tolerances.accuracy),
        actual=share,
    )


def loss_falls(facts: Facts, tolerances: PicturesTolerances) -> Judgement:
    """Over the training, the loss on all the data falls as far as it does in honest training."""
    facts.require(DataPart, ResultPart, TrainPart)
    if facts.losses_at_ends is None:
        return failed(NO_LOSS)
    first, last = facts.losses_at_ends
    return loss_comes_down(
        facts,
        say("{share:.3g} times the first loss", share=last / first),
        moved=first != last,
        fell=last < first,
        enough=last / first <= tolerances.loss_ratio,
        expected=say("at most {share:.3g} times the first loss", share=tolerances.loss_ratio),
    )


def learns_other_pictures(facts: Facts) -> Judgement:
    """With other drawings on the cards, the same cells learn to tell those apart."""
    return learns(facts, OTHERS)


def _learned(facts: Facts, transfer: Transfer) -> Learned:
    right = transfer.exam_accuracy
    if right is None:
        return Learned.UNWATCHED
    if _same(transfer.part.X, facts.part(DataPart).X):
        return Learned.UNSHOWN
    return Learned.YES if right >= LEARNED else Learned.NO


def _same(one: TensorSeen | None, other: TensorSeen | None) -> bool:
    return one is None or other is None or one.digest == other.digest


def _reached(transfer: Transfer) -> Message | None:
    right = transfer.exam_accuracy
    return say("{share:.3f}", share=right) if right is not None else None


def _missed(transfer: Transfer) -> Message | None:
    right = transfer.exam_accuracy
    return say("{share:.3f} of new cards right", share=right) if right is not None else None


OTHERS = Other(
    learned=_learned,
    stops=lambda error: say(
        "With other pictures on the cards, the same cells stop: {error}", error=error
    ),
    unwatched=say("Whether your cells learn other pictures could not be observed."),
    not_learned=say(
        "With other pictures on the cards, the same cells do not learn to tell them apart."
    ),
    hint=say("Whatever is on the cards has to reach the model through the loader only."),
    passing=_reached,
    failing=_missed,
)
