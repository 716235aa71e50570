"""Evidence that behaves like habits from elsewhere: noise, batches, models that flatten answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.models import Step
from grader.replay import DataSet, descend
from tests.diagnosis.behaviours import (
    DRAWN,
    EXACT,
    GRID,
    NOISY,
    SOURCES,
    Run,
    looped,
    run,
)
from tests.evidence_factory import (
    CARDS,
    EPOCHS,
    GOAL,
    HOW,
    START,
    TRAIN_CELL,
    batch,
    data_part,
    model_part,
    tensor,
    train_part,
    training_seen,
)

if TYPE_CHECKING:
    from grader.evidence import LossesKept, ModelPart, TrainingSeen
    from grader.replay import Line

DRAWING = "import torch\nnoise = torch.randn(1)\nX = torch.arange(5.0)\ny = 2 * X + 1"
TRAINING = """model = nn.Linear(1, 1)
for _ in range(2000):
    loss_fn(model(X), y).backward()
"""
IDLE = """losses = []
for epoch in range(100):
    for xb, yb in loader:
        loss = loss_fn(model(X), y)
        loss.backward()
"""
FACTORS = 1.5 * np.array(DRAWN).reshape(-1, 1)


def probed(line: Line = START, **seen: object) -> ModelPart:
    """A model of lesson 1 whose answers are seen otherwise."""
    part = model_part(line)
    assert part.model is not None
    probe = part.model.probe.model_copy(update=seen)
    return part.model_copy(update={"model": part.model.model_copy(update={"probe": probe})})


def heard(line: Line, *each: bool) -> ModelPart:
    """A model of which these numbers have a say in the answers."""
    return probed(line, heard=each)


def flattened() -> ModelPart:
    """A model that squeezes its answers."""
    part = probed()
    assert part.model is not None
    return probed(shape=(len(part.model.probe.inputs),))


def by_hand(training: TrainingSeen) -> TrainingSeen:
    """The same changes without an optimizer, and without its clearing."""
    events = training.events.replace("S", "s").replace("Z", "z")
    counts = {kind: training.events.count(kind) for kind in "FLB"}
    return training.model_copy(update={"events": events, "counts": counts, "updates": ()})


def dealing(*round_: tuple[int, ...]) -> TrainingSeen:
    """A hundred rounds of these batches, each with a step of its own."""
    deals = list(round_) * EPOCHS
    training = training_seen(descend(START, CARDS, HOW, len(deals)), shown=[(0,)] * len(deals))
    order = {cards: place for place, cards in enumerate(dict.fromkeys(round_))}
    shown = [(order[cards],) for cards in deals]
    return training.model_copy(
        update={
            "batches": tuple(batch(CARDS.X[list(cards)]) for cards in order),
            "backwards": tuple((t, s) for (t, _), s in zip(training.backwards, shown, strict=True)),
            "updates": tuple((t, s) for (t, _), s in zip(training.updates, shown, strict=True)),
        }
    )


def kept(training: TrainingSeen, source: str = SOURCES[TRAIN_CELL]) -> Run:
    """A training that is right but for its list of losses."""
    return run(train_part(training), failed=["train.losses"], train=source)


def losses_of(count: int) -> LossesKept:
    losses = training_seen(descend(START, CARDS, HOW, EPOCHS)).kept_losses
    assert losses is not None
    return losses.model_copy(update={"count": count})


HABITS: dict[tuple[Step, str], Run] = {
    (Step.DATA, "noise_added"): run(
        data_part(DataSet(CARDS.X, CARDS.y + np.array(DRAWN[:5]).reshape(-1, 1))), data=DRAWING
    ),
    (Step.DATA, "noise_multiplied"): run(
        data_part(DataSet(GRID, EXACT * FACTORS), kept_noise=tensor(FACTORS)), recipe=NOISY
    ),
    (Step.MODEL, "answers_without_column"): run(flattened()),
    (Step.MODEL, "trained_where_made"): run(model_part(GOAL), model=TRAINING),
    (Step.TRAIN, "batches_not_used"): run(train_part(looped("FLZBS" * 3 * EPOCHS)), train=IDLE),
    (Step.TRAIN, "step_once_an_epoch"): run(train_part(looped("FLZBFLZBFLZBS" * EPOCHS))),
    (Step.TRAIN, "losses_not_numbers"): kept(
        looped(kept_losses=None), SOURCES[TRAIN_CELL] + "\n    losses.append(str(loss))"
    ),
    (Step.TRAIN, "losses_of_batches_kept"): kept(
        looped("FLZBS" * 3 * EPOCHS, kept_losses=losses_of(3 * EPOCHS))
    ),
}
