"""Judges cards with pictures: that they are the ones given, kept apart, and dealt in batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.checks.criteria.classification import (
    RAN_AWAY,
    exam_seen,
    made_numbers,
    ran_away,
    scores_of,
    true_accuracy,
)
from grader.checks.criteria.data import wrong_form
from grader.checks.criteria.gradients import made_up
from grader.checks.criteria.missing import unanswered
from grader.checks.criteria.network import losses_at_ends
from grader.checks.criteria.result import (
    GIVEN,
    descends,
    given,
    learned_here,
    not_by_training,
    trained,
)
from grader.checks.judgements import failed, not_assessed, passed
from grader.evidence import DataPart, ModelPart, ResultPart, TrainPart, TransferPart
from grader.language.messages import say
from grader.replay import data_set_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from grader.evidence import Evidence, LoaderSeen, TensorSeen, TrainingSeen
    from grader.models import Judgement
    from grader.recipes.recipe import PicturesRecipe, PicturesTolerances

    Floats = NDArray[np.float64]

# Between luck and knowledge. In lesson 4, 10,000 fresh networks were right on at most 0.765 of the
# exam, and as many trained ones on at least 0.96; `grader calibrate` refuses a lesson in which a
# fresh one comes above this.
FRESH = 0.9
# The same on lesson 4's other drawings, which are easier: of 5,000 fresh networks (25 on each of
# 200 draws) two were right on more than 0.9, none on more than 0.92; trained ones on at least 0.99.
LEARNED = 0.95

Batches = tuple[tuple[int, ...], ...]


def cards_are_given(seen: Evidence, recipe: PicturesRecipe, *, exam: bool = False) -> Judgement:
    """X and y (or the pair for the exam) are the pictures that were given, each with its answer."""
    part = seen.part(DataPart)
    names = ("X_test", "y_test") if exam else ("X", "y")
    X, y = (part.X_test, part.y_test) if exam else (part.X, part.y)
    count = recipe.exam if exam else recipe.cards
    if X is None or y is None:
        return failed(say("There are no `{X}` and `{y}` yet.", X=names[0], y=names[1]))
    for name, value, width in ((names[0], X, recipe.pixels), (names[1], y, 1)):
        if (wrong := wrong_form(seen, name, value, count, width)) is not None:
            return wrong
    pictures, answers = given_cards(part, recipe, exam=exam)
    if pictures is None or answers is None:
        return not_assessed(say("The pictures that came with the notebook could not be seen."))
    places = places_of(X.array().reshape(count, -1), pictures)
    if (places < 0).any():
        return failed(
            say("Some rows of `{name}` are none of the pictures that were given.", name=names[0]),
            actual=say("{count} rows", count=int((places < 0).sum())),
        )
    if len(np.unique(places)) < count:
        return failed(say("Some pictures are there more than once, and others are missing."))
    if not np.array_equal(y.array().reshape(-1), answers[places]):
        return failed(
            say("Some pictures have another animal's answer beside them."),
            hint=say("Look at the first three cards: which animal is it, and what does y say?"),
        )
    return passed()


def given_cards(
    part: DataPart, recipe: PicturesRecipe, *, exam: bool = False
) -> tuple[Floats | None, Floats | None]:
    """The pictures (n, pixels) and answers (n,) that the handout made."""
    names = recipe.given[2:] if exam else recipe.given[:2]
    pictures, answers = (part.given.get(name) for name in names)
    if pictures is None or answers is None:
        return None, None
    if pictures.array().size != recipe.pixels * answers.array().size:
        return None, None
    return pictures.array().reshape(-1, recipe.pixels), answers.array().reshape(-1)


def places_of(rows: Floats, pictures: Floats) -> NDArray[np.int64]:
    """Which picture each row is, -1 for none."""
    known = {picture.astype(np.float32).tobytes(): n for n, picture in enumerate(pictures)}
    found = [known.get(row.astype(np.float32).tobytes(), -1) for row in rows]
    return np.array(found, dtype=np.int64)


def exam_is_kept_back(seen: Evidence, recipe: PicturesRecipe) -> Judgement:
    """The cards for the exam are the given ones, and none of them is practised on."""
    part = seen.part(DataPart)
    if overlap(part, recipe):
        return failed(
            say("Some cards of the exam are among the cards to practise on."),
            hint=say("Who has seen the questions before has an easy exam."),
        )
    return cards_are_given(seen, recipe, exam=True)


def overlap(part: DataPart, recipe: PicturesRecipe) -> int:
    """How many rows of X_test are also rows of X."""
    if part.X is None or part.X_test is None:
        return 0
    X, kept = part.X.array(), part.X_test.array()
    if X.size % recipe.pixels or kept.size % recipe.pixels or not X.size:
        return 0
    rows = kept.reshape(-1, recipe.pixels)
    return int((places_of(rows, X.reshape(-1, recipe.pixels)) >= 0).sum())


def batches_are_dealt(seen: Evidence, recipe: PicturesRecipe) -> Judgement:
    """In every epoch each card is dealt once, in shuffled batches, with its own answer."""
    part = seen.part(DataPart)
    loader = part.loader
    if loader is not None and (part.X is None or part.y is None):
        return failed(say("Without `X` and `y` nobody can tell which cards `loader` deals out."))
    if loader is not None and loader.error is not None:
        return failed(
            say("`loader` cannot deal out your cards: {error}", error=loader.error),
            hint=say("What does the loader have to be handed, and does it hold cards and answers?"),
        )
    epochs = dealt_epochs(seen, recipe)
    if not epochs:
        return failed(say("There is no `loader` that deals out the cards yet."))
    if loader is not None and not answers_beside(loader):
        return failed(say("Some cards are dealt out with the answer of another one."))
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
        return not_assessed(say("`loader` deals out more batches than were looked at."))
    if not shuffled(epochs):
        return failed(
            say("The cards come in the same order in every epoch."),
            hint=say("Deal one epoch twice and compare: which animal comes first?"),
        )
    return passed()


def dealt_epochs(seen: Evidence, recipe: PicturesRecipe) -> tuple[Batches, ...]:
    """The cards of each batch, epoch by epoch: the loader's, else those of the training."""
    loader = seen.part(DataPart).loader
    if loader is not None:
        return tuple(tuple(rows for rows, _ in epoch) for epoch in loader.epochs)
    training = seen.part(TrainPart).training if TrainPart in seen else None
    return _practised(training, recipe) if training is not None else ()


