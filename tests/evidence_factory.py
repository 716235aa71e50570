"""Builds evidence in memory: what the recorder sees of an honest lesson, every part replaceable.

`evidence()` is an honest pass through lesson 1; `evidence(optimizer_part(lr=0.1))` is the same with
another part in place of the honest one; `observed(...)` gives the parts of a whole run that agree
with each other, whatever its start, cards and descent.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import numpy as np

from grader.evidence import (
    BatchSeen,
    DataPart,
    Evidence,
    LossesKept,
    LossPart,
    LossProbed,
    LossSeen,
    ModelPart,
    ModelProbed,
    ModelSeen,
    OptimizerPart,
    OptimizerSeen,
    ParameterSeen,
    PlainPart,
    PlainRun,
    ResultPart,
    TensorSeen,
    TrainedSeen,
    TrainingSeen,
    TrainPart,
    TransferPart,
)
from grader.replay import DataSet, Descent, Line, descend, gradient, squared_error

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from numpy.typing import ArrayLike, NDArray

    from grader.models import Step

    Floats = NDArray[np.float64]

StepPart: TypeAlias = DataPart | ModelPart | LossPart | OptimizerPart | TrainPart | ResultPart
Part: TypeAlias = StepPart | PlainPart | TransferPart
T = TypeVar("T")

GOAL = Line(2.0, 1.0)
START = Line(0.4375, -0.3125)
OTHER = Line(-3.0, 0.5)
FORMULA = "-3.0 * X + 0.5"
HOW = Descent(0.01)
EPOCHS = 100
PROBE_X = (-100.0, -31.0, -9.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 10.0, 37.0, 100.0, -3.25, 11.5)

# The train cell of tests.notebooks.lesson(), and its lines.
TRAIN_CELL = 15
LINES = {"F": 5, "L": 6, "Z": 8, "B": 9, "S": 10}

MOST_SNAPSHOTS = 1000
MOST_EVENTS = 3000


# ---- values ------------------------------------------------------------------------------------


def cards_on(line: Line, inputs: ArrayLike = (0, 1, 2, 3, 4)) -> DataSet:
    """Cards whose answers lie exactly on a line."""
    X = np.array(inputs, dtype=np.float64).reshape(-1, 1)
    return DataSet(X, line.at(X))


CARDS = cards_on(GOAL)


def noisy_cards(noise: ArrayLike, sd: float = 1.5) -> DataSet:
    """Lesson 2's fifty cards, with `sd` times these normal numbers on their answers."""
    X = 0.2 * np.arange(50, dtype=np.float64).reshape(-1, 1)
    return DataSet(X, GOAL.at(X) + sd * np.array(noise, dtype=np.float64).reshape(-1, 1))


def tensor(
    values: ArrayLike, *, dtype: str = "float32", kind: str = "Tensor", requires_grad: bool = False
) -> TensorSeen:
    """A tensor of these values, in their shape and rounded as float32 rounds."""
    array = np.array(values, dtype=np.float64)
    seen = TensorSeen(type=kind, shape=array.shape, dtype=dtype, values=_float32(array))
    return seen.model_copy(update={"requires_grad": requires_grad})


def batch(values: ArrayLike) -> BatchSeen:
    """Cards that a model was shown."""
    return BatchSeen(**tensor(values).model_dump())


# ---- the steps ---------------------------------------------------------------------------------


def data_part(
    cards: DataSet = CARDS,
    *,
    X: TensorSeen | None = None,
    y: TensorSeen | None = None,
    noise: dict[str, tuple[float, ...]] | None = None,
    kept_noise: TensorSeen | None = None,
) -> DataPart:
    """The data step; `X` and `y` in place of the cards' own."""
    return DataPart(
        kind="data",
        names={"X": "X", "y": "y"},
        X=X or tensor(cards.X),
        y=y or tensor(cards.y),
        noise=noise or {},
        kept_noise=kept_noise,
    )


def model_seen(
    line: Line = START,
    *,
    answers: Callable[[Floats], Floats] | None = None,
    parameters: Sequence[ParameterSeen] | None = None,
    layers: tuple[str, ...] = ("Linear",),
) -> ModelSeen:
    """A linear layer that draws `line`; `answers` in place of the line's own."""
    with np.errstate(all="ignore"):
        outputs = _float32((answers or line.at)(np.array(PROBE_X)))
    return ModelSeen(
        type="Linear",
        is_module=True,
        layers=layers,
        parameters=(weight(line.w), bias(line.b)) if parameters is None else tuple(parameters),
        probe=ModelProbed(
            inputs=PROBE_X,
            outputs=outputs,
            shape=(len(PROBE_X), 1),
        ),
    )


