"""What was observed during an execution, typed and checked: plain data, no torch objects.

The recorder's JSON comes in here and nowhere else. Whatever does not fit its shape is dropped as
if it had not been observed; a check that asks for something unobserved ends as `not_assessed`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from grader.errors import Unobserved
from grader.messages import say
from grader.packing import unpacked
from grader.remembering import remembered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from grader.messages import Message


class Seen(BaseModel):
    """A part of the evidence: immutable; numbers may be nan or infinite."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=True)


# Many numbers come packed, see `grader.packing`; a list of them would be five times as long.
Numbers = Annotated[tuple[float, ...], BeforeValidator(unpacked)]


class TensorSeen(Seen):
    """A tensor's shape, dtype and values, flattened in row order; of very large ones the first."""

    type: str = "Tensor"
    shape: tuple[int, ...]
    dtype: str
    values: Numbers
    requires_grad: bool = False
    digest: str = ""

    @remembered
    def array(self) -> NDArray[np.float64]:
        """The values in their shape; flat where values are missing."""
        flat = np.array(self.values, dtype=np.float64)
        flat.setflags(write=False)  # it is remembered
        return flat.reshape(self.shape) if flat.size == np.prod(self.shape) else flat


class ParameterSeen(TensorSeen):
    """One of the model's parameters."""

    name: str


class ModelProbed(Seen):
    """The model's answers (flattened) to inputs of `width` numbers, or why there are none."""

    width: int = 1
    inputs: Numbers = ()
    outputs: tuple[float, ...] = ()
    shape: tuple[int, ...] = ()
    error: str | None = None


class ModelSeen(Seen):
    """A model: its kind, its layers, its parameters, its answers."""

    type: str
    is_module: bool
    layers: tuple[str, ...]
    parameters: tuple[ParameterSeen, ...]
    probe: ModelProbed


class LossProbed(Seen):
    """The loss function's value (and gradient by the prediction) on one drawn pair."""

    prediction: tuple[float, ...]
    target: tuple[float, ...]
    shape: tuple[int, ...] | None = None
    value: float | None = None
    gradient: tuple[float, ...] | None = None
    error: str | None = None


class LossSeen(Seen):
    """A loss function, as far as it answered.

    `probes` have drawn answers; where answers are yes (1) or no (0), `choices` are guesses that are
    scores, and `shares` the same as probabilities.
    """

    type: str
    probes: tuple[LossProbed, ...] = Field(min_length=1)
    choices: tuple[LossProbed, ...] = ()
    shares: tuple[LossProbed, ...] = ()


class OptimizerSeen(Seen):
    """An optimizer: class, hyper-parameters, and whose parameters it owns.

    `owns` says for each of the model's parameters whether it is the very same tensor; `foreign`
    counts parameters that are not the model's.
    """

    type: str
    lineage: tuple[str, ...]
    groups: tuple[dict[str, bool | int | float | str | None], ...]
    owns: tuple[bool, ...]
    foreign: int


# The recorder keeps at least this many of every series.
FEWEST_KEPT = 1000

Snapshot = tuple[int, Numbers]
Alteration = tuple[int, Numbers, Numbers]
Moment = tuple[int, tuple[int, ...]]


class BatchSeen(TensorSeen):
    """Cards that a model was shown; `rows` says which, in place of values, where cards are large.

    A row of -1 is on no card of the student's.
    """

    values: Numbers = ()
    rows: tuple[int, ...] | None = None


class TrainedSeen(Seen):
    """The values that one trained tensor took, as (tick, values); `changes` counts them all.

    `gradients` are those that an optimizer's steps used; `altered` are the ones among them that
    are not what the latest backward() left: (tick, left, used), left empty where it left none.
    """

    shape: tuple[int, ...]
    changes: int
    values: tuple[Snapshot, ...]
    gradients: tuple[Snapshot, ...]
    altered: tuple[Alteration, ...] = ()


class LossesKept(Seen):
    """The student's own list of losses: its length, and what of it is a number.

    `left_out` entries in the middle of a long list were not kept.
    """

    count: int
    values: tuple[float, ...]
    left_out: int = 0


class TrainingSeen(Seen):
    """One training, event by event.

    `events` is a string of kinds: F forward, f forward without gradients, L loss module, Z
    zero_grad, B backward, G autograd.grad, S optimizer step (b, g, s outside the training cell);
    `event_cells` and `event_lines` say where; `counts` counts every event, also those beyond the
    first 3,000. `backwards` and `updates` (by an optimizer) are (tick, which `batches` the gradient
    came from; -1 for one not kept). `parameters` are the places of the model's parameters in
    `trained`, None if never seen training; `owned_before` says which of them the optimizer owned
    when the training cell began; `examined` counts the cards of an exam that the model was asked
    about behind its last update.
    """

    parameters: tuple[int | None, ...]
    models: int
    examined: int = 0
    trained: tuple[TrainedSeen, ...]
    events: str
    event_cells: tuple[int, ...]
    event_lines: tuple[int, ...]
    counts: dict[str, int]
    losses: tuple[tuple[int, float], ...]
    batches: tuple[BatchSeen, ...]
    backwards: tuple[Moment, ...]
    updates: tuple[Moment, ...]
    kept_losses: LossesKept | None = None
    epochs: int | None = None
    owned_before: tuple[bool, ...] | None = None
    optimizer: OptimizerSeen | None = None

    @property
    def gradients(self) -> int:
        """How many gradients were computed, by backward() or autograd.grad()."""
        return self.counts.get("B", 0) + self.counts.get("G", 0)


class PlainRun(Seen):
    """The plain loop on copies: the parameters before the first and after each update."""

    count: int
    values: tuple[tuple[float, ...], ...]
    losses: tuple[float, ...]


