from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.judging.story import story_of
from grader.recipe import Grid, LineRecipe
from grader.replay import Descent, descend
from tests.evidence_factory import (
    CARDS,
    EPOCHS,
    HOW,
    START,
    evidence,
    losses_kept,
    train_part,
    training_seen,
)

if TYPE_CHECKING:
    from grader.evidence import TrainingSeen


RECIPE = LineRecipe(
    w=2, b=1, epochs=EPOCHS, learning_rate=0.01, inputs=Grid(start=0, stop=5, step=1)
)


def without_list(training: TrainingSeen) -> TrainingSeen:
    return training.model_copy(update={"kept_losses": None})


def test_the_chart_shows_the_students_own_list() -> None:
    training = training_seen(
        descend(START, CARDS, HOW, EPOCHS), kept_losses=losses_kept([3.0, 2.0])
    )
    assert story_of(evidence(train_part(training)), RECIPE).losses == (3.0, 2.0)


def test_without_a_list_the_recorded_losses_are_shown() -> None:
    training = training_seen(descend(START, CARDS, HOW, EPOCHS))
    told = story_of(evidence(train_part(without_list(training))), RECIPE)
    assert told.losses == tuple(value for _, value in training.losses)


def test_without_a_list_the_batches_of_an_epoch_are_one_loss() -> None:
    rows = [(0, 1), (2, 3), (4,)] * EPOCHS
    states = descend(START, CARDS, Descent(0.001), len(rows))
    training = training_seen(states, shown=rows)
    told = story_of(evidence(train_part(without_list(training))), RECIPE)
    recorded = np.array([value for _, value in training.losses]).reshape(EPOCHS, 3)
    np.testing.assert_allclose(told.losses, recorded.mean(axis=1))
