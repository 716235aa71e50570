from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.diagnosis.rule import Cell, Rules, only
from grader.evidence import TrainPart
from grader.facts import Code
from grader.language.messages import say
from grader.models import CellError, Step
from grader.recipes.kinds import CurveRecipe, LineRecipe
from tests.evidence_factory import facts

if TYPE_CHECKING:
    from grader.diagnosis.rule import Rule
    from grader.facts import Facts

RAISED = CellError(15, "NameError", "name 'lr' is not defined", "", 4)
STOPPED = facts(code=Code(stopped={Step.TRAIN: RAISED}))


def named(
    explains: tuple[str, ...] = ("train",),
    unless: tuple[str, ...] = (),
    *,
    alone: bool = False,
    cell: Cell = Cell.ENDED,
) -> Rule:
    """A mistake of the training that every run behaves like."""
    make = Rules(Step.TRAIN, lambda _: (15, 4), ("train.epochs",), (TrainPart,))(
        "always",
        say("It behaves like any."),
        say("Look again."),
        explains=explains,
        unless=unless,
        alone=alone,
        cell=cell,
    )
    return make(lambda _: True)


def asked(one: Rule, *failed: str, step: Step = Step.TRAIN, seen: Facts | None = None) -> bool:
    return one.asked(step, seen or facts(), frozenset(failed))


def test_a_rule_that_explains_a_step_is_asked_of_any_failure_of_it() -> None:
    assert asked(named(), "train.losses")
    assert asked(named(), "train.something_of_the_author")
    assert not asked(named())
    assert not asked(named(), "model.line", step=Step.MODEL)


def test_a_rule_is_asked_where_a_check_failed_that_it_explains() -> None:
    for one in (named(("train.losses",)), named(("train.losses", "train.epochs"))):
        assert asked(one, "train.losses")
        assert asked(one, "train.losses", "train.accuracy")
        assert not asked(one, "train.accuracy")
        assert not asked(one)


def test_a_rule_that_says_nothing_of_its_own_explains_what_its_kind_does() -> None:
    assert named(()).explains == {"train.epochs"}


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


@pytest.mark.parametrize(
    ("cell", "after_an_end", "after_an_error"),
    [(Cell.ENDED, True, False), (Cell.STOPPED, False, True), (Cell.ANYHOW, True, True)],
)
def test_what_comes_before_a_crash_says_nothing_of_what_would_have_come_after(
    cell: Cell, after_an_end: bool, after_an_error: bool
) -> None:
    one = named(cell=cell)
    assert asked(one, "train.epochs") is after_an_end
    assert asked(one, "train.epochs", seen=STOPPED) is after_an_error


def test_a_rule_is_not_asked_where_what_it_needs_was_not_observed() -> None:
    assert not asked(named(), "train.epochs", seen=facts(without=[TrainPart]))


def test_a_rule_of_one_kind_of_lesson_is_not_asked_of_another() -> None:
    (of_lines,), (of_curves,) = only(LineRecipe, named()), only(CurveRecipe, named())
    assert asked(of_lines, "train.epochs")
    assert not asked(of_curves, "train.epochs")


def test_a_mistake_is_told_with_its_place() -> None:
    found = named().diagnosis(facts())
    assert (found.id, found.step, found.cell, found.line) == ("always", Step.TRAIN, 15, 4)
