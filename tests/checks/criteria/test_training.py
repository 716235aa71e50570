from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.checks.criteria.training import follows_descent, goes_through_data, keeps_losses
from grader.evidence import LossesKept, LossPart, PlainPart, TrainPart
from grader.models import Verdict
from grader.replay import DataSet, Descent, Line, descend, gradient, squared_error
from tests.evidence_factory import (
    CARDS,
    EPOCHS,
    HOW,
    RECIPE,
    START,
    bias,
    data_part,
    facts,
    loss_part,
    losses_kept,
    model_part,
    observed,
    optimizer_part,
    optimizer_seen,
    plain_part,
    result_part,
    tensor,
    train_part,
    training_seen,
    weight,
    worked_out_by_hand,
)

if TYPE_CHECKING:
    from grader.facts import Facts

PASSED, FAILED, NOT_ASSESSED = Verdict.PASSED, Verdict.FAILED, Verdict.NOT_ASSESSED
HONEST = descend(START, CARDS, HOW, EPOCHS)


def follows(seen: Facts) -> Verdict:
    return follows_descent(seen).verdict


def goes_through(seen: Facts) -> Verdict:
    return goes_through_data(seen).verdict


def keeps(*losses: float) -> Verdict:
    training = training_seen(HONEST, kept_losses=losses_kept(losses))
    return keeps_losses(facts(train_part(training))).verdict


def trained(states: np.ndarray, **seen: object) -> Facts:
    """Honest evidence but for the training, which took these values."""
    return facts(train_part(training_seen(states, **seen)))  # type: ignore[arg-type]


def recorded() -> list[float]:
    return [value for _, value in training_seen(HONEST).losses]


# ---- every update ------------------------------------------------------------------------------


def test_honest_training_follows_descent() -> None:
    assert follows(facts()) is PASSED


@pytest.mark.parametrize("order", ["ZFLBS", "FLBSZ", "FZBS", "FLB", "B"])
def test_training_may_be_written_in_any_honest_way(order: str) -> None:
    assert follows(trained(HONEST, order=order)) is PASSED


def test_the_plain_loop_is_not_needed_where_descent_can_be_replayed() -> None:
    assert follows(facts(without=[PlainPart])) is PASSED


def test_training_card_by_card_follows_descent() -> None:
    rows, states = [(n,) for n in range(5)] * EPOCHS, [HONEST[0]]
    for row in rows:
        dealt = DataSet(CARDS.X[list(row)], CARDS.y[list(row)])
        states.append(descend(Line(*states[-1]), dealt, HOW, 1)[-1])
    assert follows(trained(np.array(states), shown=rows)) is PASSED


@pytest.mark.parametrize(
    "states",
    [
        descend(START, CARDS, Descent(0.01, momentum=1.0), EPOCHS),
        descend(START, CARDS, Descent(0.01, maximize=True), EPOCHS),
        descend(START, CARDS, Descent(0.02), EPOCHS),
        descend(START, CARDS, Descent(0.01, weight_decay=0.1), EPOCHS),
        descend(START, DataSet(CARDS.X, CARDS.X), HOW, EPOCHS),
        HONEST[::2],
        np.tile(HONEST[0], (101, 1)),
        np.concatenate([HONEST[:50], HONEST[49:]]),
        np.concatenate([np.tile(HONEST[0], (100, 1)), HONEST[1:2]]),
        np.concatenate([HONEST[:60], np.tile([2.0, 1.0], (41, 1))]),
    ],
    ids=[
        "zero_grad forgotten",
        "up the slope",
        "step twice",
        "shrunk on the way",
        "against the inputs",
        "backward and step twice",
        "step without effect",
        "one update without effect",
        "a single update at the end",
        "the answer pasted on the way",
    ],
)
def test_a_wrong_loop_does_not_follow_descent(states: np.ndarray) -> None:
    seen = train_part(training_seen(states, optimizer=optimizer_seen()))
    assert follows(facts(seen)) is FAILED


