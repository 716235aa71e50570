from __future__ import annotations

import itertools
import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from grader.replay import (
    RESIDUAL,
    DataSet,
    Descent,
    Line,
    Trajectory,
    count_updates,
    data_set_of,
    descend,
    descent_of,
    descent_residual,
    gradient,
    learned_line,
    least_squares,
    leaves_cards_out,
    line_places,
    passes,
    squared_error,
    trajectory,
)
from grader.replay.architectures import AffineMap
from tests.evidence_factory import (
    CARDS,
    EPOCHS,
    GOAL,
    HOW,
    START,
    bias,
    cards_on,
    model_seen,
    noisy_cards,
    optimizer_seen,
    parameter,
    reset_before,
    tensor,
    training_seen,
    weight,
)

numbers = st.floats(-5, 5).map(lambda value: round(value, 3))
lines = st.builds(Line, numbers, numbers)
inputs = st.lists(numbers, min_size=2, max_size=12, unique=True)
# As parts of 2 / (largest eigenvalue), behind which descent diverges.
boldness = st.floats(0.01, 0.95)
ARCHITECTURE = AffineMap(0, 1)


def curvature(data_set: DataSet) -> np.ndarray:
    design = np.hstack([data_set.X, np.ones_like(data_set.X)])
    return 2 * design.T @ design / len(data_set)


def boldest(data_set: DataSet) -> float:
    return float(2 / np.linalg.eigvalsh(curvature(data_set))[-1])


def residual(
    states: np.ndarray, data_set: DataSet = CARDS, how: Descent = HOW, **seen: object
) -> float:
    found = descent_residual(training_seen(states, data_set, **seen), ARCHITECTURE, data_set, how)  # type: ignore[arg-type]
    assert found is not None
    return found


# ---- descent -----------------------------------------------------------------------------------


@given(goal=lines, start=lines, x=inputs, bold=boldness, epochs=st.integers(0, 60))
def test_descent_is_where_the_closed_form_says(
    goal: Line, start: Line, x: list[float], bold: float, epochs: int
) -> None:
    data_set = cards_on(goal, x)
    rate = bold * boldest(data_set)
    values, vectors = np.linalg.eigh(curvature(data_set))
    away = vectors.T @ np.array([start.w - goal.w, start.b - goal.b])
    due = vectors @ ((1 - rate * values) ** epochs * away) + [goal.w, goal.b]
    reached = descend(start, data_set, Descent(rate), epochs)
    assert reached.shape == (epochs + 1, 2)
    assert reached[-1] == pytest.approx(due, rel=1e-9, abs=1e-9)


def theta_at(line: Line) -> np.ndarray:
    return np.array([line.w, line.b])


@given(start=lines, x=inputs, noise=st.lists(numbers, min_size=12, max_size=12))
def test_the_gradient_is_the_slope_of_the_squared_error(
    start: Line, x: list[float], noise: list[float]
) -> None:
    data_set = DataSet(np.array(x).reshape(-1, 1), np.array(noise[: len(x)]).reshape(-1, 1))
    step = 1e-4
    by_w = squared_error(Line(start.w + step, start.b), data_set)
    by_w -= squared_error(Line(start.w - step, start.b), data_set)
    by_b = squared_error(Line(start.w, start.b + step), data_set)
    by_b -= squared_error(Line(start.w, start.b - step), data_set)
    due = [by_w / (2 * step), by_b / (2 * step)]
    assert gradient(theta_at(start), data_set) == pytest.approx(due, rel=1e-6, abs=1e-6)


@given(x=inputs, noise=st.lists(numbers, min_size=12, max_size=12), other=lines)
def test_no_line_has_a_smaller_error_than_least_squares(
    x: list[float], noise: list[float], other: Line
) -> None:
    data_set = DataSet(np.array(x).reshape(-1, 1), np.array(noise[: len(x)]).reshape(-1, 1))
    assert squared_error(least_squares(data_set), data_set) <= squared_error(other, data_set) + 1e-9


@given(goal=lines, x=inputs)
def test_descent_stays_where_nothing_is_wrong(goal: Line, x: list[float]) -> None:
    states = descend(goal, cards_on(goal, x), HOW, 5)
    assert states == pytest.approx(np.tile([goal.w, goal.b], (6, 1)), abs=1e-12)


