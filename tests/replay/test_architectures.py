from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.replay.architectures import AffineMap, Architecture, Network, fits, network_places
from grader.replay.loss_functions import CROSS_ENTROPY
from tests.answers_factory import NETWORK, NETWORK_START, PRACTICE, line_model, network_model

BENT = replace(NETWORK, activation="tanh")
BACKWARDS = Network(6, 3, (4, 22, 0, 3))
AS_PRODUCTS = Network(6, 3, (0, 18, 21, 24), inputs_first=True)


@given(seed=st.integers(0, 10_000))
@pytest.mark.parametrize(
    ("architecture", "size", "width"),
    [
        (AffineMap(0, 1), 2, 1),
        (AffineMap(1, 0), 2, 1),
        (NETWORK, 25, 6),
        (BACKWARDS, 25, 6),
        (BENT, 25, 6),
        (AS_PRODUCTS, 25, 6),
    ],
    ids=["line", "bias first", "network", "last layer first", "tanh", "X @ W"],
)
def test_the_pull_is_the_gradient_of_the_loss(
    architecture: Architecture, size: int, width: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    theta, X = random.normal(size=size), random.normal(size=(7, width))
    y = (random.random((7, 1)) > 0.5).astype(np.float64)
    pull = architecture.vjp(theta, X, CROSS_ENTROPY.slope(architecture.scores(theta, X), y))
    step = 1e-6
    due = [
        (
            CROSS_ENTROPY.value(architecture.scores(theta + move, X), y)
            - CROSS_ENTROPY.value(architecture.scores(theta - move, X), y)
        )
        / (2 * step)
        for move in step * np.eye(size)
    ]
    np.testing.assert_allclose(pull, due, atol=1e-5)


def test_a_network_is_known_in_whatever_order_its_parts_were_declared() -> None:
    assert NETWORK in network_places([(3, 6), (3,), (1, 3), (1,)], 6, 3)
    assert BACKWARDS in network_places([(1, 3), (1,), (3, 6), (3,)], 6, 3)
    assert AS_PRODUCTS in network_places([(6, 3), (3,), (3, 1), (1,)], 6, 3)


@pytest.mark.parametrize(
    "shapes", [[(3, 6), (3,), (1, 3)], [(4, 6), (4,), (1, 4), (1,)], [(1, 6), (1,)], []]
)
def test_parameters_of_other_shapes_are_no_such_network(shapes: list[tuple[int, ...]]) -> None:
    assert network_places(shapes, 6, 3) == ()


def test_a_model_is_known_by_its_answers() -> None:
    assert fits(NETWORK, network_model())
    assert not fits(NETWORK, network_model(bend=np.tanh))
    assert fits(AffineMap(), line_model())
    assert not fits(AffineMap(1, 0), line_model())


def test_probabilities_are_known_as_such() -> None:
    model = line_model(answers=lambda z: 1 / (1 + np.exp(-z)))
    assert fits(AffineMap(), model, shares=True)
    assert not fits(AffineMap(), model)


def test_a_relu_pulls_at_nothing_that_it_cuts_off() -> None:
    theta = NETWORK_START.copy()
    theta[18:21] = -100
    pull = NETWORK.vjp(theta, PRACTICE.X, np.ones((40, 1)))
    assert not pull[:24].any()
    assert pull[24] == 40
