"""Evidence of lessons about yes and no: a threshold on numbers, and pictures small enough to read.

`threshold_facts()` and `picture_facts()` are honest runs, every part replaceable; `walk` trains a
pupil by any order of events, with any slope, on any batches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from grader.evidence import (
    BatchSeen,
    DataPart,
    Evidence,
    LoaderSeen,
    LossPart,
    LossProbed,
    LossSeen,
    ModelPart,
    ModelProbed,
    ModelSeen,
    OptimizerPart,
    ResultPart,
    TrainedSeen,
    TrainingSeen,
    TrainPart,
    TransferPart,
)
from grader.facts import Facts
from grader.recipes.kinds import Grid, PicturesRecipe, ThresholdRecipe
from grader.replay import DataSet
from grader.replay.architectures import AffineMap, Network
from grader.replay.loss_functions import CROSS_ENTROPY, LossFunction, sigmoid
from tests.evidence_factory import (
    LINES,
    PROBE_X,
    TRAIN_CELL,
    losses_kept,
    optimizer_seen,
    parameter,
    tensor,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from grader.evidence import Part
    from grader.replay.architectures import Architecture

    Floats = NDArray[np.float64]
    Slope = Callable[[Floats, Floats], Floats]

P = TypeVar("P", bound="Part")

THRESHOLD = ThresholdRecipe(
    kind="threshold",
    threshold=0.0,
    epochs=100,
    learning_rate=0.5,
    inputs=Grid(start=-5, stop=5, step=0.2),
)
PICTURES = PicturesRecipe(
    kind="pictures",
    cards=40,
    exam=20,
    pixels=6,
    hidden=3,
    batch=16,
    epochs=6,
    learning_rate=0.5,
    given=("pictures", "cats", "test_pictures", "test_cats"),
)
LINE = AffineMap()
START = np.array([0.4375, -0.3125])
NETWORK = Network(6, 3, (0, 18, 21, 24))
_RANDOM = np.random.default_rng(4)
NETWORK_START = np.round(_RANDOM.uniform(-0.5, 0.5, NETWORK.size) * 64) / 64


def numbers(threshold: float = 0.0) -> DataSet:
    """Lesson 3's fifty cards."""
    X = THRESHOLD.inputs.values().reshape(-1, 1)
    return DataSet(X, (threshold < X).astype(np.float64))


