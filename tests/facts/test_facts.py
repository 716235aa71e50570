from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from grader.errors import Unobserved
from grader.evidence import DataPart, Evidence, ModelPart, ResultPart, TrainPart
from grader.recipes.kinds import CurveRecipe, LineRecipe
from tests.answers_factory import picture_facts, threshold_facts
from tests.curve_factory import curve_facts
from tests.evidence_factory import EPOCHS, RECIPE, START, facts

if TYPE_CHECKING:
    from grader.facts import Facts

KINDS = [facts(), threshold_facts(), picture_facts(), curve_facts()]
each_kind = pytest.mark.parametrize("seen", KINDS, ids=["line", "threshold", "pictures", "curve"])


def test_a_fact_is_worked_out_once() -> None:
    seen = facts()
    assert seen.path is not None
    assert seen.path is seen.path
    assert seen.columns is seen.columns


@each_kind
def test_of_a_run_that_nobody_observed_every_fact_can_be_asked(seen: Facts) -> None:
    nothing = replace(seen, evidence=Evidence(()))
    for name in dir(nothing):
        with suppress(Unobserved):
            getattr(nothing, name)


def test_what_was_not_observed_is_none_and_data_is_empty() -> None:
    seen = facts(without=[DataPart, TrainPart])
    assert [seen.data.X, seen.columns, seen.training, seen.path] == [None] * 4
    assert seen.find(DataPart) is None
    assert seen.model is not None


def test_a_check_that_needs_what_was_not_observed_is_told_so() -> None:
    seen = facts(without=[TrainPart])
    seen.require(DataPart, ModelPart)
    assert seen.part(ModelPart) is seen.find(ModelPart)
    for ask in (lambda: seen.part(TrainPart), lambda: seen.require(DataPart, TrainPart)):
        with pytest.raises(Unobserved):
            ask()


def test_a_recipe_of_another_kind_is_asked_of_by_mistake_only() -> None:
    assert facts().recipe_as(LineRecipe) is RECIPE
    with pytest.raises(TypeError, match="CurveRecipe"):
        facts().recipe_as(CurveRecipe)


def test_a_line_is_known_as_it_was_made_where_it_began_and_where_it_ended() -> None:
    seen = facts()
    assert seen.made_line is not None
    assert seen.trained_line is not None
    assert (seen.made_line.w, seen.made_line.b) == pytest.approx((START.w, START.b))
    assert seen.start_line == seen.made_line
    assert seen.path is not None
    assert seen.path.states[-1] == pytest.approx((seen.trained_line.w, seen.trained_line.b))


@each_kind
def test_an_honest_run_of_every_kind_of_lesson_descends_and_was_trained(
    seen: Facts,
) -> None:
    assert (seen.replayable, seen.descends, seen.trained, seen.learned_here) == (True,) * 4
    assert (seen.overwritten, seen.gradients_made_up, seen.begins_at_the_end) == (False,) * 3
    assert seen.losses_at_ends is not None
    first, last = seen.losses_at_ends
    assert last < first == pytest.approx(seen.first_loss, rel=0.5)


def test_answers_are_counted_on_the_data_and_on_what_was_kept_back() -> None:
    seen = picture_facts()
    for right, scores, answers in (
        (seen.accuracy, seen.final_scores, seen.columns),
        (seen.exam_accuracy, seen.exam_scores, seen.exam),
    ):
        assert scores is not None
        assert answers is not None
        assert right == np.mean((scores > 0) == (answers.y > 0.5))
    assert picture_facts(ResultPart(kind="result")).exam_accuracy is None


def test_calls_are_counted_by_their_kinds() -> None:
    assert (facts().count("BG"), facts().count("BS")) == (EPOCHS, 2 * EPOCHS)
    assert facts(without=[TrainPart]).count("B") == 0