def weight(value: float, *, requires_grad: bool = True) -> ParameterSeen:
    """A linear layer's only weight."""
    return parameter("weight", [[value]], requires_grad=requires_grad)


def bias(value: float, *, requires_grad: bool = True) -> ParameterSeen:
    """A linear layer's only bias."""
    return parameter("bias", [value], requires_grad=requires_grad)


def parameter(name: str, values: ArrayLike, *, requires_grad: bool = True) -> ParameterSeen:
    """A parameter of these values, in their shape."""
    seen = tensor(values, requires_grad=requires_grad)
    return ParameterSeen(name=name, **seen.model_dump())


def model_part(line: Line = START, **seen: Any) -> ModelPart:
    """The model step; `seen` goes to model_seen."""
    return ModelPart(kind="model", names={"model": "model"}, model=model_seen(line, **seen))


def mean_squared_error(guess: Floats, answer: Floats) -> float:
    """What the lessons' loss is."""
    return float(np.mean((guess - answer) ** 2))


def loss_seen(
    marks: Callable[[Floats, Floats], float] = mean_squared_error, *, connected: bool = True
) -> LossSeen:
    """A loss function's answers; `connected` says whether a gradient comes back from it."""
    generator = np.random.default_rng(1)
    probes = []
    for scale in (1.0, 3.0, 10.0):
        guess, answer = generator.normal(size=(2, len(CARDS))) * scale
        slope = _slope(marks, guess, answer)
        probes.append(
            LossProbed(
                prediction=tuple(guess),
                target=tuple(answer),
                shape=(),
                value=marks(guess, answer),
                gradient=tuple(slope) if connected else None,
                error=None if connected else "RuntimeError: element 0 does not require grad",
            )
        )
    return LossSeen(type="MSELoss", probes=tuple(probes))


def loss_part(
    marks: Callable[[Floats, Floats], float] = mean_squared_error, *, connected: bool = True
) -> LossPart:
    """The loss step."""
    seen = loss_seen(marks, connected=connected)
    return LossPart(kind="loss", names={"loss_fn": "loss_fn"}, loss=seen)


def optimizer_seen(
    *,
    name: str = "SGD",
    owns: tuple[bool, ...] = (True, True),
    foreign: int = 0,
    **changed: float,
) -> OptimizerSeen:
    """An optimizer of one group; `changed` are its hyper-parameters (lr, momentum ...)."""
    group: dict[str, float | str | None] = {"lr": 0.01, "nesterov": False, "maximize": False}
    group |= dict.fromkeys(("momentum", "dampening", "weight_decay"), 0.0)
    group |= {"foreach": None, "differentiable": False, "fused": None}
    return OptimizerSeen(
        type=name,
        lineage=(f"torch.optim.{name.lower()}.{name}", "torch.optim.optimizer.Optimizer"),
        groups=(group | changed,),
        owns=owns,
        foreign=foreign,
    )


def optimizer_part(**seen: Any) -> OptimizerPart:
    """The optimizer step; `seen` goes to optimizer_seen."""
    names = {"optimizer": "optimizer", "model": "model"}
    return OptimizerPart(kind="optimizer", names=names, optimizer=optimizer_seen(**seen))


# ---- training ----------------------------------------------------------------------------------


