from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from grader.facts.proof import OWN_WAY, is_own, moves_as_descent, rate_of
from grader.replay import descend
from tests.evidence_factory import (
    CARDS,
    EPOCHS,
    HOW,
    START,
    facts,
    optimizer_part,
    train_part,
    training_seen,
)

if TYPE_CHECKING:
    from grader.evidence import OptimizerPart
    from grader.facts import Facts
    from grader.models.arrays import Floats

OWN = ("__main__.Mine", "torch.optim.optimizer.Optimizer", "builtins.object")
JUMP = np.array([[START.w, START.b]]) + np.linspace(0, 1, EPOCHS + 1)[:, None] * [
    [2.05 - START.w, 0.86 - START.b]
]


def of_ones_own(**how: object) -> OptimizerPart:
    part = optimizer_part()
    assert part.optimizer is not None
    seen = part.optimizer.model_copy(update={"lineage": OWN, **how})
    return part.model_copy(update={"optimizer": seen})


def seen_with(part: OptimizerPart, path: Floats) -> Facts:
    training = training_seen(path)
    moved = training.model_copy(update={"optimizer": part.optimizer})
    return facts(part, train_part(moved))


def test_an_honest_training_is_not_doubted() -> None:
    assert facts().doubt is None


def test_an_own_optimizer_that_follows_descent_is_not_doubted() -> None:
    assert seen_with(of_ones_own(), descend(START, CARDS, HOW, EPOCHS)).doubt is None


def test_an_own_optimizer_that_jumps_to_numbers_is_doubted() -> None:
    assert seen_with(of_ones_own(), JUMP).doubt == OWN_WAY


def test_a_wrong_rate_of_an_own_optimizer_is_only_a_wrong_rate() -> None:
    path = descend(START, CARDS, replace(HOW, learning_rate=0.02), EPOCHS)
    seen = seen_with(of_ones_own(), path)
    assert seen.doubt is None
    assert seen.training is not None
    assert seen.optimizer is not None
    assert rate_of(seen.training) == pytest.approx(0.02)
    assert not moves_as_descent(seen.training, seen.optimizer)


def test_an_own_zero_grad_that_leaves_gradients_is_doubted_where_the_updates_are_none() -> None:
    assert seen_with(of_ones_own(clears=False), JUMP).doubt == OWN_WAY


def test_whose_a_class_is_is_told_by_its_own_name() -> None:
    part = of_ones_own()
    assert part.optimizer is not None
    assert is_own(part.optimizer)
    honest = optimizer_part().optimizer
    assert honest is not None
    assert not is_own(honest)


def test_numbers_that_stood_still_are_no_reason_to_doubt() -> None:
    still = np.repeat([[START.w, START.b]], EPOCHS + 1, axis=0)
    assert seen_with(of_ones_own(clears=False), still).doubt is None