def test_a_model_that_loses_its_numbers_without_reason_does_not_follow_descent() -> None:
    states = HONEST.copy()
    states[1:] = math.nan
    assert follows(trained(states)) is FAILED


def test_without_updates_nothing_follows_descent() -> None:
    judgement = follows_descent(trained(HONEST[:1]))
    assert judgement.verdict is FAILED
    assert "never updated" in str(judgement.message)


@pytest.mark.parametrize(
    "how", [Descent(0.1), Descent(1.0), Descent(0.001), Descent(0.01, momentum=0.9)]
)
def test_a_right_loop_is_right_behind_a_wrong_optimizer(how: Descent) -> None:
    assert follows(facts(*observed(how=how))) is PASSED


@pytest.mark.parametrize(
    "y", [2 * CARDS.X, CARDS.y.reshape(-1), np.tile(CARDS.y, 5)], ids=["y = 2x", "flat", "square"]
)
def test_a_right_loop_is_right_behind_wrong_cards(y: np.ndarray) -> None:
    data_set = DataSet(CARDS.X, y)
    states = descend(START, data_set, HOW, EPOCHS)
    parts = (
        data_part(data_set),
        train_part(training_seen(states, data_set)),
        plain_part(states, data_set),
    )
    assert follows(facts(*parts)) is PASSED


def test_behind_a_wrong_loss_the_plain_loop_is_the_measure() -> None:
    halved = descend(START, CARDS, Descent(0.005), EPOCHS)
    half = loss_part(lambda guess, answer: float(np.mean((guess - answer) ** 2) / 2))
    training = train_part(training_seen(halved))
    assert follows(facts(half, training, plain_part(halved))) is PASSED
    assert follows(facts(half, training, plain_part(HONEST))) is FAILED
    assert follows(facts(half, training, without=[PlainPart])) is not PASSED


def test_the_plain_loop_excuses_nothing_where_descent_can_be_replayed() -> None:
    twice = descend(START, CARDS, Descent(0.02), EPOCHS)
    seen = train_part(training_seen(twice, optimizer=optimizer_seen()))
    assert follows(facts(seen, plain_part(twice))) is FAILED


def test_behind_another_model_the_plain_loop_is_the_measure() -> None:
    bent = model_part(answers=lambda x: np.maximum(0, START.at(x)))
    assert follows(facts(bent)) is PASSED
    assert follows(facts(bent, without=[PlainPart])) is NOT_ASSESSED


def test_behind_another_method_the_plain_loop_is_the_measure() -> None:
    adam = optimizer_seen(name="Adam")
    states = HONEST * 0.9
    training = train_part(training_seen(states, optimizer=adam))
    parts = (optimizer_part(name="Adam"), training)
    assert follows(facts(*parts, plain_part(states))) is PASSED
    assert follows(facts(*parts, plain_part(HONEST))) is FAILED


def test_a_model_of_zeros_is_followed_though_its_bias_comes_first() -> None:
    states = descend(Line(0, 0), CARDS, HOW, EPOCHS)
    turned = training_seen(states).model_copy(update={"parameters": (1, 0)})
    model = model_part(Line(0, 0), parameters=[bias(0), weight(0)])
    ended = result_part().model_copy(update={"model": model.model})
    assert follows(facts(model, train_part(turned), plain_part(states[:, ::-1]), ended)) is PASSED


def test_a_training_that_moved_other_numbers_than_the_models_fails() -> None:
    others = training_seen(HONEST).model_copy(update={"parameters": (None, None)})
    judgement = follows_descent(facts(train_part(others)))
    assert judgement.verdict is FAILED
    assert "numbers other than" in str(judgement.message)


def test_updates_that_nobody_could_follow_are_not_assessed() -> None:
    seen = training_seen(HONEST)
    lost = seen.model_copy(update={"updates": tuple((tick, (-1,)) for tick, _ in seen.updates)})
    assert follows(facts(train_part(lost), without=[PlainPart])) is NOT_ASSESSED