def test_targets_without_a_column_are_compared_with_every_guess() -> None:
    flat = DataSet(CARDS.X, CARDS.y.reshape(-1))
    pairs = list(itertools.product(CARDS.X.reshape(-1), CARDS.y.reshape(-1)))
    errors = [2 * (START.w * x + START.b - y) for x, y in pairs]
    due = [np.mean([e * x for e, (x, _) in zip(errors, pairs, strict=True)]), np.mean(errors)]
    assert gradient(theta_at(START), flat) == pytest.approx(due)
    assert gradient(theta_at(START), flat.as_columns()) == pytest.approx(
        gradient(theta_at(START), CARDS)
    )


@pytest.mark.parametrize(
    ("how", "due"),
    [
        (Descent(0.1), (0.8, 0.62)),
        (Descent(0.1, maximize=True), (1.2, 1.42)),
        (Descent(0.1, weight_decay=0.5), (0.75, 0.5325)),
        (Descent(0.1, momentum=0.5), (0.8, 0.52)),
        (Descent(0.1, momentum=0.5, dampening=0.5), (0.8, 0.61)),
        (Descent(0.1, momentum=0.5, nesterov=True), (0.7, 0.38)),
    ],
)
def test_updates_are_those_of_torchs_documentation(how: Descent, due: tuple[float, float]) -> None:
    # Two updates of one number, from 1, with the gradients 2 and 1.8, worked out by hand.
    first, buffer = how.step(np.array([1.0]), np.array([2.0]), None)
    second, _ = how.step(first, np.array([1.8 if not how.maximize else 2.2]), buffer)
    assert (first[0], second[0]) == pytest.approx(due)


# ---- cards -------------------------------------------------------------------------------------


def test_cards_are_found_by_their_inputs_as_often_as_they_were_shown() -> None:
    found = CARDS.rows(np.array([3.0, 0.0, 3.0]))
    assert found is not None
    assert found.y.reshape(-1).tolist() == [7.0, 1.0, 7.0]


@pytest.mark.parametrize("shown", [[], [0.5], [0.0, 5.0], [math.nan]])
def test_inputs_that_are_on_no_card_find_none(shown: list[float]) -> None:
    assert CARDS.rows(np.array(shown)) is None


@pytest.mark.parametrize(
    "X", [[[0.0, 1.0], [2.0, 3.0]], [[math.nan], [1.0]], [[math.inf], [1.0]], np.zeros((0, 1))]
)
def test_inputs_that_are_not_one_finite_number_a_card_are_no_cards(X: object) -> None:
    assert data_set_of(tensor(X), tensor([[1.0], [2.0]])) is None  # type: ignore[arg-type]


def test_flat_inputs_are_cards_too() -> None:
    data_set = data_set_of(tensor([0.0, 1.0]), tensor([1.0, 3.0]))
    assert data_set is not None
    assert data_set.X.shape == (2, 1)
    assert data_set.y.shape == (2,)


def test_where_nothing_was_seen_there_are_no_cards() -> None:
    assert data_set_of(None, tensor([[1.0]])) is None
    assert data_set_of(tensor([[1.0]]), None) is None


# ---- trajectories ------------------------------------------------------------------------------


def test_a_trajectory_holds_every_state_in_order() -> None:
    states = descend(START, CARDS, HOW, 10)
    path = trajectory(training_seen(states))
    assert path is not None
    assert path.states == pytest.approx(states, rel=1e-6)
    assert path.gap is None
    assert list(path.ticks) == sorted(path.ticks)


def test_a_model_that_was_never_seen_training_has_no_trajectory() -> None:
    seen = training_seen(descend(START, CARDS, HOW, 3))
    assert trajectory(seen.model_copy(update={"parameters": (0, None)})) is None
    assert trajectory(seen.model_copy(update={"parameters": ()})) is None


def test_a_trajectory_begins_where_the_first_gradient_is_taken() -> None:
    states = descend(START, CARDS, HOW, 10)
    path = trajectory(reset_before(training_seen(states), GOAL))
    assert path is not None
    assert path.states == pytest.approx(states, rel=1e-6)
    assert path.earliest == pytest.approx([GOAL.w, GOAL.b])


@pytest.mark.parametrize("order", ["FLZBS", "SFLZB", "B"])
def test_a_trajectory_loses_no_update_however_the_loop_is_written(order: str) -> None:
    states = descend(START, CARDS, HOW, 10)
    training = training_seen(states, order=order)
    if order == "SFLZB":  # a closure: a step notes its own end at the tick of its gradient
        ends = (0, *(tick for tick, _ in training.backwards))
        training = training.model_copy(
            update={
                "trained": tuple(
                    seen.model_copy(
                        update={
                            "values": tuple(
                                (tick, values)
                                for tick, (_, values) in zip(ends, seen.values, strict=True)
                            )
                        }
                    )
                    for seen in training.trained
                ),
                "updates": training.backwards,
            }
        )
    path = trajectory(training)
    assert path is not None
    assert path.states == pytest.approx(states, rel=1e-6)


