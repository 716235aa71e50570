"""What holds of every rule, whatever it names."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.course.assignment import load_assignments
from grader.diagnosis import CATALOGUE
from grader.diagnosis.rule import Cell, Rule
from grader.evidence import Evidence
from grader.facts import Code, Facts
from grader.models import CellError, Step
from tests.answers_factory import PICTURES, THRESHOLD, picture_facts, threshold_facts
from tests.curve_factory import RECIPE as CURVE
from tests.diagnosis.behaviours import NOISY, SOURCES, STEPS, every_check
from tests.evidence_factory import RECIPE, facts

ROOT = Path(__file__).resolve().parents[2]
OF_LESSONS = {check.id for each in load_assignments(ROOT) for check in each.checks} | {
    "model.size",
    "model.network",
}
UNKNOWN = [Facts(Evidence(()), recipe) for recipe in (RECIPE, NOISY, CURVE, THRESHOLD, PICTURES)]
HONEST = [facts(), threshold_facts(), picture_facts()]

each_rule = pytest.mark.parametrize(
    "rule", CATALOGUE, ids=[f"{rule.step}-{rule.id}-{n}" for n, rule in enumerate(CATALOGUE)]
)


@each_rule
def test_a_rule_explains_checks_of_its_own_step(rule: Rule) -> None:
    assert rule.explains
    assert {check.partition(".")[0] for check in rule.explains} == {rule.step.value}
    assert {check for check in rule.explains if "." in check} <= OF_LESSONS


@each_rule
def test_a_rule_is_silent_where_none_of_its_checks_failed(rule: Rule) -> None:
    others = frozenset(c for c in every_check(rule.step) if not rule.accounts_for(c))
    assert not any(rule.asked(rule.step, seen, others) for seen in HONEST)


@each_rule
def test_a_rule_is_silent_where_nothing_was_observed(rule: Rule) -> None:
    for seen in UNKNOWN:
        asked = rule.asked(rule.step, seen, every_check(rule.step))
        assert not (asked and rule.applies(seen))


@each_rule
def test_a_rule_says_what_is_missing_only_of_a_cell_that_came_to_its_end(rule: Rule) -> None:
    if rule.step is Step.RESULT or rule.cell is not Cell.ENDED:
        return
    error = CellError(STEPS[rule.step][0], "NameError", "name 'lr' is not defined", "", 2)
    stopped = facts(code=Code(SOURCES, STEPS, {rule.step: error}))
    assert not rule.asked(rule.step, stopped, every_check(rule.step))


@each_rule
def test_a_rule_can_be_asked_in_every_lesson_that_it_is_about(rule: Rule) -> None:
    for seen in HONEST:
        if isinstance(seen.recipe, rule.of) and rule.cell is not Cell.STOPPED:
            rule.applies(seen)