# ---- how often ---------------------------------------------------------------------------------


def test_honest_training_goes_through_the_cards_once_an_epoch() -> None:
    assert goes_through(facts()) is PASSED


@given(size=st.integers(1, 5))
def test_any_size_of_batch_goes_through_the_cards(size: int) -> None:
    batches = [tuple(range(first, min(first + size, 5))) for first in range(0, 5, size)]
    states = np.tile(HONEST[0], (EPOCHS * len(batches) + 1, 1))
    assert goes_through(trained(states, shown=batches * EPOCHS)) is PASSED


@pytest.mark.parametrize("epochs", [0, 1, 10, 99, 101, 200, 1000, 3000])
def test_another_number_of_epochs_fails(epochs: int) -> None:
    assert goes_through(trained(descend(START, CARDS, HOW, epochs))) is FAILED


def test_leaving_cards_out_fails() -> None:
    assert goes_through(trained(HONEST, shown=[(0, 1, 2)] * EPOCHS)) is FAILED


# ---- the kept losses ---------------------------------------------------------------------------


def test_the_losses_before_each_update_pass() -> None:
    assert keeps(*recorded()) is PASSED


def test_the_losses_after_each_update_pass() -> None:
    assert keeps(*recorded()[1:], 0.03) is PASSED


def test_rounded_losses_pass() -> None:
    assert keeps(*(round(loss, 4) for loss in recorded())) is PASSED


@pytest.mark.parametrize(
    "losses",
    [
        [],
        recorded()[:-1],
        [*recorded(), 0.0],
        [0.0] * EPOCHS,
        recorded()[::-1],
        [loss * 1.01 for loss in recorded()],
        [math.sqrt(loss) for loss in recorded()],
        [recorded()[0]] * EPOCHS,
        list(np.cumsum(recorded())),
        [math.nan] * EPOCHS,
        list(range(EPOCHS)),
    ],
    ids=[
        "none",
        "one missing",
        "one too many",
        "zeros",
        "backwards",
        "a little more",
        "their roots",
        "the first alone",
        "added up",
        "nan",
        "the epochs",
    ],
)
def test_other_losses_fail(losses: list[float]) -> None:
    assert keeps(*losses) is FAILED


def test_what_cannot_be_a_number_does_not_count() -> None:
    some = losses_kept(recorded()[:50]).model_copy(update={"count": EPOCHS})
    seen = facts(train_part(training_seen(HONEST, kept_losses=some)))
    assert keeps_losses(seen).verdict is FAILED


def test_losses_that_are_tensors_still_fail_and_are_told_as_such() -> None:
    kept = training_seen(HONEST).kept_losses
    assert kept is not None
    tensors = training_seen(HONEST, kept_losses=kept.model_copy(update={"tensors": 1}))
    judgement = keeps_losses(facts(train_part(tensors)))
    assert judgement.verdict is FAILED
    assert "tensors" in str(judgement.message)


def test_where_no_losses_were_kept_the_student_is_told() -> None:
    none = training_seen(HONEST).model_copy(update={"kept_losses": None})
    judgement = keeps_losses(facts(train_part(none)))
    assert judgement.verdict is FAILED
    assert "no list `losses`" in str(judgement.message)


@pytest.mark.parametrize("epochs", [0, 10, 99])
def test_losses_that_no_training_gave_earn_nothing(epochs: int) -> None:
    made_up = losses_kept([33.0 / (n + 1) for n in range(EPOCHS)])
    states = descend(START, CARDS, HOW, epochs)
    seen = facts(train_part(training_seen(states, kept_losses=made_up)))
    assert keeps_losses(seen).verdict is not PASSED


def test_made_up_losses_earn_nothing_though_some_of_the_true_ones_were_left_out() -> None:
    made_up = losses_kept([float(n) for n in range(EPOCHS)])
    rows = [(n,) for n in range(5)] * 500
    states = np.tile(HONEST[0], (2501, 1))
    seen = facts(train_part(training_seen(states, shown=rows, kept_losses=made_up)))
    assert keeps_losses(seen).verdict is not PASSED