def test_a_model_that_begins_anew_loses_nothing_of_its_way() -> None:
    training = training_seen(descend(START, CARDS, HOW, 10))
    path, anew = trajectory(training), trajectory(reset_before(training, GOAL))
    assert path is not None
    assert anew is not None
    assert (anew.states == path.states).all()
    assert (anew.ticks, anew.gap) == (path.ticks, path.gap)
    assert (path.earliest == path.states[0]).all()


def test_states_on_both_sides_of_a_gap_do_not_follow_one_another() -> None:
    path = Trajectory(np.zeros((4, 2)), (1, 2, 3, 4), gap=1)
    assert list(path.pairs()) == [0, 2]


def test_a_long_training_has_a_gap_where_values_were_left_out() -> None:
    states = descend(START, CARDS, HOW, 1000)
    path = trajectory(training_seen(states))
    assert path is not None
    assert path.gap is not None
    assert path.states[path.gap] == pytest.approx(states[path.gap], rel=1e-6)
    behind = len(path.states) - path.gap - 1
    assert path.states[path.gap + 1] == pytest.approx(states[len(states) - behind], rel=1e-6)


# ---- the residual ------------------------------------------------------------------------------


@given(goal=lines, start=lines, x=inputs, bold=boldness, epochs=st.integers(1, 40))
def test_descent_follows_itself(
    goal: Line, start: Line, x: list[float], bold: float, epochs: int
) -> None:
    data_set = cards_on(goal, x)
    how = Descent(bold * boldest(data_set))
    assert residual(descend(start, data_set, how, epochs), data_set, how) <= RESIDUAL


@given(goal=lines, bold=st.floats(0.2, 0.9), other=st.floats(0.1, 2).filter(lambda k: k != 1))
def test_descent_at_another_learning_rate_is_off(goal: Line, bold: float, other: float) -> None:
    assume(abs(other - 1) > 0.05)
    assume(max(abs(goal.w - START.w), abs(goal.b - START.b)) > 0.5)
    data_set = cards_on(goal)
    rate = bold * boldest(data_set)
    states = descend(START, data_set, Descent(rate * other), 10)
    assert residual(states, data_set, Descent(rate)) > 10 * RESIDUAL


@pytest.mark.parametrize(
    "how",
    [
        Descent(0.01, momentum=0.9),
        Descent(0.01, momentum=0.9, nesterov=True),
        Descent(0.01, momentum=0.5, dampening=0.2),
        Descent(0.01, weight_decay=0.1),
        Descent(0.01, maximize=True),
    ],
)
def test_descent_with_more_than_a_learning_rate_follows_itself_alone(how: Descent) -> None:
    states = descend(START, CARDS, how, 20)
    assert residual(states, how=how) <= RESIDUAL
    assert residual(states, how=HOW) > 10 * RESIDUAL


def test_a_forgotten_zero_grad_is_off() -> None:
    states = descend(START, CARDS, Descent(0.01, momentum=1.0), EPOCHS)
    assert residual(states) > 10 * RESIDUAL


def test_gradients_from_broadcast_targets_follow_the_broadcast_alone() -> None:
    flat = DataSet(CARDS.X, CARDS.y.reshape(-1))
    states = descend(START, flat, HOW, 20)
    assert residual(states, flat) <= RESIDUAL
    assert residual(states, flat.as_columns()) > 10 * RESIDUAL


@pytest.mark.parametrize("order", ["FLZBS", "ZFLBS", "FLBSZ", "BSFLZ", "FLB", "FB", "B"])
def test_a_round_may_be_written_in_any_honest_order_or_by_hand(order: str) -> None:
    assert residual(descend(START, CARDS, HOW, 20), order=order) <= RESIDUAL


@pytest.mark.parametrize("order", ["FLZBS", "B"])
def test_a_single_wrong_update_is_found(order: str) -> None:
    states = descend(START, CARDS, HOW, 20)
    states[11:] += 0.001
    assert residual(states, order=order) > 10 * RESIDUAL


