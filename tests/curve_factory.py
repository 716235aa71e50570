"""Builds evidence of a lesson about a curve in memory, in small: four numbers in between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from grader.evidence import (
    DataPart,
    Evidence,
    ModelPart,
    ModelProbed,
    ModelSeen,
    OptimizerPart,
    Part,
    ResultPart,
    TrainingSeen,
    TrainPart,
    TransferPart,
)
from grader.recipes.formula import answers_by
from grader.recipes.recipe import CurveRecipe, CurveTolerances, Grid
from grader.replay import DataSet
from grader.replay.architectures import Network
from grader.replay.loss_functions import SQUARED_ERROR
from tests.answers_factory import walk
from tests.evidence_factory import PROBE_X, loss_part, optimizer_seen, parameter, tensor

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

RECIPE = CurveRecipe(
    kind="curve",
    formula="sin(X)",
    hidden=4,
    epochs=300,
    learning_rate=0.1,
    inputs=Grid(start=-3, stop=3.1, step=0.5),
)
TOLERANCES = CurveTolerances(false_fail=1e-3, draws=3000, distance=0.6, loss=0.06)
OTHER = "-sin(X)"
NETWORK = Network(1, 4, (0, 4, 8, 12), "tanh")
SHAPES = ((4, 1), (4,), (1, 4), (1,))
START = np.round(np.random.default_rng(5).uniform(-0.9, 0.9, NETWORK.size) * 64) / 64


def cards_by(formula: str = RECIPE.formula) -> DataSet:
    X = RECIPE.inputs.values().reshape(-1, 1)
    return DataSet(X, answers_by(formula, X))


def model(theta: Floats = START, network: Network = NETWORK) -> ModelSeen:
    """The network with these numbers."""
    X = np.array(PROBE_X).reshape(-1, 1)
    ends = np.cumsum([int(np.prod(shape)) for shape in SHAPES])[:-1]
    parts = zip(np.split(theta, ends), SHAPES, strict=True)
    return ModelSeen(
        type="Sequential",
        is_module=True,
        layers=("Linear", "Tanh", "Linear"),
        parameters=tuple(parameter(f"p{n}", p.reshape(s)) for n, (p, s) in enumerate(parts)),
        probe=ModelProbed(
            inputs=PROBE_X,
            outputs=tuple(network.scores(theta, X).reshape(-1).tolist()),
            shape=(len(X), 1),
        ),
    )


def practise(
    cards: DataSet | None = None, *, start: Floats = START, **how: Any
) -> tuple[TrainingSeen, Floats]:
    """The network's training on all cards at once, and the numbers it ends with."""
    cards = cards_by() if cards is None else cards
    return walk(
        NETWORK,
        start,
        cards,
        [range(len(cards))] * how.pop("epochs", RECIPE.epochs),
        slope=SQUARED_ERROR.slope,
        loss_function=SQUARED_ERROR,
        rate=how.pop("rate", 0.1),
        shapes=SHAPES,
        **how,
    )


def curve_parts(
    *parts: Part,
    training: tuple[TrainingSeen, Floats] | None = None,
    start: Floats = START,
    moved: tuple[TrainingSeen, Floats] | None = None,
) -> Evidence:
    """The lesson, honest but for these parts."""
    cards, others = cards_by(), cards_by(OTHER)
    training = training or practise(start=start)
    moved = moved or practise(others, start=start)
    honest: tuple[Part, ...] = (
        DataPart(kind="data", names={"X": "X", "y": "y"}, X=tensor(cards.X), y=tensor(cards.y)),
        ModelPart(kind="model", model=model(start)),
        loss_part(),
        OptimizerPart(kind="optimizer", optimizer=optimizer_seen(lr=0.1, owns=(True,) * 4)),
        TrainPart(kind="train", training=training[0]),
        ResultPart(kind="result", model=model(training[1])),
        TransferPart(
            kind="transfer",
            training=moved[0],
            model=model(moved[1]),
            X=tensor(others.X),
            y=tensor(others.y),
        ),
    )
    changed = {type(part) for part in parts}
    return Evidence((*(p for p in honest if type(p) not in changed), *parts), OTHER)
