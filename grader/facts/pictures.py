"""Which of a lesson's pictures a student's rows are, and in which batches they are dealt out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.recipes.kinds import PicturesRecipe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from grader.evidence import DataPart, LoaderSeen, TrainingSeen
    from grader.facts.facts import Facts
    from grader.models.arrays import Floats

    # The rows of X in each batch of an epoch, -1 for one that is no row of X.
    Batches = tuple[tuple[int, ...], ...]


def given_examples(
    part: DataPart, recipe: PicturesRecipe, *, exam: bool = False
) -> tuple[Floats, Floats] | None:
    """The pictures (n, pixels) and answers (n,) that the handout made; None where not seen."""
    names = recipe.given[2:] if exam else recipe.given[:2]
    pictures, answers = (part.given.get(name) for name in names)
    if pictures is None or answers is None:
        return None
    if pictures.array().size != recipe.pixels * answers.array().size:
        return None
    return pictures.array().reshape(-1, recipe.pixels), answers.array().reshape(-1)


def places_of(rows: Floats, pictures: Floats) -> NDArray[np.int64]:
    """Which picture each row is, -1 for none."""
    known = {picture.astype(np.float32).tobytes(): n for n, picture in enumerate(pictures)}
    found = [known.get(row.astype(np.float32).tobytes(), -1) for row in rows]
    return np.array(found, dtype=np.int64)


def overlap(part: DataPart, recipe: PicturesRecipe) -> int:
    """How many rows of X_test are also rows of X."""
    if part.X is None or part.X_test is None:
        return 0
    X, kept = part.X.array(), part.X_test.array()
    if X.size % recipe.pixels or kept.size % recipe.pixels or not X.size:
        return 0
    rows = kept.reshape(-1, recipe.pixels)
    return int((places_of(rows, X.reshape(-1, recipe.pixels)) >= 0).sum())


def batches(facts: Facts) -> tuple[Batches, ...]:
    """The rows of each batch, epoch by epoch: the loader's, else those of the training."""
    loader = facts.data.loader
    if loader is not None:
        return tuple(tuple(rows for rows, _ in epoch) for epoch in loader.epochs)
    training, recipe = facts.training, facts.recipe
    if training is None or not isinstance(recipe, PicturesRecipe):
        return ()
    return _trained_on(training, recipe)


def repeats_its_batches(facts: Facts) -> bool:
    """Whether the training went through the same batches again, though the loader shuffles."""
    loader, training, recipe = facts.data.loader, facts.training, facts.recipe
    if loader is None or training is None or not isinstance(recipe, PicturesRecipe):
        return False
    epochs = _trained_on(training, recipe)
    return shuffled(facts.batches) and len(set(epochs)) < len(epochs)


def _trained_on(training: TrainingSeen, recipe: PicturesRecipe) -> tuple[Batches, ...]:
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
    """Whether every example that is dealt has its own answer beside it."""
    return all(beside for epoch in loader.epochs for _, each in epoch for beside in each)


def shuffled(epochs: Sequence[Batches]) -> bool:
    """Whether no two epochs have the same order."""
    orders = [tuple(row for batch in batches for row in batch) for batches in epochs]
    in_order = any(order == tuple(sorted(order)) for order in orders)
    return not in_order and len(set(orders)) == len(orders)