def _practised(training: TrainingSeen, recipe: PicturesRecipe) -> tuple[Batches, ...]:
    epochs: list[Batches] = []
    batches: list[tuple[int, ...]] = []
    for _, shown in training.backwards:
        for number in shown:
            rows = training.batches[number].rows if 0 <= number < len(training.batches) else None
            batches.append(rows or ())
        if sum(map(len, batches)) >= recipe.cards:
            epochs.append(tuple(batches))
            batches = []
    return tuple(epochs)


def answers_beside(loader: LoaderSeen) -> bool:
    """Whether every dealt card has its own answer beside it."""
    return all(beside for epoch in loader.epochs for _, each in epoch for beside in each)


def shuffled(epochs: Sequence[Batches]) -> bool:
    """Whether no two epochs have the same order."""
    orders = [tuple(row for batch in batches for row in batch) for batches in epochs]
    in_order = any(order == tuple(sorted(order)) for order in orders)
    return not in_order and len(set(orders)) == len(orders)


def starts_fresh(seen: Evidence, recipe: PicturesRecipe) -> Judgement:
    """Before training the network cannot tell the exam's cards apart."""
    model = seen.part(ModelPart).model
    if model is None:
        return failed(say("There is no `model` that can be asked for a guess yet."))
    exam = exam_seen(seen, recipe)
    scores = scores_of(model, recipe, exam, made_numbers(seen, model))
    if exam is not None and scores is not None:
        right = float(np.mean((scores > 0) == (exam.y > 0.5)))
        if right > FRESH:
            return failed(
                say("The model knows the answer before its first lesson."),
                hint=say("Let torch choose the first values, and let training find the rest."),
            )
    return passed()