@given(
    place=st.integers(0, 19),
    which=st.integers(0, 1),
    size=st.floats(1e-3, 10),
    sign=st.sampled_from([-1, 1]),
    rest=st.booleans(),
)
def test_whatever_update_is_wrong_is_found(
    place: int, which: int, size: float, sign: int, rest: bool
) -> None:
    """In one state alone, or with all that follows moved along."""
    states = descend(START, CARDS, HOW, 20)
    until = 21 if rest else place + 2
    states[place + 1 : until, which] += sign * size
    assert residual(states) > 10 * RESIDUAL


@given(states=st.lists(st.tuples(numbers, numbers), min_size=2, max_size=8))
def test_no_invented_path_follows_descent_unless_it_is_descent(
    states: list[tuple[float, float]],
) -> None:
    path = np.array(states)
    honest = all(
        np.allclose(after, descend(Line(*before), CARDS, HOW, 1)[-1], atol=1e-3)
        for before, after in pairwise(path)
    )
    assert honest or residual(path) > RESIDUAL


def test_updates_from_parts_of_the_cards_follow_those_cards() -> None:
    rows, states = [(0, 1), (2, 3), (4,)] * 4, [np.array([START.w, START.b])]
    for row in rows:
        dealt = DataSet(CARDS.X[list(row)], CARDS.y[list(row)])
        states.append(descend(Line(*states[-1]), dealt, HOW, 1)[-1])
    assert residual(np.array(states), shown=rows) <= RESIDUAL
    assert residual(np.array(states)) > 10 * RESIDUAL


def test_updates_that_leave_no_trace_are_off_by_what_they_should_have_moved() -> None:
    still = np.tile([START.w, START.b], (6, 1))
    assert residual(still) > 10 * RESIDUAL


def test_updates_at_the_goal_leave_no_trace_and_are_right() -> None:
    assert residual(descend(GOAL, CARDS, HOW, 6)) <= RESIDUAL


def test_float32_may_round_thousands_of_small_updates_away() -> None:
    near = np.array([GOAL.w + 1e-6, GOAL.b])
    assert residual(np.tile(near, (5001, 1))) <= RESIDUAL


def test_a_change_between_two_updates_is_no_update() -> None:
    training = training_seen(descend(START, CARDS, HOW, 10))
    first, *others = training.trained
    (tick, _), *_ = first.values[5:]
    jumped = [(t, (v[0] + 0.5 * (t > tick),)) for t, v in first.values]
    jumped.insert(6, (tick + 1, (jumped[5][1][0] + 0.5,)))
    seen = first.model_copy(update={"values": tuple(jumped), "changes": first.changes + 1})
    changed = training.model_copy(update={"trained": (seen, *others)})
    found = descent_residual(changed, ARCHITECTURE, CARDS, HOW)
    assert found is not None
    assert found > 10 * RESIDUAL


def test_a_training_that_stands_still_at_last_is_right() -> None:
    # In float32 both numbers stop moving long before 400 updates at this rate.
    assert residual(descend(START, CARDS, Descent(0.1), 400), how=Descent(0.1)) <= RESIDUAL


def test_a_long_training_is_followed_on_both_sides_of_its_gap() -> None:
    states = descend(START, CARDS, HOW, 1000)
    assert residual(states) <= RESIDUAL
    states[-1] += 0.01
    assert residual(states) > 10 * RESIDUAL


@pytest.mark.parametrize(("rate", "epochs"), [(0.01, 2000), (0.001, 1200)])
def test_a_long_training_is_followed_though_one_number_rests_while_the_other_moves(
    rate: float, epochs: int
) -> None:
    # It rests where it turns back, and at last where it has arrived.
    how = Descent(rate)
    assert residual(descend(START, CARDS, how, epochs), how=how) <= RESIDUAL


def test_many_updates_card_by_card_are_followed_though_a_card_at_zero_moves_no_slope() -> None:
    data_set = noisy_cards(np.random.default_rng(3).normal(size=50))
    rows, states = [(n,) for n in range(50)] * 24, [np.array([START.w, START.b])]
    for row in rows:
        dealt = DataSet(data_set.X[list(row)], data_set.y[list(row)])
        states.append(descend(Line(*states[-1]), dealt, Descent(0.001), 1)[-1])
    assert residual(np.array(states), data_set, Descent(0.001), shown=rows) <= RESIDUAL


def test_a_training_that_diverges_beyond_all_numbers_follows_its_own_rate() -> None:
    how = Descent(1.0)
    states = descend(START, CARDS, how, EPOCHS)
    assert residual(states, how=how) <= RESIDUAL
    assert residual(states) > 10 * RESIDUAL


