from __future__ import annotations

import numpy as np
import pytest

from grader.checks.criteria.classification import counts_right_answers, gives_scores
from grader.checks.criteria.network import has_size
from grader.checks.criteria.pictures import (
    batches_are_dealt,
    cards_are_given,
    exam_is_kept_back,
    learns_other_pictures,
    loss_falls,
    passes_exam,
    starts_fresh,
)
from grader.checks.criteria.training import follows_descent, goes_through_data, keeps_losses
from grader.evidence import ModelPart, TransferPart
from grader.models import Verdict
from grader.recipes.tolerances import PicturesTolerances
from grader.replay import DataSet
from tests.answers_factory import (
    EXAM,
    NETWORK_START,
    PICTURES,
    PRACTICE,
    data_of_pictures,
    network_model,
    picture_facts,
    practise,
    right_share,
    shuffled_rows,
)

PASSED, FAILED = Verdict.PASSED, Verdict.FAILED
TOLERANCES = PicturesTolerances(false_fail=3e-4, draws=10_000, accuracy=0.85, loss_ratio=0.6)
IN_ORDER = [tuple(range(first, min(first + 16, 40))) for first in range(0, 40, 16)]


def test_an_honest_lesson_is_right_in_everything() -> None:
    seen = picture_facts()
    for judgement in (
        cards_are_given(seen, PICTURES),
        exam_is_kept_back(seen, PICTURES),
        batches_are_dealt(seen, PICTURES),
        has_size(seen, PICTURES),
        gives_scores(seen),
        starts_fresh(seen),
        follows_descent(seen),
        goes_through_data(seen),
        keeps_losses(seen),
        counts_right_answers(seen, exam=True),
        passes_exam(seen, TOLERANCES),
        loss_falls(seen, TOLERANCES),
        learns_other_pictures(seen),
    ):
        assert judgement.verdict is PASSED, judgement


# ---- the cards ---------------------------------------------------------------------------------


def test_cards_in_another_order_are_right_if_their_answers_go_along() -> None:
    order = np.random.default_rng(3).permutation(40)
    moved = data_of_pictures(DataSet(PRACTICE.X[order], PRACTICE.y[order]))
    assert cards_are_given(picture_facts(moved), PICTURES).verdict is PASSED


@pytest.mark.parametrize(
    "data_set",
    [
        DataSet(PRACTICE.X, 1 - PRACTICE.y),
        DataSet(PRACTICE.X, np.roll(PRACTICE.y, 7, axis=0)),
        DataSet(PRACTICE.X + 0.5, PRACTICE.y),
        DataSet(np.repeat(PRACTICE.X[:20], 2, axis=0), np.ones((40, 1))),
        DataSet(PRACTICE.X[:30], PRACTICE.y[:30]),
    ],
    ids=["inverted", "misplaced", "other dots", "twice", "too few"],
)
def test_other_cards_than_the_given_ones_are_wrong(data_set: DataSet) -> None:
    assert cards_are_given(picture_facts(data_of_pictures(data_set)), PICTURES).verdict is FAILED


def test_an_exam_about_cards_for_practice_is_not_kept_back() -> None:
    same = data_of_pictures(exam=DataSet(PRACTICE.X[:20], PRACTICE.y[:20]))
    assert exam_is_kept_back(picture_facts(same), PICTURES).verdict is FAILED


@pytest.mark.parametrize(
    "rows",
    [
        [IN_ORDER, IN_ORDER],
        [shuffled_rows(1), shuffled_rows(1)],
        [shuffled_rows(2, size=8)[:5], shuffled_rows(2, size=8)[5:]],
        [shuffled_rows(2, count=30)[:2], shuffled_rows(2, count=30)[2:]],
        [],
    ],
    ids=["in order", "shuffled once", "batches of 8", "30 cards", "nothing"],
)
def test_cards_that_are_dealt_otherwise_are_wrong(rows: list[list[tuple[int, ...]]]) -> None:
    seen = picture_facts(data_of_pictures(rows=rows))
    assert batches_are_dealt(seen, PICTURES).verdict is FAILED


@pytest.mark.parametrize(
    ("batches", "size", "told"),
    [
        (100, 16, "more cards are dealt out than the lesson has. (40 cards | 1600 cards)"),
        (500, 16, "more cards are dealt out than the lesson has. (40 cards | 8000 cards and more)"),
    ],
)
def test_more_cards_than_there_are_are_told_as_many_as_were_seen(
    batches: int, size: int, told: str
) -> None:
    epoch = [tuple((16 * n + i) % 40 for i in range(size)) for n in range(batches)]
    seen = picture_facts(data_of_pictures(rows=[epoch, epoch]))
    judgement = batches_are_dealt(seen, PICTURES)
    assert judgement.verdict is FAILED
    said = f"{judgement.message} ({judgement.expected} | {judgement.actual})"
    assert told in said


def test_a_series_of_batches_that_was_cut_is_not_called_incomplete() -> None:
    many = PICTURES.model_copy(update={"cards": 10_000})
    epoch = [tuple(range(16 * n, 16 * n + 16)) for n in range(500)]
    seen = picture_facts(data_of_pictures(rows=[epoch, epoch]))
    assert batches_are_dealt(seen, many).verdict is Verdict.NOT_ASSESSED
    fives = [tuple(range(5 * n, 5 * n + 5)) for n in range(500)]
    judgement = batches_are_dealt(picture_facts(data_of_pictures(rows=[fives, fives])), many)
    assert "size that the lesson asks for" in str(judgement.message)


