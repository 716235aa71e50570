from __future__ import annotations

import numpy as np
import pytest

from grader.authoring.measuring import measure_pictures, measure_threshold
from grader.errors import AssignmentError
from grader.replay import Cards, Descent, Line, descend
from tests.answers_factory import EXAM, NUMBERS, PICTURES, PRACTICE, THRESHOLD


def quiet(_count: int) -> None: ...


def test_no_honest_start_is_beyond_the_measured_tolerances() -> None:
    measured = measure_threshold(THRESHOLD, 10_000, seed=0, on_drawn=quiet)
    for w, b in np.random.default_rng(1).uniform(-1, 1, (30, 2)):
        how = Descent(THRESHOLD.learning_rate)
        end = descend(Line(w, b), NUMBERS, how, THRESHOLD.epochs, THRESHOLD.marking)[-1]
        scores = end[0] * NUMBERS.X + end[1]
        assert abs(end[1] / end[0]) <= measured.boundary
        assert THRESHOLD.marking.value(scores, NUMBERS.y) <= measured.loss
    assert (measured.boundary, measured.loss) == pytest.approx((0.11, 0.0569), abs=1e-4)
    assert measured.false_fail == pytest.approx(3e-4)


def test_every_draw_is_told_of() -> None:
    told: list[int] = []
    measure_threshold(THRESHOLD, 10_000, seed=0, on_drawn=told.append)
    assert sum(told) == 10_000


def test_a_training_that_parts_nothing_cannot_be_measured() -> None:
    short = THRESHOLD.model_copy(update={"epochs": 1, "learning_rate": 0.001})
    with pytest.raises(AssignmentError, match="does not tell the cards apart"):
        measure_threshold(short, 10_000, seed=0, on_drawn=quiet)


def test_pictures_are_measured_by_starts_and_shufflings() -> None:
    recipe = PICTURES.model_copy(update={"epochs": 40, "hidden": 16})
    measured = measure_pictures(recipe, PRACTICE, EXAM, 200, seed=0, on_drawn=quiet)
    again = measure_pictures(recipe, PRACTICE, EXAM, 200, seed=0, on_drawn=quiet)
    assert measured == again
    assert 0.75 <= measured.accuracy < 1
    assert 0 < measured.loss_ratio < 1


def test_pictures_that_cannot_be_told_apart_make_no_exam() -> None:
    noise = Cards(PRACTICE.X, PRACTICE.y[::-1]), Cards(EXAM.X, EXAM.y)
    with pytest.raises(AssignmentError, match="shows nothing"):
        measure_pictures(PICTURES, *noise, 200, seed=0, on_drawn=quiet)
