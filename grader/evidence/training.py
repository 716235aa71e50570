"""What happened in a training, event by event."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from grader.evidence.bounds import Count, Numbers, Shape, Word
from grader.evidence.made import MOST_PARAMETERS, OptimizerSeen, Seen, TensorSeen

# The recorder keeps at least this many of every series.
FEWEST_KEPT = 1000
# Its own bounds on each series, and on how many tensors it follows.
MOST_SNAPSHOTS = 1000
MOST_EVENTS = 3000
MOST_BATCHES = 60_000
MOST_WATCHED = 64

Snapshot = tuple[Count, Numbers]
Alteration = tuple[Count, Numbers, Numbers]
Moment = tuple[Count, tuple[Count, ...]]

Snapshots = Annotated[tuple[Snapshot, ...], Field(max_length=MOST_SNAPSHOTS)]
Moments = Annotated[tuple[Moment, ...], Field(max_length=4 * MOST_SNAPSHOTS)]
Events = Annotated[tuple[Count, ...], Field(max_length=MOST_EVENTS)]


class BatchSeen(TensorSeen):
    """Examples that a model was shown; `rows` says which, in place of values, where they are large.

    A row of -1 is none of the student's.
    """

    values: Numbers = ()
    rows: tuple[Count, ...] | None = None


class TrainedSeen(Seen):
    """The values that one trained tensor took, as (tick, values); `changes` counts them all.

    `gradients` are those that an optimizer's steps used; `altered` are the ones among them that
    are not what the latest backward() left: (tick, left, used), left empty where it left none.
    """

    shape: Shape
    changes: Count
    values: Annotated[Snapshots, Field(min_length=1)]
    gradients: Snapshots
    altered: Annotated[tuple[Alteration, ...], Field(max_length=MOST_SNAPSHOTS)] = ()


class LossesKept(Seen):
    """The student's own list of losses: its length, and what of it is a number.

    `left_out` entries in the middle of a long list were not kept; `tensors` counts those of the
    kept ones that are tensors still.
    """

    count: Count
    values: Numbers
    left_out: Count = 0
    tensors: Count = 0


class TrainingSeen(Seen):
    """One training, event by event.

    `events` is a string of kinds: F forward, f forward without gradients, L loss module, Z
    zero_grad, B backward, G autograd.grad, S optimizer step, in lower case outside the training
    cell and where other models were trained alongside this one, or this one before it was reset;
    `event_cells` and `event_lines` say where; `counts` counts every event, also those beyond the
    first 3,000. `backwards` and `updates` (by an optimizer) are (tick, which `batches` the gradient
    came from; -1 for one not kept). `parameters` are the places of the model's parameters in
    `trained`, None if never seen training; `owned_before` says which of them the optimizer owned
    when the training cell began; `examined` counts the examples of an exam that the model was asked
    about after its last update, `leaked` those that a gradient came from;
    `bypassed` counts the gradients of a loss that hung on a trained number other than by what the
    model answered.
    """

    parameters: Annotated[tuple[Count | None, ...], Field(max_length=MOST_PARAMETERS)]
    models: Count
    examined: Count = 0
    leaked: Count = 0
    bypassed: Count = 0
    trained: Annotated[tuple[TrainedSeen, ...], Field(max_length=MOST_WATCHED)]
    events: Annotated[str, Field(max_length=MOST_EVENTS)]
    event_cells: Events
    event_lines: Events
    counts: dict[Word, Count]
    losses: Annotated[tuple[tuple[Count, float], ...], Field(max_length=2 * MOST_SNAPSHOTS)]
    batches: Annotated[tuple[BatchSeen, ...], Field(max_length=MOST_BATCHES)]
    backwards: Moments
    updates: Moments
    kept_losses: LossesKept | None = None
    epochs: Count | None = None
    owned_before: tuple[bool, ...] | None = None
    optimizer: OptimizerSeen | None = None

    @property
    def gradients(self) -> int:
        """How many gradients were computed, by backward() or autograd.grad()."""
        return self.counts.get("B", 0) + self.counts.get("G", 0)


class PlainRun(Seen):
    """The plain loop on copies: the parameters before the first and after each update."""

    count: Count
    values: tuple[Numbers, ...]
    losses: Numbers