@pytest.mark.parametrize("kind", ["mean", "last", "sum"])
def test_one_loss_an_epoch_may_be_kept_of_several_batches(kind: str) -> None:
    rows = [(0, 1), (2, 3), (4,)] * EPOCHS
    states = descend(START, CARDS, Descent(0.001), len(rows))
    losses = np.array([v for _, v in training_seen(states, shown=rows).losses]).reshape(-1, 3)
    kept = {"mean": losses.mean(axis=1), "last": losses[:, -1], "sum": losses.sum(axis=1)}[kind]
    training = training_seen(states, shown=rows, kept_losses=losses_kept(list(kept)))
    assert keeps_losses(facts(train_part(training))).verdict is PASSED


def batched(kept: np.ndarray, rate: float = 0.01) -> Verdict:
    """An honest loop in batches, of which these losses were kept."""
    states = descend_in(BATCHES * EPOCHS, rate)
    training = training_seen(states, shown=BATCHES * EPOCHS, kept_losses=losses_kept(list(kept)))
    return keeps_losses(facts(train_part(training))).verdict


BATCHES = [(4,), (0, 1), (2, 3)]


def descend_in(shown: list[tuple[int, ...]], rate: float) -> np.ndarray:
    """The path of descent that is shown these rows of the cards, one after the other."""
    states = [np.array([START.w, START.b])]
    for rows in shown:
        dealt = DataSet(CARDS.X[list(rows)], CARDS.y[list(rows)])
        states.append(states[-1] - rate * gradient(states[-1], dealt))
    return np.array(states)


@pytest.mark.parametrize("moment", [0, 1, 2, 3])
@pytest.mark.parametrize("rate", [0.001, 0.01, 0.03])
def test_behind_batches_the_loss_of_all_cards_may_be_kept(moment: int, rate: float) -> None:
    states = descend_in(BATCHES * EPOCHS, rate)
    whole = np.array([squared_error(Line(*state), CARDS) for state in states])
    assert batched(whole[moment : moment + 3 * EPOCHS : 3][:EPOCHS], rate) is PASSED


@pytest.mark.parametrize("factor", [0.0, 0.01, 100.0, math.nan])
def test_behind_batches_other_losses_fail(factor: float) -> None:
    states = descend_in(BATCHES * EPOCHS, 0.01)
    whole = np.array([squared_error(Line(*state), CARDS) for state in states[::3]])
    assert batched(factor * whole[:EPOCHS]) is FAILED


@pytest.mark.parametrize(("place", "due"), [(0, FAILED), (4999, FAILED), (2500, PASSED)])
def test_of_a_long_list_both_ends_are_judged(place: int, due: Verdict) -> None:
    recipe = RECIPE.model_copy(update={"epochs": 5000})
    states = descend(START, CARDS, HOW, 5000)
    with np.errstate(all="ignore"):
        losses = [squared_error(Line(*state), CARDS) for state in states[:-1]]
    losses[place] += 1.0
    kept = LossesKept(count=5000, values=(*losses[:1000], *losses[-1000:]), left_out=3000)
    training = training_seen(states, kept_losses=kept)
    assert keeps_losses(facts(train_part(training), recipe=recipe)).verdict is due


def test_training_without_its_loss_step_is_still_judged() -> None:
    assert follows(facts(without=[LossPart])) is PASSED
    assert keeps_losses(facts(without=[LossPart])).verdict is PASSED


def test_training_that_was_seen_without_its_events_is_no_fault_of_the_student() -> None:
    broken = facts(TrainPart(kind="train"))
    with pytest.raises(RuntimeError):
        follows_descent(broken)


def test_a_tensor_of_the_cards_may_be_shown_in_double_precision() -> None:
    double = (tensor(CARDS.X, dtype="float64"), tensor(CARDS.y, dtype="float64"))
    assert follows(facts(data_part(X=double[0], y=double[1]))) is PASSED


