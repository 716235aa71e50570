"""What a notebook made, as it was seen: tensors, models, losses, optimizers, loaders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from grader.packing import unpacked
from grader.remembering import remembered

if TYPE_CHECKING:
    from numpy.typing import NDArray


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
    """A model: its kind, its layers, its parameters, its answers.

    `set_up`: torch's own beginning of it ran, as it has to for each class that is built on torch's.
    """

    type: str
    is_module: bool
    set_up: bool = True
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
    set_up: bool = True
    probes: tuple[LossProbed, ...] = Field(min_length=1)
    choices: tuple[LossProbed, ...] = ()
    shares: tuple[LossProbed, ...] = ()


class OptimizerSeen(Seen):
    """An optimizer: class, hyper-parameters, and whose parameters it owns.

    `owns` says for each of the model's parameters whether it is the very same tensor; `foreign`
    counts parameters that are not the model's.
    """

    type: str
    set_up: bool = True
    lineage: tuple[str, ...]
    groups: tuple[dict[str, bool | int | float | str | None], ...]
    owns: tuple[bool, ...]
    foreign: int


class LoaderSeen(Seen):
    """Something that deals out batches: what it deals in two epochs.

    Each batch is (places of its cards in X, -1 for one that is on no card; whether each answer is
    the one beside that card in y).
    """

    type: str
    epochs: tuple[tuple[tuple[tuple[int, ...], tuple[bool, ...]], ...], ...] = ()
    error: str | None = None