class Part(Seen):
    """What one answer of the recorder says, whatever it was asked.

    `names` are what the student calls X, y, model ...; `uncalled` are the classes that stand where
    an object of them should play a role; `faults` are the recorder's own troubles; `replaced` are
    the functions of torch that are no longer torch's.
    """

    names: dict[str, str] = {}
    uncalled: dict[str, str] = {}
    faults: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()


class LoaderSeen(Seen):
    """Something that deals out batches: what it deals in two epochs.

    Each batch is (places of its cards in X, -1 for one that is on no card; whether each answer is
    the one beside that card in y).
    """

    type: str
    epochs: tuple[tuple[tuple[tuple[int, ...], tuple[bool, ...]], ...], ...] = ()
    error: str | None = None


class DataPart(Part):
    """What the data step made.

    `noise` are the normal numbers, `even` the evenly spread ones that were there to be drawn;
    `given` are tensors that the handout had made before; `X_test`, `y_test` are kept for an exam.
    """

    kind: Literal["data"]
    X: TensorSeen | None = None
    y: TensorSeen | None = None
    noise: dict[str, tuple[float, ...]] = {}
    X_test: TensorSeen | None = None
    y_test: TensorSeen | None = None
    loader: LoaderSeen | None = None
    given: dict[str, TensorSeen] = {}
    even: dict[str, tuple[float, ...]] = {}


class ModelPart(Part):
    """What the model step made."""

    kind: Literal["model"]
    model: ModelSeen | None = None


class LossPart(Part):
    """What the loss step made."""

    kind: Literal["loss"]
    loss: LossSeen | None = None


class OptimizerPart(Part):
    """What the optimizer step made."""

    kind: Literal["optimizer"]
    optimizer: OptimizerSeen | None = None


class TrainPart(Part):
    """What the training step did."""

    kind: Literal["train"]
    training: TrainingSeen | None = None


class PlainPart(Part):
    """What the plain loop did on copies."""

    kind: Literal["plain"]
    plain: PlainRun | None = None


class ResultPart(Part):
    """What came out at the end of the notebook.

    `changed_by_hand`: some trained number changed without an optimizer after the first step;
    `untrained`: the model has a number that was never seen to change; `accuracy` is the share of
    right answers as the student worked it out.
    """

    kind: Literal["result"]
    model: ModelSeen | None = None
    accuracy: float | None = None
    changed_by_hand: bool = False
    untrained: bool = False
    kept_losses: LossesKept | None = None
    X: TensorSeen | None = None
    y: TensorSeen | None = None


class TransferPart(Part):
    """What the same cells did with other answers on the cards."""

    kind: Literal["transfer"]
    error: str | None = None
    training: TrainingSeen | None = None
    model: ModelSeen | None = None
    X: TensorSeen | None = None
    y: TensorSeen | None = None
    X_test: TensorSeen | None = None
    y_test: TensorSeen | None = None


P = TypeVar("P", bound=Part)

_ANY_PART: TypeAdapter[Part] = TypeAdapter(
    Annotated[
        DataPart
        | ModelPart
        | LossPart
        | OptimizerPart
        | TrainPart
        | PlainPart
        | ResultPart
        | TransferPart,
        Field(discriminator="kind"),
    ]
)


class Evidence:
    """The parts that were observed; asking for one that was not raises Unobserved.

    `formula` gives the answers that were put on the cards for the transfer; `why` says why parts
    of some kinds were not even looked for.
    """

    def __init__(
        self,
        parts: Iterable[Part],
        formula: str = "",
        why: Mapping[type[Part], Message] | None = None,
    ) -> None:
        self._parts = {type(part): part for part in parts}
        self.formula = formula
        self._why = why or {}

    def __contains__(self, kind: type[Part]) -> bool:
        return kind in self._parts

    def part(self, kind: type[P]) -> P:
        """The part of this kind."""
        part = self._parts.get(kind)
        if not isinstance(part, kind):
            ended = say("The run ended before this could be observed.")
            raise Unobserved(self._why.get(kind, ended))
        return part

    def parts(self) -> Iterable[Part]:
        """Everything that was observed."""
        return self._parts.values()

    @property
    def faults(self) -> tuple[str, ...]:
        """The troubles that the recorder itself had: what it saw may be incomplete."""
        return tuple(dict.fromkeys(fault for part in self.parts() for fault in part.faults))

    @property
    def contradicts_itself(self) -> bool:
        """Whether the training's record cannot have come from the recorder alone.

        Every gradient has its loss and its cards, and every optimizer step its update, as far as
        they are kept.
        """
        return any(
            training.counts.get("S", 0) < len(training.updates)
            or training.gradients < max(len(training.losses), len(training.backwards))
            or (training.gradients > 0 and not training.losses)
            or len(training.losses) < min(training.gradients, FEWEST_KEPT)
            or len(training.backwards) < min(training.gradients, FEWEST_KEPT)
            or len(training.updates) < min(training.counts.get("S", 0), FEWEST_KEPT)
            for part in self.parts()
            if isinstance(part, TrainPart | TransferPart)
            and (training := part.training) is not None
        )

    @property
    def replaced(self) -> tuple[str, ...]:
        """The functions of torch that the notebook put its own code in place of."""
        return tuple(sorted({name for part in self._parts.values() for name in part.replaced}))


def read_evidence(
    records: Iterable[str], formula: str = "", why: Mapping[type[Part], Message] | None = None
) -> Evidence:
    """The evidence in the recorder's JSON texts; what does not have the right shape is left out."""
    parts = (part for record in records if (part := _read(record)) is not None)
    return Evidence(parts, formula, why)


def _read(record: str) -> Part | None:
    try:
        return _ANY_PART.validate_json(record)
    except (ValidationError, RecursionError):
        return None