def training_seen(
    states: Floats,
    cards: DataSet = CARDS,
    *,
    shown: Sequence[Sequence[int]] | None = None,
    order: str = "FLZBS",
    optimizer: OptimizerSeen | None = None,
    kept_losses: LossesKept | None = None,
) -> TrainingSeen:
    """A training in which (w, b) took the values `states` (n + 1, 2), one update after the other.

    `shown` are the rows of the cards behind each update, all of them if left out; `order` are the
    events of one round, where a round without S is an update by hand, noticed one event later.
    """
    rounds = len(states) - 1
    rows = [tuple(range(len(cards)))] * rounds if shown is None else [tuple(r) for r in shown]
    batches = list(dict.fromkeys(rows))
    behind = [(batches.index(each),) for each in rows]
    steps = "S" in order
    ends = [n * len(order) + (order.index("S") + 1 if steps else 0) for n in range(rounds + 1)]
    ends = [1] + [tick if steps else tick + 1 for tick in (ends[:-1] if steps else ends[1:])]
    gradients_at = [n * len(order) + order.index("B") + 1 for n in range(rounds)]
    used_at = ends[1:] if steps else gradients_at
    dealt = [DataSet(cards.X[list(each)], cards.y[list(each)]) for each in rows]
    lines = [Line(*state) for state in states[:-1]]
    with np.errstate(all="ignore"):
        slopes = [gradient(np.array(s), seen) for s, seen in zip(states, dealt, strict=False)]
        marks = [squared_error(line, seen) for line, seen in zip(lines, dealt, strict=True)]
    losses = tuple(zip(gradients_at, marks, strict=True))
    events = (order * rounds)[:MOST_EVENTS]
    return TrainingSeen(
        parameters=(0, 1),
        models=1,
        trained=tuple(
            _trained(shape, states[:, place], ends, [s[place] for s in slopes], used_at)
            for place, shape in enumerate(((1, 1), (1,)))
        ),
        events=events,
        event_cells=(TRAIN_CELL,) * len(events),
        event_lines=tuple(LINES[kind] for kind in events),
        counts={kind: order.count(kind) * rounds for kind in sorted(set(order))} if rounds else {},
        losses=_kept(losses, 2 * MOST_SNAPSHOTS),
        batches=tuple(batch(cards.X[list(each)]) for each in batches),
        backwards=_kept(tuple(zip(gradients_at, behind, strict=True)), 4 * MOST_SNAPSHOTS),
        updates=_kept(tuple(zip(ends[1:], behind, strict=True)), 4 * MOST_SNAPSHOTS)
        if steps
        else (),
        kept_losses=kept_losses or losses_kept([value for _, value in losses]),
        epochs=EPOCHS,
        optimizer=optimizer or optimizer_seen(),
    )


def worked_out_by_hand(training: TrainingSeen) -> TrainingSeen:
    """The same training by somebody who knows the slope by heart: no gradient was ever asked for.

    What its optimizer did, if it has one, is seen all the same.
    """
    steps = training.counts.get("S", 0)
    return training.model_copy(
        update={
            "events": "S" * steps,
            "counts": {"S": steps} if steps else {},
            "losses": (),
            "batches": (),
            "backwards": (),
            "updates": tuple((tick, ()) for tick, _ in training.updates),
            "trained": tuple(
                seen.model_copy(
                    update={"altered": tuple((tick, (), used) for tick, used in seen.gradients)}
                    if steps
                    else {"gradients": ()}
                )
                for seen in training.trained
            ),
        }
    )


def reset_before(training: TrainingSeen, made: Line) -> TrainingSeen:
    """The same training, of a model that was made as another line and began anew."""
    numbers = ((made.w,), (made.b,))
    return training.model_copy(
        update={
            "trained": tuple(
                seen.model_copy(
                    update={"changes": seen.changes + 1, "values": ((0, values), *seen.values)}
                )
                for seen, values in zip(training.trained, numbers, strict=True)
            )
        }
    )


def losses_kept(values: Sequence[float]) -> LossesKept:
    """A student's list of these losses."""
    return LossesKept(count=len(values), values=tuple(values))


def train_part(training: TrainingSeen | None = None) -> TrainPart:
    """The training step, honest unless another `training` is given."""
    seen = training or training_seen(descend(START, CARDS, HOW, EPOCHS))
    return TrainPart(kind="train", names={"model": "model", "losses": "losses"}, training=seen)


def plain_part(states: Floats | None = None, cards: DataSet = CARDS) -> PlainPart:
    """What the plain loop on copies did: honest descent, unless other `states` are given."""
    states = descend(START, cards, HOW, EPOCHS) if states is None else states
    with np.errstate(all="ignore"):
        losses = tuple(squared_error(Line(*state), cards) for state in states[:-1])
    values = tuple(_float32(state) for state in states)
    return PlainPart(
        kind="plain", plain=PlainRun(count=len(states) - 1, values=values, losses=losses)
    )