def passes_exam(
    seen: Evidence, recipe: PicturesRecipe, tolerances: PicturesTolerances
) -> Judgement:
    """The trained model is right on as many new cards as honest training makes it."""
    right = true_accuracy(seen, recipe, exam=True)
    if right is None:
        none = say("There is no trained model that can sit the exam.")
        model = seen.part(ResultPart).model if ResultPart in seen else None
        return unanswered(model, none)
    share = say("{share:.3f}", share=right)
    if (otherwise := not_by_training(seen, recipe, share)) is not None:
        return otherwise
    if right >= tolerances.accuracy:
        return passed(share)
    return failed(
        say("On new cards the model is right less often than honest training makes it."),
        expected=say("{share:.3f} or more", share=tolerances.accuracy),
        actual=share,
    )


def loss_comes_down(
    seen: Evidence, recipe: PicturesRecipe, tolerances: PicturesTolerances
) -> Judgement:
    """Over the training, the loss on all cards falls as far as it does in honest training."""
    ratio = loss_left(seen, recipe)
    if ratio is None:
        return failed(say("No loss was computed in the training."))
    share = say("{share:.3g} of the first loss is left", share=ratio)
    if given(seen, recipe):
        return failed(GIVEN, actual=share)
    if not trained(seen, recipe):
        return failed(
            say("The loss is as low as it is for another reason than the training."), actual=share
        )
    if ratio <= tolerances.loss_ratio:
        return passed(share)
    return failed(
        say("The loss does not come down to what these cards allow."),
        expected=say("at most {share:.3g} of the first loss", share=tolerances.loss_ratio),
        actual=share,
    )


def loss_left(seen: Evidence, recipe: PicturesRecipe) -> float | None:
    """The loss on all cards at the end, as a share of that at the beginning."""
    ends = losses_at_ends(seen, recipe)
    return ends[1] / ends[0] if ends is not None else None


def learns_other_pictures(seen: Evidence, recipe: PicturesRecipe) -> Judgement:
    """With other drawings on the cards, the same cells learn to tell those apart."""
    transfer = seen.part(TransferPart)
    if transfer.error is not None:
        # What a student asserts of the lesson's own answers may well stop others.
        if learned_here(seen, recipe):
            return passed()
        return failed(
            say(
                "With other pictures on the cards, the same cells stop: {error}",
                error=transfer.error,
            )
        )
    exam = data_set_of(transfer.X_test, transfer.y_test, recipe.pixels)
    scores = scores_of(transfer.model, recipe, exam)
    if ran_away(transfer.model):
        return failed(RAN_AWAY)
    if exam is None or scores is None or transfer.training is None:
        return not_assessed(say("Learning other pictures could not be watched."))
    if _same(transfer.X, seen.part(DataPart).X):
        if descends(seen, recipe):
            return passed()
        return not_assessed(say("Learning other pictures could not be watched."))
    if made_up(transfer.training) and not descends(seen, recipe):
        return failed(GIVEN)
    right = float(np.mean((scores > 0) == (exam.as_columns().y > 0.5)))
    if right >= LEARNED:
        return passed(say("{share:.3f}", share=right))
    return failed(
        say("With other pictures on the cards, the same cells do not learn to tell them apart."),
        hint=say("Whatever is on the cards has to reach the model through the loader only."),
        actual=say("{share:.3f} of new cards right", share=right),
    )


def _same(one: TensorSeen | None, other: TensorSeen | None) -> bool:
    return one is None or other is None or one.digest == other.digest
