from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.judging.figures.run import figures_of
from grader.recipes.recipe import Grid, LineRecipe
from grader.replay import DataSet, Descent, descend
from tests.answers_factory import (
    EXAM,
    LINE,
    NUMBERS,
    PICTURES,
    THRESHOLD,
    picture_parts,
    practise,
    right_share,
    threshold_parts,
    walk,
)
from tests.answers_factory import START as LINE_START
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
    assert figures_of(evidence(train_part(training)), RECIPE).losses == (3.0, 2.0)


def test_without_a_list_the_recorded_losses_are_shown() -> None:
    training = training_seen(descend(START, CARDS, HOW, EPOCHS))
    told = figures_of(evidence(train_part(without_list(training))), RECIPE)
    assert told.losses == tuple(value for _, value in training.losses)


def test_without_a_list_the_batches_of_an_epoch_are_one_loss() -> None:
    rows = [(0, 1), (2, 3), (4,)] * EPOCHS
    states = descend(START, CARDS, Descent(0.001), len(rows))
    training = training_seen(states, shown=rows)
    told = figures_of(evidence(train_part(without_list(training))), RECIPE)
    recorded = np.array([value for _, value in training.losses]).reshape(EPOCHS, 3)
    np.testing.assert_allclose(told.losses, recorded.mean(axis=1))


def test_a_boundary_is_told_with_the_cards_it_gets_wrong_and_the_loss_it_leaves() -> None:
    answers = figures_of(threshold_parts(), THRESHOLD).answers
    assert answers is not None
    assert answers.after is not None
    assert answers.after.boundary is not None
    assert 0 < answers.after.boundary < 0.11
    assert (answers.wrong, answers.exam) == (0, 50)
    assert figures_of(threshold_parts(), THRESHOLD).updates == 100
    assert answers.loss is not None
    assert 0.05 < answers.loss < 0.057


def test_swapped_answers_leave_no_boundary_and_no_card_right() -> None:
    swapped = DataSet(NUMBERS.X, 1 - NUMBERS.y)
    training = walk(LINE, LINE_START, swapped, [range(50)] * THRESHOLD.epochs)
    answers = figures_of(threshold_parts(training=training), THRESHOLD).answers
    assert answers is not None
    assert answers.after is not None
    assert answers.after.boundary is None
    assert answers.wrong == 50


def test_an_exam_is_told_by_its_wrong_cards_first() -> None:
    training = practise(order="FLB")
    answers = figures_of(picture_parts(training=training), PICTURES).answers
    assert answers is not None
    assert answers.exam == 20
    assert 1 - answers.wrong / 20 == right_share(training[1], EXAM)
    assert [card.right for card in answers.pictures] == sorted(c.right for c in answers.pictures)
    assert answers.loss is None
