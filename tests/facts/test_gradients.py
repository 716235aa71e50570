from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.checks.criteria.line import line_is_found, loss_falls
from grader.facts.gradients import made_up
from grader.models import Verdict
from grader.replay import descend
from tests.checks.criteria.test_line import TOLERANCES
from tests.evidence_factory import (
    CARDS,
    EPOCHS,
    GOAL,
    HOW,
    RECIPE,
    START,
    facts,
    result_part,
    train_part,
    training_seen,
)

if TYPE_CHECKING:
    from grader.checks.checking import Judge
    from grader.evidence import TrainingSeen

Pair = tuple[float, float]
HONEST = training_seen(descend(START, CARDS, HOW, EPOCHS))
numbers = st.floats(-1e3, 1e3, allow_nan=False)
pairs = st.tuples(numbers, numbers)
each_judge = pytest.mark.parametrize(
    "judge",
    [
        partial(line_is_found, recipe=RECIPE, tolerances=TOLERANCES),
        partial(loss_falls, tolerances=TOLERANCES),
    ],
    ids=["line", "loss"],
)


def altered(left: Pair | None, used: Pair, training: TrainingSeen = HONEST) -> TrainingSeen:
    """Gradients of weight and bias, as backward() left them and as the first step used them."""
    tick = training.trained[0].gradients[0][0]
    tensors = tuple(
        each.model_copy(
            update={"altered": ((tick, () if left is None else (left[n],), (used[n],)),)}
        )
        for n, each in enumerate(training.trained)
    )
    return training.model_copy(update={"trained": tensors})


def test_gradients_that_nobody_touched_are_those_of_the_loss() -> None:
    assert not made_up(HONEST)


@given(left=pairs, kept=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_gradients_may_be_made_smaller_each_by_itself(left: Pair, kept: Pair) -> None:
    assert not made_up(altered(left, (left[0] * kept[0], left[1] * kept[1])))


@given(left=pairs, factor=st.floats(1e-3, 1e3))
def test_gradients_may_all_be_multiplied_by_one_number(left: Pair, factor: float) -> None:
    assert not made_up(altered(left, (left[0] * factor, left[1] * factor)))


@given(left=pairs, kept=st.floats(0, 1))
def test_an_altered_gradient_counts_where_the_series_of_all_was_cut(
    left: Pair, kept: float
) -> None:
    training = altered(left, (left[0] * kept, left[1] * kept))
    cut = [t.model_copy(update={"gradients": t.gradients[1:]}) for t in training.trained]
    one, other = cut
    for trained in ((one, other), (one, other.model_copy(update={"altered": ()}))):
        assert not made_up(training.model_copy(update={"trained": trained}))


@given(left=pairs)
def test_gradients_that_are_turned_round_are_made_up(left: Pair) -> None:
    turned = (-left[0], -left[1])
    assert made_up(altered(left, turned)) or max(map(abs, left)) < 1e-5


@given(left=pairs, used=pairs)
def test_gradients_that_lead_elsewhere_are_made_up(left: Pair, used: Pair) -> None:
    (a, b), (c, d) = left, used
    apart = abs(a * d - b * c) > 1e-2 * np.hypot(a, b) * np.hypot(c, d)
    grown = max(abs(c) - abs(a), abs(d) - abs(b)) > 1e-3 * max(1.0, abs(a), abs(b))
    if apart and grown and max(abs(a), abs(b)) > 1e-3:
        assert made_up(altered(left, used))


@pytest.mark.parametrize("used", [(0.0, 0.0), (1.0, 0.0), (-3.0, 2.0)])
def test_where_nothing_was_computed_any_gradient_is_made_up(used: Pair) -> None:
    assert made_up(altered(None, used)) is any(used)


def test_gradients_that_are_no_numbers_any_more_are_not_made_up() -> None:
    assert not made_up(altered((float("nan"), float("inf")), (float("nan"), 1.0)))


@each_judge
def test_a_step_onto_the_answer_finds_nothing(judge: Judge) -> None:
    jump = ((START.w - GOAL.w) / 0.01, (START.b - GOAL.b) / 0.01)
    states = np.array([[START.w, START.b], *[[GOAL.w, GOAL.b]] * EPOCHS])
    training = altered((-30.0, -10.0), jump, training_seen(states))
    seen = facts(train_part(training), result_part(GOAL))
    judgement = judge(seen)
    assert judgement.verdict is Verdict.FAILED
    assert "gradients other" in str(judgement.message)


@each_judge
def test_gradients_that_were_written_down_as_the_loss_would_have_are_fine(judge: Judge) -> None:
    seen = facts(train_part(altered((0.0, 0.0), (-30.0, -10.0))))
    assert made_up(altered((0.0, 0.0), (-30.0, -10.0)))
    assert judge(seen).verdict is Verdict.PASSED