def pile(count: int, seed: int) -> DataSet:
    """Pictures of which the first half has its dots on the left, the second on the right."""
    random = np.random.default_rng(seed)
    yes = (np.arange(count) < count // 2).astype(np.float64)
    side = np.where(yes[:, None] > 0, [1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1])
    dots = 0.8 * side + random.normal(0, 0.3, (count, 6))
    return DataSet(np.round(dots * 16) / 16, yes.reshape(-1, 1))


NUMBERS = numbers()
PRACTICE, EXAM = pile(PICTURES.cards, 1), pile(PICTURES.exam, 2)


def own(scores: Floats, y: Floats) -> Floats:
    """The slope of the lessons' own loss."""
    return CROSS_ENTROPY.slope(scores, y)


def shuffled_rows(epochs: int, count: int = 40, size: int = 16) -> list[tuple[int, ...]]:
    """The rows of each batch, epoch by epoch, in orders of their own."""
    random = np.random.default_rng(7)
    orders = [random.permutation(count).tolist() for _ in range(epochs)]
    return [tuple(o[first : first + size]) for o in orders for first in range(0, count, size)]


# ---- training ----------------------------------------------------------------------------------


def walk(
    architecture: Architecture,
    start: Floats,
    cards: DataSet,
    rows: Sequence[Sequence[int]],
    *,
    order: str | Sequence[str] = "FLZBS",
    slope: Slope = own,
    loss_function: LossFunction = CROSS_ENTROPY,
    rate: float = 0.5,
    shapes: Sequence[tuple[int, ...]] = ((1, 1), (1,)),
    by_rows: bool = False,
    kept: Sequence[float] | None = None,
    epochs: int | None = None,
) -> tuple[TrainingSeen, Floats]:
    """A training that goes through these rows, and the numbers it ends with.

    `order` are the events of every round, or of each.
    """
    orders = [order] * len(rows) if isinstance(order, str) else list(order)
    batches = list(dict.fromkeys(tuple(each) for each in rows))
    theta, seen, gathered = start.astype(np.float64), start.astype(np.float64), np.zeros(len(start))
    tick, events = 0, []
    snapshots, losses, backwards, updates = [(1, theta)], [], [], []
    for each, kinds in zip(rows, orders, strict=True):
        dealt = cards.dealt(each)
        for kind in kinds:
            tick += 1
            events.append(kind)
            if kind == "F":
                seen = theta
            elif kind == "Z":
                gathered = np.zeros_like(theta)
            elif kind == "B":
                scores = architecture.scores(seen, dealt.X)
                gathered = gathered + architecture.vjp(seen, dealt.X, slope(scores, dealt.y))
                losses.append((tick, loss_function.value(scores, dealt.y)))
                backwards.append((tick, (batches.index(tuple(each)),)))
            elif kind == "S":
                theta = _float32(theta - rate * gathered)
                snapshots.append((tick, theta))
                updates.append((tick, (batches.index(tuple(each)),)))
    counts = {kind: events.count(kind) for kind in sorted(set(events))}
    epochs = len(rows) if epochs is None else epochs
    training = TrainingSeen(
        parameters=tuple(range(len(shapes))),
        models=1,
        trained=tuple(_trained(shapes, place, snapshots) for place in range(len(shapes))),
        events="".join(events),
        event_cells=(TRAIN_CELL,) * len(events),
        event_lines=tuple(LINES[kind] for kind in events),
        counts=counts,
        losses=tuple(losses),
        batches=tuple(_batch(cards, each, by_rows=by_rows) for each in batches),
        backwards=tuple(backwards),
        updates=tuple(updates),
        kept_losses=losses_kept(_means(losses, epochs) if kept is None else kept),
        epochs=epochs,
        optimizer=optimizer_seen(lr=rate, owns=(True,) * len(shapes)),
        examined=20,
    )
    return training, theta


def _means(losses: Sequence[tuple[int, float]], epochs: int) -> list[float]:
    values = [value for _, value in losses]
    return [float(np.mean(part)) for part in np.array_split(values, epochs)] if values else []


def _float32(theta: Floats) -> Floats:
    with np.errstate(over="ignore"):
        return theta.astype(np.float32).astype(np.float64)


def _trained(
    shapes: Sequence[tuple[int, ...]], place: int, snapshots: Sequence[tuple[int, Floats]]
) -> TrainedSeen:
    sizes = [int(np.prod(shape)) for shape in shapes]
    first = sum(sizes[:place])
    values = [(t, tuple(theta[first : first + sizes[place]].tolist())) for t, theta in snapshots]
    changed = [v for n, v in enumerate(values) if n == 0 or v[1] != values[n - 1][1]]
    return TrainedSeen(
        shape=shapes[place], changes=len(changed), values=tuple(changed), gradients=()
    )


def _batch(cards: DataSet, rows: Sequence[int], *, by_rows: bool) -> BatchSeen:
    if by_rows:
        return BatchSeen(shape=(len(rows),), dtype="rows", rows=tuple(rows))
    return BatchSeen(**tensor(cards.X[list(rows)]).model_dump())


# ---- the steps ---------------------------------------------------------------------------------


def line_model(
    theta: Floats = START, answers: Callable[[Floats], Floats] | None = None
) -> ModelSeen:
    """A line of scores; `answers` makes something else of them."""
    scores = theta[0] * np.array(PROBE_X) + theta[1]
    outputs = scores if answers is None else answers(scores)
    return ModelSeen(
        type="Linear",
        is_module=True,
        layers=("Linear",),
        parameters=(parameter("weight", [[theta[0]]]), parameter("bias", [theta[1]])),
        probe=ModelProbed(inputs=PROBE_X, outputs=tuple(outputs.tolist()), shape=(len(PROBE_X), 1)),
    )


NETWORK_SHAPES = ((3, 6), (3,), (1, 3), (1,))


def network_model(
    theta: Floats = NETWORK_START, *, bend: Callable[[Floats], Floats] | None = None
) -> ModelSeen:
    """The network of the small pictures; `bend` makes something else of its scores."""
    X = np.random.default_rng(9).normal(size=(12, 6))
    scores = NETWORK.scores(theta, X).reshape(-1)
    ends = np.cumsum([int(np.prod(shape)) for shape in NETWORK_SHAPES])[:-1]
    return ModelSeen(
        type="Sequential",
        is_module=True,
        layers=("Linear", "ReLU", "Linear"),
        parameters=tuple(
            parameter(f"p{n}", part.reshape(shape))
            for n, (part, shape) in enumerate(
                zip(np.split(theta, ends), NETWORK_SHAPES, strict=True)
            )
        ),
        probe=ModelProbed(
            width=6,
            inputs=tuple(X.reshape(-1).tolist()),
            outputs=tuple((scores if bend is None else bend(scores)).tolist()),
            shape=(12, 1),
        ),
    )


def loss_part(
    of_scores: Callable[[Floats, Floats], float] = CROSS_ENTROPY.value,
    *,
    of_shares: Callable[[Floats, Floats], float] | None = None,
    connected: bool = True,
) -> LossPart:
    """A loss by what it says of scores; of probabilities it says what it says of any number."""
    random, target = np.random.default_rng(2), np.array([1.0, 0.0, 1.0, 1.0, 0.0, 0.0])
    drawn = [random.normal(size=6) * scale for scale in (0.5, 1.0, 2.0)]
    of_shares = of_shares or of_scores
    return LossPart(
        kind="loss",
        names={"loss_fn": "loss_fn"},
        loss=LossSeen(
            type="BCEWithLogitsLoss",
            probes=tuple(_probe(of_scores, z, target, connected) for z in drawn),
            choices=tuple(_probe(of_scores, z, target, connected) for z in drawn),
            shares=tuple(_probe(of_shares, sigmoid(z), target, connected) for z in drawn),
        ),
    )


def _probe(
    marks: Callable[[Floats, Floats], float], guess: Floats, target: Floats, connected: bool
) -> LossProbed:
    moves = 1e-6 * np.eye(len(guess))
    slope = [(marks(guess + m, target) - marks(guess - m, target)) / 2e-6 for m in moves]
    return LossProbed(
        prediction=tuple(guess.tolist()),
        target=tuple(target.tolist()),
        shape=(),
        value=marks(guess, target),
        gradient=tuple(slope) if connected else None,
    )


def bce(chance: Floats, answer: Floats) -> float:
    """What torch.nn.BCELoss says of probabilities."""
    return float(np.mean(-answer * np.log(chance) - (1 - answer) * np.log(1 - chance)))


# ---- whole runs --------------------------------------------------------------------------------


def threshold_facts(
    *parts: Part,
    training: tuple[TrainingSeen, Floats] | None = None,
    accuracy: float | None = 1.0,
    cards: DataSet = NUMBERS,
) -> Facts:
    """Lesson 3, honest but for these parts."""
    training = training or walk(LINE, START, cards, [range(len(cards))] * THRESHOLD.epochs)
    end = training[1]
    other = numbers(2.0)
    moved = walk(LINE, START, other, [range(len(other))] * THRESHOLD.epochs)
    honest: tuple[Part, ...] = (
        DataPart(kind="data", names={"X": "X", "y": "y"}, X=tensor(cards.X), y=tensor(cards.y)),
        ModelPart(kind="model", model=line_model()),
        loss_part(),
        OptimizerPart(kind="optimizer", optimizer=optimizer_seen(lr=0.5)),
        TrainPart(kind="train", training=training[0]),
        ResultPart(kind="result", model=line_model(end), accuracy=accuracy),
        TransferPart(
            kind="transfer",
            training=moved[0],
            model=line_model(moved[1]),
            X=tensor(other.X),
            y=tensor(other.y),
        ),
    )
    seen = Evidence({type(p): p for p in (*honest, *parts)}.values(), "(X > 2.0) * 1.0")
    return Facts(seen, THRESHOLD)


def data_of_pictures(
    practice: DataSet = PRACTICE,
    exam: DataSet = EXAM,
    *,
    rows: Sequence[Sequence[Sequence[int]]] | None = None,
    beside: bool = True,
) -> DataPart:
    """Lesson 4's data step: `rows` of each batch in two epochs, in place of shuffled ones."""
    if rows is None:
        batches = shuffled_rows(2)
        rows = [batches[:3], batches[3:]]
    dealt = tuple(tuple((tuple(b), tuple([beside] * len(b))) for b in epoch) for epoch in rows)
    return DataPart(
        kind="data",
        names={role: role for role in ("X", "y", "X_test", "y_test", "loader")},
        X=tensor(practice.X),
        y=tensor(practice.y),
        X_test=tensor(exam.X),
        y_test=tensor(exam.y),
        loader=LoaderSeen(type="DataLoader", epochs=dealt),
        given={
            "pictures": tensor(PRACTICE.X),
            "cats": tensor(PRACTICE.y.reshape(-1), dtype="int64"),
            "test_pictures": tensor(EXAM.X),
            "test_cats": tensor(EXAM.y.reshape(-1), dtype="int64"),
        },
    )


def practise(
    rows: Sequence[Sequence[int]] | None = None,
    *,
    order: str | Sequence[str] = "FLZBS",
    kept: Sequence[float] | None = None,
    cards: DataSet = PRACTICE,
    start: Floats = NETWORK_START,
) -> tuple[TrainingSeen, Floats]:
    """The network's training, in shuffled batches unless other rows are shown."""
    return walk(
        NETWORK,
        start,
        cards,
        shuffled_rows(PICTURES.epochs) if rows is None else rows,
        order=order,
        shapes=NETWORK_SHAPES,
        by_rows=True,
        kept=kept,
        epochs=PICTURES.epochs,
    )


def right_share(theta: Floats, cards: DataSet) -> float:
    """The share of cards that the network gets right."""
    return float(np.mean((NETWORK.scores(theta, cards.X) > 0) == (cards.y > 0.5)))


def picture_facts(
    *parts: Part,
    training: tuple[TrainingSeen, Floats] | None = None,
    accuracy: float | None = None,
) -> Facts:
    """Lesson 4 in small, honest but for these parts."""
    training = training or practise()
    others = DataSet(PRACTICE.X[:, ::-1], PRACTICE.y), DataSet(EXAM.X[:, ::-1], EXAM.y)
    moved = practise(cards=others[0])
    due = right_share(training[1], EXAM)
    honest: tuple[Part, ...] = (
        data_of_pictures(),
        ModelPart(kind="model", model=network_model()),
        loss_part(),
        OptimizerPart(kind="optimizer", optimizer=optimizer_seen(lr=0.5, owns=(True,) * 4)),
        TrainPart(kind="train", training=training[0]),
        ResultPart(
            kind="result",
            model=network_model(training[1]),
            accuracy=due if accuracy is None else accuracy,
        ),
        TransferPart(
            kind="transfer",
            training=moved[0],
            model=network_model(moved[1]),
            X=tensor(others[0].X).model_copy(update={"digest": "other"}),
            y=tensor(others[0].y),
            X_test=tensor(others[1].X),
            y_test=tensor(others[1].y),
        ),
    )
    return Facts(Evidence({type(p): p for p in (*honest, *parts)}.values()), PICTURES)
