"""Evidence that behaves like each named mistake of lessons about yes and no."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from grader.evidence import DataPart, ModelPart, ModelProbed, ResultPart
from grader.facts import Code
from grader.models import Step
from grader.replay import DataSet
from grader.replay.loss_functions import CROSS_ENTROPY, sigmoid
from tests.answers_factory import (
    LINE,
    NUMBERS,
    PICTURES,
    PRACTICE,
    START,
    THRESHOLD,
    bce,
    data_of_pictures,
    line_model,
    loss_part,
    network_model,
    own,
    picture_facts,
    practise,
    right_share,
    shuffled_rows,
    threshold_facts,
    walk,
)
from tests.diagnosis.behaviours import SOURCES, STEPS, Run
from tests.evidence_factory import TRAIN_CELL, parameter, tensor

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from grader.evidence import Part, TrainingSeen
    from grader.facts import Facts

    Floats = NDArray[np.float64]

CODE = Code(SOURCES, STEPS)
EVERYTHING = [range(len(NUMBERS))] * THRESHOLD.epochs


def of_numbers(*failed: str, seen: Facts | None = None) -> Run:
    """Lesson 3, of which these checks failed."""
    return Run(replace(seen or threshold_facts(), code=CODE), frozenset(failed))


def of_pictures(*failed: str, seen: Facts | None = None) -> Run:
    """Lesson 4 in small, of which these checks failed."""
    return Run(replace(seen or picture_facts(), code=CODE), frozenset(failed))


def data_set(X: Floats, y: Floats, *failed: str, dtype: str = "float32") -> Run:
    """Lesson 3 with these cards."""
    part = DataPart(kind="data", X=tensor(X), y=tensor(y, dtype=dtype))
    return of_numbers(*(failed or ("data.targets",)), seen=threshold_facts(part))


def model(part: ModelPart, *failed: str) -> Run:
    """Lesson 3 with this model."""
    return of_numbers(*failed, seen=threshold_facts(part))


def loss(
    marks: Callable[[Floats, Floats], float],
    of_shares: Callable[[Floats, Floats], float] | None = None,
    *,
    connected: bool = True,
) -> Run:
    """Lesson 3 with this loss."""
    part = loss_part(marks, of_shares=of_shares, connected=connected)
    return of_numbers("loss.value", "loss.gradient", seen=threshold_facts(part))


def loop(slope: Callable[[Floats, Floats], Floats]) -> Run:
    """Lesson 3, trained along this slope by the scores."""
    seen = threshold_facts(training=walk(LINE, START, NUMBERS, EVERYTHING, slope=slope))
    return of_numbers("train.follows_descent", seen=seen)


def counted(accuracy: float | None, *, boundary: float = 0.07, train: str | None = None) -> Run:
    """Lesson 3 with this number for its accuracy, this boundary at the end, and this code."""
    end = ResultPart(
        kind="result", model=line_model(np.array([3.0, -3.0 * boundary])), accuracy=accuracy
    )
    seen = of_numbers("train.accuracy", seen=threshold_facts(end))
    code = Code(SOURCES | {TRAIN_CELL: train or SOURCES[TRAIN_CELL]}, STEPS)
    return replace(seen, facts=replace(seen.facts, code=code))


def dealt(*failed: str, **seen: object) -> Run:
    """Lesson 4 with this data step."""
    return of_pictures(*failed, seen=picture_facts(data_of_pictures(**seen)))  # type: ignore[arg-type]


def practised(training: tuple[TrainingSeen, Floats], *failed: str) -> Run:
    """Lesson 4 with this training."""
    return of_pictures(*(failed or ("train.epochs",)), seen=picture_facts(training=training))


def network(*parts: Part, failed: str) -> Run:
    """Lesson 4 with this network."""
    return of_pictures(failed, seen=picture_facts(*parts))


def _through(chance: Callable[[Floats], Floats]) -> Callable[[Floats, Floats], Floats]:
    """The slope of a cross-entropy that is handed probabilities for scores."""

    def slope(z: Floats, y: Floats) -> Floats:
        p = chance(z)
        return (sigmoid(p) - y) * p * (1 - p) / len(y)

    return slope


PER_ROUND = 3
ORDERS = ["FLB", "FLB", "FLBS"] * PICTURES.epochs
IN_ORDER = [tuple(range(first, min(first + 16, 40))) for first in range(0, 40, 16)]
WRONG_SIZE = network_model().model_copy(
    update={"parameters": (parameter("weight", np.zeros((1, 6))), parameter("bias", [0.0]))}
)


def silent(error: str) -> ModelPart:
    """A model that cannot be asked."""
    return ModelPart(
        kind="model", model=ANSWERED.model_copy(update={"probe": ModelProbed(error=error)})
    )


ANSWERED = line_model()
WITHOUT_COLUMN = ANSWERED.model_copy(
    update={"probe": ANSWERED.probe.model_copy(update={"shape": ANSWERED.probe.shape[:1]})}
)

OF_NUMBERS: dict[tuple[Step, str], Run] = {
    (Step.DATA, "data_dtype_bool"): data_set(NUMBERS.X, NUMBERS.y, dtype="bool"),
    (Step.DATA, "data_not_centered"): data_set(NUMBERS.X + 5, NUMBERS.y, "data.inputs"),
    (Step.DATA, "data_inputs_wrong"): data_set(NUMBERS.X[::2], NUMBERS.y[::2], "data.inputs"),
    (Step.DATA, "targets_one_class"): data_set(NUMBERS.X, 0 * NUMBERS.y),
    (Step.DATA, "targets_not_binary"): data_set(NUMBERS.X, 2 * NUMBERS.y - 1),
    (Step.DATA, "labels_inverted"): data_set(NUMBERS.X, 1 - NUMBERS.y),
    (Step.DATA, "data_threshold_wrong"): data_set(NUMBERS.X, (NUMBERS.X > 1).astype(float)),
    (Step.MODEL, "sigmoid_twice"): model(
        ModelPart(kind="model", model=line_model(answers=sigmoid)), "model.scores"
    ),
    (Step.MODEL, "forward_missing"): model(
        silent('NotImplementedError: Module [Net] is missing the required "forward" function'),
        "model.scores",
    ),
    (Step.MODEL, "forward_returns_nothing"): model(
        silent("AttributeError: 'NoneType' object has no attribute 'detach'"), "model.scores"
    ),
    (Step.MODEL, "decisions_for_scores"): model(
        ModelPart(kind="model", model=line_model(answers=lambda z: (z > 0).astype(float))),
        "model.scores",
    ),
    (Step.MODEL, "answers_without_column"): model(
        ModelPart(kind="model", model=WITHOUT_COLUMN), "model.scores"
    ),
    (Step.MODEL, "activation_added"): model(
        ModelPart(kind="model", model=line_model(answers=lambda z: np.maximum(z, 0))),
        "model.scores",
    ),
    (Step.MODEL, "parameters_hard_coded"): model(
        ModelPart(kind="model", model=line_model(np.array([3.2, -0.3]))), "model.fresh"
    ),
    (Step.LOSS, "loss_takes_probabilities"): loss(lambda z, y: bce(sigmoid(z) ** 2, y), bce),
    (Step.LOSS, "loss_squared_error"): loss(lambda z, y: float(np.mean((z - y) ** 2))),
    (Step.LOSS, "loss_among_one_class"): loss(lambda _z, _y: 0.0),
    (Step.LOSS, "loss_sum"): loss(lambda z, y: 6 * CROSS_ENTROPY.value(z, y)),
    (Step.LOSS, "loss_negated"): loss(lambda z, y: -CROSS_ENTROPY.value(z, y)),
    (Step.LOSS, "sigmoid_twice"): loss(lambda z, y: CROSS_ENTROPY.value(sigmoid(z), y)),
    (Step.LOSS, "loss_arguments_swapped"): loss(lambda z, y: CROSS_ENTROPY.value(y, z)),
    (Step.LOSS, "labels_inverted"): loss(lambda z, y: CROSS_ENTROPY.value(z, 1 - y)),
    (Step.LOSS, "loss_scaled"): loss(lambda z, y: CROSS_ENTROPY.value(z, y) / 2),
    (Step.LOSS, "loss_detached"): loss(CROSS_ENTROPY.value, connected=False),
    (Step.TRAIN, "sigmoid_twice"): loop(_through(sigmoid)),
    (Step.TRAIN, "loss_squared_error"): loop(
        lambda z, y: 2 * (sigmoid(z) - y) * sigmoid(z) * (1 - sigmoid(z)) / len(y)
    ),
    (Step.TRAIN, "loss_arguments_swapped"): loop(lambda _z, y: -y / len(y)),
    (Step.TRAIN, "labels_inverted"): loop(lambda z, y: own(z, 1 - y)),
    (Step.TRAIN, "accuracy_threshold_wrong"): counted(0.98),
    (Step.TRAIN, "accuracy_counts_all_as_yes"): counted(0.48),
    (Step.TRAIN, "accuracy_broadcast"): counted(0.24 * 0.96 * 2 + 0.04),
    (Step.TRAIN, "accuracy_not_a_share"): counted(100.0),
    (Step.TRAIN, "accuracy_of_mistakes"): counted(0.0, train="accuracy = 1 - right"),
    (Step.TRAIN, "accuracy_before_training"): counted(
        0.94, train=f"accuracy = share(model)\n{SOURCES[TRAIN_CELL]}"
    ),
    (Step.TRAIN, "accuracy_no_number"): counted(
        None, train=f"{SOURCES[TRAIN_CELL]}\naccuracy = str(share(model))"
    ),
    (Step.TRAIN, "accuracy_not_counted"): counted(None),
}

OF_PICTURES: dict[tuple[Step, str], Run] = {
    (Step.DATA, "exam_not_kept_back"): dealt(
        "data.exam", exam=DataSet(PRACTICE.X[:20], PRACTICE.y[:20])
    ),
    (Step.DATA, "labels_inverted"): dealt(
        "data.cards", practice=DataSet(PRACTICE.X, 1 - PRACTICE.y)
    ),
    (Step.DATA, "labels_misplaced"): dealt(
        "data.cards", practice=DataSet(PRACTICE.X, np.roll(PRACTICE.y, 7, axis=0))
    ),
    (Step.DATA, "shuffle_missing"): dealt("data.batches", rows=[IN_ORDER, IN_ORDER]),
    (Step.DATA, "batch_size_wrong"): dealt(
        "data.batches", rows=[shuffled_rows(2, size=8)[:5], shuffled_rows(2, size=8)[5:]]
    ),
    (Step.DATA, "deck_incomplete"): dealt("data.batches", rows=[IN_ORDER[:2], IN_ORDER[1:]]),
    (Step.MODEL, "network_wrong_size"): network(
        ModelPart(kind="model", model=WRONG_SIZE), failed="model.size"
    ),
    (Step.MODEL, "network_not_as_asked"): network(
        ModelPart(kind="model", model=network_model(bend=lambda z: z**3)), failed="model.scores"
    ),
    (Step.LOSS, "loss_by_fixed_count"): of_pictures(
        "loss.value",
        seen=picture_facts(loss_part(lambda z, y: CROSS_ENTROPY.value(z, y) * len(y) / 16)),
    ),
    (Step.TRAIN, "round_incomplete"): practised(
        practise([rows for n, rows in enumerate(shuffled_rows(6)) if n % PER_ROUND < 2])
    ),
    (Step.TRAIN, "one_batch_per_epoch"): practised(practise(shuffled_rows(6)[::PER_ROUND])),
    (Step.TRAIN, "batches_not_used"): practised(practise([range(40)] * PICTURES.epochs)),
    (Step.TRAIN, "step_once_an_epoch"): practised(practise(order=ORDERS), "train.follows_descent"),
    (Step.TRAIN, "zero_grad_once_an_epoch"): practised(
        practise(order=["ZFLBS", "FLBS", "FLBS"] * PICTURES.epochs), "train.follows_descent"
    ),
    (Step.TRAIN, "losses_of_batches_kept"): practised(practise(kept=[0.5] * 18), "train.losses"),
    (Step.TRAIN, "accuracy_on_practice_cards"): of_pictures(
        "train.accuracy", seen=picture_facts(accuracy=right_share(practise()[1], PRACTICE))
    ),
}