@pytest.mark.parametrize("nothing", [math.nan, math.inf])
def test_numbers_that_are_lost_where_descent_keeps_them_are_off(nothing: float) -> None:
    states = descend(START, CARDS, HOW, 20)
    states[5:] = nothing
    assert residual(states) > 10 * RESIDUAL


def test_updates_from_cards_that_were_not_kept_cannot_be_followed() -> None:
    seen = training_seen(descend(START, CARDS, HOW, 3))
    lost = seen.model_copy(update={"updates": tuple((tick, (-1,)) for tick, _ in seen.updates)})
    assert descent_residual(lost, ARCHITECTURE, CARDS, HOW) is None


def test_without_updates_there_is_nothing_to_follow() -> None:
    assert (
        descent_residual(training_seen(np.array([[0.4, -0.3]])), ARCHITECTURE, CARDS, HOW) is None
    )


# ---- counting ----------------------------------------------------------------------------------


def test_updates_are_counted_also_beyond_those_that_were_kept() -> None:
    assert count_updates(training_seen(descend(START, CARDS, Descent(0.001), 2500))) == 2500


def test_updates_by_hand_are_counted_by_their_gradients() -> None:
    assert count_updates(training_seen(descend(START, CARDS, HOW, 7), order="FB")) == 7


@given(size=st.integers(1, 50), epochs=st.integers(1, 12))
def test_cards_are_gone_through_once_an_epoch_whatever_the_size_of_a_batch(
    size: int, epochs: int
) -> None:
    data_set = noisy_cards(np.zeros(50))
    batches = [tuple(range(first, min(first + size, 50))) for first in range(0, 50, size)]
    states = np.zeros((epochs * len(batches) + 1, 2))
    assert passes(training_seen(states, data_set, shown=batches * epochs), data_set) == epochs


# ---- models and optimizers ---------------------------------------------------------------------


@given(line=lines)
def test_a_models_answers_give_its_line(line: Line) -> None:
    found = learned_line(model_seen(line))
    assert found is not None
    assert (found.w, found.b) == pytest.approx((line.w, line.b), abs=1e-5)


def test_slope_and_intercept_are_told_apart_by_the_answers() -> None:
    line = Line(0.5, -0.25)
    assert line_places(model_seen(line)) == (0, 1)
    turned = [parameter("a", [line.b]), parameter("c", [[line.w]])]
    assert line_places(model_seen(line, parameters=turned)) == (1, 0)


@pytest.mark.parametrize(
    "parameters",
    [[], [weight(0.5)], [weight(0.5), bias(0.1), bias(0.2)], [weight(0.7), bias(0.1)]],
)
def test_a_model_that_is_no_weight_and_bias_has_no_places(parameters: list[object]) -> None:
    assert line_places(model_seen(Line(0.5, 0.1), parameters=parameters)) is None  # type: ignore[arg-type]


def test_hyper_parameters_are_read_from_an_sgd_of_one_group() -> None:
    assert descent_of(optimizer_seen(lr=0.2, momentum=0.9)) == Descent(0.2, momentum=0.9)
    assert descent_of(optimizer_seen(name="Adam")) is None
    assert descent_of(None) is None


@given(rate=st.floats(1e-4, 1))
def test_only_a_learning_rate_is_plain(rate: float) -> None:
    assert Descent(rate).plain
    assert not Descent(rate, momentum=0.9).plain
    assert not Descent(rate, maximize=True).plain


@pytest.mark.parametrize(
    ("rounds", "left_out"),
    [
        ([[(0, 1), (2, 3)]] * 4, True),
        ([[(0, 1), (2, 3)], [(4, 0), (1, 2)], [(3, 4), (0, 1)], [(2, 3), (4, 0)]], True),
        ([[(0, 1), (2, 3), (4,)]] * 4, False),
        ([[(0, 1), (1, 2)], [(2, 3), (3, 4)]], False),
        ([[(0, 1, 2, 3, 4)] * 2] * 4, False),
        ([[(0, 1), (2, 3)], [(4, 0), (1,)]], False),
    ],
    ids=["never", "other ones each round", "all", "one twice", "all twice", "odd"],
)
def test_cards_are_left_out_where_no_round_of_a_training_deals_them_all(
    rounds: list[list[tuple[int, ...]]], left_out: bool
) -> None:
    dealt = [CARDS.dealt(batch) for batches in rounds for batch in batches]
    assert leaves_cards_out(dealt, CARDS, len(rounds)) is left_out
