from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from grader.checks.criteria.optimizer import has_learning_rate, is_plain_sgd, owns_the_model
from grader.evidence import TrainPart
from grader.models import Verdict
from grader.replay import descend
from tests.evidence_factory import (
    CARDS,
    EPOCHS,
    HOW,
    START,
    evidence,
    optimizer_part,
    optimizer_seen,
    train_part,
    training_seen,
)

if TYPE_CHECKING:
    from grader.evidence import Evidence, OptimizerPart
    from grader.evidence.training import TrainedSeen
    from grader.replay import Descent
    from tests.evidence_factory import Floats

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
    # One mistake is charged once: it is gradient descent, whatever the rates.
    assert is_plain_sgd(evidence(part)).verdict is PASSED


def test_where_there_is_no_optimizer_the_student_is_told() -> None:
    judgements = [owns_the_model(nothing), is_plain_sgd(nothing), has_learning_rate(nothing, 0.01)]
    assert {judgement.verdict for judgement in judgements} == {FAILED}
    assert all("no `optimizer`" in str(judgement.message) for judgement in judgements)


OWN = ("__main__.Descent", "torch.optim.optimizer.Optimizer", "builtins.object")


def written_by_a_student(states: Floats, **seen: Any) -> Evidence:
    """An optimizer of one's own, which led the model through these numbers."""
    return evidence(of_lineage(OWN), train_part(training_seen(states, **seen)))


def of_lineage(lineage: tuple[str, ...]) -> OptimizerPart:
    seen = optimizer_seen(name="Descent").model_copy(update={"lineage": lineage})
    return optimizer_part().model_copy(update={"optimizer": seen})


def test_an_optimizer_of_ones_own_passes_where_it_moves_by_its_gradients() -> None:
    honest = descend(START, CARDS, HOW, EPOCHS)
    assert is_plain_sgd(written_by_a_student(honest)).verdict is PASSED


def test_an_optimizer_of_ones_own_is_not_charged_with_the_loop() -> None:
    # Gradients that were never cleared: the steps follow what they found all the same.
    training = training_seen(descend(START, CARDS, HOW, 3))
    doubled = tuple(
        one.model_copy(
            update={
                "gradients": tuple((t, (2 * g[0],)) for t, g in one.gradients),
                "values": ((one.values[0]), *_moved(one)),
            }
        )
        for one in training.trained
    )
    seen = evidence(of_lineage(OWN), train_part(training.model_copy(update={"trained": doubled})))
    assert is_plain_sgd(seen).verdict is PASSED


def _moved(one: TrainedSeen) -> list[tuple[int, tuple[float]]]:
    """Where twice the recorded gradients lead."""
    (_, (value,)), *_ = one.values
    moved = []
    for tick, (slope,) in one.gradients:
        value -= 0.01 * 2 * slope
        moved.append((tick, (value,)))
    return moved


@pytest.mark.parametrize(
    "how", [replace(HOW, momentum=0.9), replace(HOW, learning_rate=0.02)], ids=["momentum", "rate"]
)
def test_an_optimizer_of_ones_own_that_moves_otherwise_fails(how: Descent) -> None:
    other = descend(START, CARDS, how, EPOCHS)
    assert is_plain_sgd(written_by_a_student(other)).verdict is FAILED


def test_an_optimizer_of_ones_own_that_was_never_seen_to_move_fails() -> None:
    seen = evidence(of_lineage(OWN), without=[TrainPart])
    assert is_plain_sgd(seen).verdict is FAILED


def test_a_class_on_another_of_torchs_methods_is_not_ones_own() -> None:
    lineage = ("__main__.Mine", "torch.optim.adam.Adam", *OWN[1:])
    honest = train_part(training_seen(descend(START, CARDS, HOW, EPOCHS)))
    assert is_plain_sgd(evidence(of_lineage(lineage), honest)).verdict is FAILED


def grouped(*groups: dict[str, float]) -> Evidence:
    """An SGD with these groups, a parameter each."""
    part = optimizer_part()
    assert part.optimizer is not None
    optimizer = part.optimizer.model_copy(update={"groups": groups})
    return evidence(part.model_copy(update={"optimizer": optimizer}))


def test_momentum_in_one_group_is_more_than_gradient_descent() -> None:
    assert is_plain_sgd(grouped({"lr": 0.01}, {"lr": 0.01, "momentum": 0.9})).verdict is FAILED


def test_an_optimizer_that_was_never_set_up_is_not_said_to_move_another_model() -> None:
    owned = optimizer_seen(owns=(False, False)).model_copy(update={"set_up": False, "groups": ()})
    part = optimizer_part().model_copy(update={"optimizer": owned})
    judgement = owns_the_model(evidence(part, without=[TrainPart]))
    assert judgement.verdict is FAILED
    assert "cannot be asked" in str(judgement.message)