def result_part(
    learned: Line | None = None,
    cards: DataSet = CARDS,
    *,
    changed_by_hand: bool = False,
    **seen: Any,
) -> ResultPart:
    """What came out: the end of honest training, unless another line was `learned`."""
    line = learned or Line(*descend(START, CARDS, HOW, EPOCHS)[-1])
    return ResultPart(
        kind="result",
        model=model_seen(line, **seen),
        changed_by_hand=changed_by_hand,
        X=tensor(cards.X),
        y=tensor(cards.y),
    )


def transfer_part(
    states: Floats | None = None,
    cards: DataSet | None = None,
    *,
    shown: DataSet | None = None,
    error: str | None = None,
) -> TransferPart:
    """What the same cells did with other answers: they learned OTHER, unless said otherwise.

    The model was `shown` the cards with these answers, unless others are given.
    """
    cards = cards or cards_on(OTHER)
    states = descend(Line(-0.5, 0.25), cards, HOW, EPOCHS) if states is None else states
    return TransferPart(
        kind="transfer",
        error=error,
        training=training_seen(states, shown or cards),
        model=model_seen(Line(*states[-1])),
        X=tensor(cards.X),
        y=tensor(cards.y),
    )


# ---- the whole ---------------------------------------------------------------------------------


def observed(
    *, start: Line = START, cards: DataSet = CARDS, how: Descent = HOW, epochs: int = EPOCHS
) -> tuple[Part, ...]:
    """All parts of one run, agreeing with each other: right unless its numbers are not."""
    states = descend(start, cards, how, epochs)
    settings = {"lr": how.learning_rate, **asdict(how)}
    del settings["learning_rate"]
    optimizer = optimizer_seen(**settings)
    other = DataSet(cards.X, OTHER.at(cards.X))
    return (
        data_part(cards),
        model_part(start),
        loss_part(),
        optimizer_part(**settings),
        train_part(training_seen(states, cards, optimizer=optimizer)),
        plain_part(descend(start, cards, how, EPOCHS), cards),
        result_part(Line(*states[-1]), cards),
        transfer_part(descend(Line(-0.5, 0.25), other, how, epochs), other),
    )


def evidence(
    *parts: Part,
    without: Collection[type[Part]] = (),
    formula: str = FORMULA,
    stopped: Collection[Step] = (),
) -> Evidence:
    """Honest evidence of lesson 1, with `parts` in place of their kind and some left out."""
    chosen = {type(part): part for part in (*observed(), *parts)}
    kept = (part for kind, part in chosen.items() if kind not in without)
    return Evidence(kept, formula, stopped=stopped)


# ---- how the recorder keeps things -------------------------------------------------------------


def _trained(
    shape: tuple[int, ...],
    values: Floats,
    ticks: Sequence[int],
    gradients: Sequence[float],
    gradient_ticks: Sequence[int],
) -> TrainedSeen:
    """A value is kept only where it changed, as it is in float32."""
    snapshots: list[tuple[int, tuple[float, ...]]] = []
    for tick, value in zip(ticks, _float32(values), strict=True):
        if not snapshots or repr(value) != repr(snapshots[-1][1][0]):
            snapshots.append((tick, (value,)))
    slopes = [(t, (g,)) for t, g in zip(gradient_ticks, _float32(gradients), strict=True)]
    return TrainedSeen(
        shape=shape,
        changes=len(snapshots),
        values=_kept(tuple(snapshots), MOST_SNAPSHOTS),
        gradients=_kept(tuple(slopes), MOST_SNAPSHOTS),
    )


def _kept(items: tuple[T, ...], most: int) -> tuple[T, ...]:
    """The first and the last of a long series."""
    half = most // 2
    return items if len(items) <= most else (*items[:half], *items[-half:])


def _float32(values: ArrayLike) -> tuple[float, ...]:
    with np.errstate(over="ignore"):
        rounded = np.asarray(values, dtype=np.float64).astype(np.float32)
    return tuple(float(value) for value in rounded.reshape(-1))


def _slope(
    marks: Callable[[Floats, Floats], float], guess: Floats, answer: Floats, step: float = 1e-5
) -> list[float]:
    """The gradient by the guess, in central differences: exact for squares."""
    moves = step * np.eye(len(guess))
    return [(marks(guess + m, answer) - marks(guess - m, answer)) / (2 * step) for m in moves]