def test_cards_that_are_dealt_with_the_answers_of_others_are_wrong() -> None:
    seen = picture_facts(data_of_pictures(beside=False))
    assert batches_are_dealt(seen, PICTURES).verdict is FAILED


def test_a_loader_without_cards_to_compare_with_is_told_so() -> None:
    alone = picture_facts(data_of_pictures().model_copy(update={"X": None}))
    judgement = batches_are_dealt(alone, PICTURES)
    assert judgement.verdict is FAILED
    assert "`X`" in str(judgement.message)


def test_without_a_loader_the_batches_of_the_training_count() -> None:
    by_hand = data_of_pictures().model_copy(update={"loader": None})
    assert batches_are_dealt(picture_facts(by_hand), PICTURES).verdict is PASSED


# ---- model and training ------------------------------------------------------------------------


def test_another_bend_between_the_layers_is_wrong() -> None:
    bent = ModelPart(kind="model", model=network_model(bend=np.tanh))
    assert gives_scores(picture_facts(bent)).verdict is FAILED


@pytest.mark.parametrize("order", ["FLBS", "FLZBSS", "FLSZB"])
def test_each_batch_is_followed_by_itself(order: str) -> None:
    assert follows_descent(picture_facts(training=practise(order=order))).verdict is FAILED


def test_one_batch_a_round_does_not_go_through_the_cards() -> None:
    seen = picture_facts(training=practise(shuffled_rows(6)[::3]))
    assert follows_descent(seen).verdict is PASSED
    assert goes_through_data(seen).verdict is FAILED


def test_values_that_were_left_out_are_bridged() -> None:
    training, end = practise()
    trained = tuple(
        t.model_copy(update={"values": (*t.values[:4], *t.values[-4:])}) for t in training.trained
    )
    gap = training.model_copy(update={"trained": trained})
    assert follows_descent(picture_facts(training=(gap, end))).verdict is PASSED
    other, _ = practise(order=["FLZBS"] * 7 + ["FLBS"] * 3 + ["FLZBS"] * 8)
    trained = tuple(
        t.model_copy(update={"values": (*t.values[:4], *t.values[-4:])}) for t in other.trained
    )
    gap = other.model_copy(update={"trained": trained})
    assert follows_descent(picture_facts(training=(gap, end))).verdict is FAILED


# ---- the exam ----------------------------------------------------------------------------------


def test_a_number_that_could_be_that_of_practice_needs_a_look_at_the_exam() -> None:
    training, end = practise()
    share = right_share(end, PRACTICE)
    assert share == right_share(end, EXAM)
    unasked = training.model_copy(update={"examined": 0})
    seen = picture_facts(training=(unasked, end), accuracy=share)
    assert counts_right_answers(seen, exam=True).verdict is FAILED


def test_an_untrained_network_fails_the_exam() -> None:
    training, _ = practise(order="FLZB")
    seen = picture_facts(training=(training, NETWORK_START))
    assert passes_exam(seen, TOLERANCES).verdict is FAILED


def test_cells_that_do_not_learn_other_pictures_are_wrong() -> None:
    honest = picture_facts().part(TransferPart)
    pasted = honest.model_copy(update={"model": network_model(practise()[1])})
    assert learns_other_pictures(picture_facts(pasted)).verdict is FAILED


def test_an_exam_that_was_practised_on_says_nothing() -> None:
    training, end = practise()
    seen = picture_facts(training=(training.model_copy(update={"leaked": 3}), end))
    assert passes_exam(picture_facts(), TOLERANCES).verdict is PASSED
    assert passes_exam(seen, TOLERANCES).verdict is FAILED


def test_batches_that_were_dealt_once_are_no_rounds_of_their_own() -> None:
    once = shuffled_rows(1) * PICTURES.epochs
    assert goes_through_data(picture_facts(training=practise(once))).verdict is FAILED
    # Where the loader itself does not shuffle, that is the mistake of the data step.
    idle = data_of_pictures(rows=[IN_ORDER, IN_ORDER])
    assert goes_through_data(picture_facts(idle, training=practise(once))).verdict is PASSED


def test_the_loss_of_the_last_batch_is_not_that_of_the_round() -> None:
    training, _ = practise()
    size = len(training.losses) // PICTURES.epochs
    last = [value for _, value in training.losses[size - 1 :: size]]
    assert keeps_losses(picture_facts(training=practise(kept=last))).verdict is FAILED


def test_cards_of_others_are_no_round_through_ones_own() -> None:
    training, end = practise()
    others = tuple(
        batch.model_copy(update={"rows": (-1,) * len(batch.rows or ())})
        for batch in training.batches
    )
    seen = picture_facts(training=(training.model_copy(update={"batches": others}), end))
    assert "did not learn anything from the cards" in str(goes_through_data(seen).message)


@pytest.mark.parametrize(("value", "due"), [(3.0, FAILED), (None, PASSED)])
def test_losses_are_checked_where_the_models_numbers_were_left_out(
    value: float | None, due: Verdict
) -> None:
    kept = None if value is None else [value] * PICTURES.epochs
    training, end = practise(kept=kept)
    trained = tuple(
        t.model_copy(update={"values": (*t.values[:4], *t.values[-4:])}) for t in training.trained
    )
    seen = picture_facts(training=(training.model_copy(update={"trained": trained}), end))
    assert keeps_losses(seen).verdict is due