# ---- gradients that were worked out by hand -----------------------------------------------------


@pytest.mark.parametrize("order", ["FLZBS", "FLB"])
def test_whoever_knows_the_slope_by_heart_needs_no_backward(order: str) -> None:
    seen = facts(train_part(worked_out_by_hand(training_seen(HONEST, order=order))))
    assert (follows(seen), goes_through(seen)) == (PASSED, PASSED)
    assert keeps_losses(seen).verdict is PASSED


@pytest.mark.parametrize("order", ["FLZBS", "FLB"])
@pytest.mark.parametrize("how", [Descent(0.005), Descent(0.01, maximize=True)])
def test_another_slope_is_told_though_nobody_saw_it_computed(order: str, how: Descent) -> None:
    with np.errstate(all="ignore"):
        training = training_seen(descend(START, CARDS, how, 20), order=order)
    assert follows(facts(train_part(worked_out_by_hand(training)))) is FAILED


@pytest.mark.parametrize("rounds", [99, 101])
def test_rounds_by_hand_are_counted(rounds: int) -> None:
    training = training_seen(descend(START, CARDS, HOW, rounds), order="FLB")
    assert goes_through(facts(train_part(worked_out_by_hand(training)))) is FAILED


def test_steps_without_any_gradient_went_through_no_card() -> None:
    training = worked_out_by_hand(training_seen(np.tile(HONEST[0], (EPOCHS + 1, 1))))
    idle = [seen.model_copy(update={"gradients": (), "altered": ()}) for seen in training.trained]
    seen = facts(train_part(training.model_copy(update={"trained": tuple(idle)})))
    assert (follows(seen), goes_through(seen)) == (FAILED, FAILED)


def test_losses_beside_gradients_by_hand_have_to_be_those_of_the_cards() -> None:
    training = worked_out_by_hand(training_seen(HONEST, order="FLB"))
    made_up = losses_kept([33.0 / (n + 1) for n in range(EPOCHS)])
    seen = facts(train_part(training.model_copy(update={"kept_losses": made_up})))
    assert keeps_losses(seen).verdict is FAILED


# ---- losses that were rounded, or made numbers later ---------------------------------------------


@pytest.mark.parametrize("decimals", [1, 2, 3, 4, 5, 6])
def test_losses_may_be_written_down_with_few_decimals(decimals: int) -> None:
    assert keeps(*(round(loss, decimals) for loss in recorded())) is PASSED


@given(st.integers(1, 6), st.integers(0, EPOCHS - 1), st.sampled_from([-3.0, 3.0]))
def test_a_rounded_loss_is_off_by_half_of_its_last_decimal_at_most(
    decimals: int, place: int, units: float
) -> None:
    losses = [round(loss, decimals) for loss in recorded()]
    off = max(10.0**-decimals, 1e-3 * losses[place])
    losses[place] = round(losses[place] + units * off, decimals)
    assert keeps(*losses) is FAILED


def test_whole_numbers_are_not_the_losses() -> None:
    assert keeps(*(float(int(loss)) for loss in recorded())) is FAILED


def test_tensors_that_are_made_numbers_in_a_later_cell_are_numbers() -> None:
    kept = training_seen(HONEST).kept_losses
    assert kept is not None
    tensors = training_seen(HONEST, kept_losses=kept.model_copy(update={"tensors": EPOCHS}))
    later = result_part().model_copy(update={"kept_losses": kept})
    assert keeps_losses(facts(train_part(tensors), later)).verdict is PASSED


def test_losses_that_were_right_stay_right_whatever_is_added_later() -> None:
    kept = training_seen(HONEST).kept_losses
    assert kept is not None
    longer = result_part().model_copy(update={"kept_losses": losses_kept([*kept.values, 0.1])})
    assert keeps_losses(facts(longer)).verdict is PASSED
