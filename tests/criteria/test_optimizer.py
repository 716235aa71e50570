from __future__ import annotations

from typing import Any

import pytest

from grader.criteria.optimizer import has_learning_rate, is_plain_sgd, owns_the_model
from grader.models import Verdict
from tests.evidence_factory import evidence, optimizer_part, optimizer_seen

PASSED, FAILED = Verdict.PASSED, Verdict.FAILED
nothing = evidence(optimizer_part().model_copy(update={"optimizer": None}))


def rate(**seen: Any) -> Verdict:
    return has_learning_rate(evidence(optimizer_part(**seen)), 0.01).verdict


def test_plain_sgd_on_the_model_passes() -> None:
    assert owns_the_model(evidence()).verdict is PASSED
    assert is_plain_sgd(evidence()).verdict is PASSED
    assert rate() is PASSED


@pytest.mark.parametrize(
    ("owns", "foreign", "told"),
    [
        ((False, False), 2, "another model"),
        ((True, False), 0, "only a part"),
        ((False, True), 0, "only a part"),
        ((True, True), 1, "not the model's"),
        ((), 2, ""),
    ],
    ids=["another model's", "the weight alone", "the bias alone", "a foreign one too", "no model"],
)
def test_other_parameters_fail(owns: tuple[bool, ...], foreign: int, told: str) -> None:
    judgement = owns_the_model(evidence(optimizer_part(owns=owns, foreign=foreign)))
    assert judgement.verdict is FAILED
    assert told in str(judgement.message)


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "Adam"},
        {"name": "RMSprop"},
        {"momentum": 0.9},
        {"weight_decay": 0.1},
        {"momentum": 0.9, "nesterov": True},
        {"maximize": True},
    ],
    ids=lambda changed: ", ".join(changed),
)
def test_another_method_fails(changed: dict[str, Any]) -> None:
    assert is_plain_sgd(evidence(optimizer_part(**changed))).verdict is FAILED


@pytest.mark.parametrize("lr", [0.1, 0.001, 0.0101, 1.0, 0.0, -0.01, None, "0.01"])
def test_another_learning_rate_fails(lr: Any) -> None:
    assert rate(lr=lr) is FAILED


def test_the_method_does_not_change_the_learning_rate() -> None:
    assert rate(name="Adam", lr=0.01) is PASSED


@pytest.mark.parametrize("second", [0.01, 0.1])
def test_every_group_needs_the_learning_rate(second: float) -> None:
    groups = (*optimizer_seen().groups, *optimizer_seen(lr=second).groups)
    seen = optimizer_seen().model_copy(update={"groups": groups})
    part = optimizer_part().model_copy(update={"optimizer": seen})
    due = PASSED if second == 0.01 else FAILED
    assert has_learning_rate(evidence(part), 0.01).verdict is due
    assert is_plain_sgd(evidence(part)).verdict is due


def test_where_there_is_no_optimizer_the_student_is_told() -> None:
    judgements = [owns_the_model(nothing), is_plain_sgd(nothing), has_learning_rate(nothing, 0.01)]
    assert {judgement.verdict for judgement in judgements} == {FAILED}
    assert all("no `optimizer`" in str(judgement.message) for judgement in judgements)
