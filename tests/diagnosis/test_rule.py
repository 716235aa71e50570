from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.diagnosis.rule import Rules, explaining, only
from grader.language.messages import say
from grader.models import Step
from grader.recipes.kinds import CurveRecipe, LineRecipe
from tests.evidence_factory import facts

if TYPE_CHECKING:
    from grader.diagnosis.rule import Rule


def named(
    explains: tuple[str, ...] = (), unless: tuple[str, ...] = (), *, alone: bool = False
) -> Rule:
    """A mistake of the training that every run behaves like."""
    make = Rules(Step.TRAIN, lambda _: (15, 4))(
        "always",
        say("It behaves like any."),
        say("Look again."),
        explains=explains,
        unless=unless,
        alone=alone,
    )
    return make(lambda _: True)


def asked(one: Rule, *failed: str, step: Step = Step.TRAIN) -> bool:
    return one.asked(step, facts(), frozenset(failed))


def test_a_rule_that_explains_no_check_is_asked_of_any_failure_of_its_step() -> None:
    assert asked(named())
    assert asked(named(), "train.losses")
    assert not asked(named(), "model.line", step=Step.MODEL)


def test_a_rule_is_asked_where_a_check_failed_that_it_explains() -> None:
    (given,) = explaining("train.losses", named())
    for one in (named(("train.losses",)), named(("train.losses", "train.epochs")), given):
        assert asked(one, "train.losses")
        assert asked(one, "train.losses", "train.accuracy")
        assert not asked(one, "train.accuracy")
        assert not asked(one)


def test_a_rule_is_not_asked_where_another_check_tells_more() -> None:
    one = named(("train.losses",), unless=("train.epochs",))
    assert asked(one, "train.losses")
    assert not asked(one, "train.losses", "train.epochs")


@pytest.mark.parametrize("explains", [("train.losses",), ("train.losses", "train.accuracy")])
def test_a_rule_that_stands_alone_explains_everything_that_failed(
    explains: tuple[str, ...],
) -> None:
    one = named(explains, alone=True)
    assert asked(one, *explains)
    assert asked(one, "train.losses")
    assert not asked(one, "train.losses", "train.epochs")


def test_a_rule_of_one_kind_of_lesson_is_not_asked_of_another() -> None:
    (of_lines,), (of_curves,) = only(LineRecipe, named()), only(CurveRecipe, named())
    assert asked(of_lines)
    assert not asked(of_curves)


def test_a_mistake_is_told_with_its_place() -> None:
    found = named().diagnosis(facts())
    assert (found.id, found.step, found.cell, found.line) == ("always", Step.TRAIN, 15, 4)
