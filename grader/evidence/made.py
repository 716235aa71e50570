"""What a notebook made, as it was seen: tensors, models, losses, optimizers, loaders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from grader.evidence.bounds import Count, Numbers, Setting, Shape, Text, Word
from grader.remembering import remembered

if TYPE_CHECKING:
    from numpy.typing import NDArray


MOST_PARAMETERS = 5_000  # of one model; a network of a hundred layers has a few hundred
MOST_LAYERS = 50  # of one model, as many as the recorder names
MOST_GROUPS = 10  # of one optimizer, as many as the recorder tells of
MOST_DEALT = 500  # batches of an epoch, as many as the recorder asks for


class Seen(BaseModel):
    """A part of the evidence: immutable; numbers may be nan or infinite."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=True)


class TensorSeen(Seen):
    """A tensor's shape, dtype and values, flattened in row order; of very large ones the first."""

    type: Word = "Tensor"
    shape: Shape
    dtype: Word
    values: Numbers
    requires_grad: bool = False
    digest: Word = ""

    @remembered
    def array(self) -> NDArray[np.float64]:
        """The values in their shape; flat where values are missing."""
        flat = np.array(self.values, dtype=np.float64)
        flat.setflags(write=False)  # it is remembered
        return flat.reshape(self.shape) if flat.size == np.prod(self.shape) else flat


class ParameterSeen(TensorSeen):
    """One of the model's parameters."""

    name: Word


class ModelProbed(Seen):
    """The model's answers (flattened) to inputs of `width` numbers, or why there are none.

    `heard` says of each parameter whether the answers would change with it; empty if not known.
    """

    width: Count = 1
    inputs: Numbers = ()
    outputs: Numbers = ()
    shape: Shape = ()
    heard: Annotated[tuple[bool, ...], Field(max_length=MOST_PARAMETERS)] = ()
    error: Text | None = None


class ModelSeen(Seen):
    """A model: its kind, its layers, its parameters, its answers.

    `set_up`: torch's own `__init__` ran, as it has to for each class that is derived from torch's.
    """

    type: Word
    is_module: bool
    set_up: bool = True
    layers: Annotated[tuple[Word, ...], Field(max_length=MOST_LAYERS)]
    parameters: Annotated[tuple[ParameterSeen, ...], Field(max_length=MOST_PARAMETERS)]
    probe: ModelProbed


class LossProbed(Seen):
    """The loss function's value (and gradient by the prediction) on one drawn pair."""

    prediction: Numbers
    target: Numbers
    shape: Shape | None = None
    value: float | None = None
    gradient: Numbers | None = None
    error: Text | None = None


class LossSeen(Seen):
    """A loss function, as far as it answered.

    `probes` have drawn answers; where answers are yes (1) or no (0), `choices` are guesses that are
    scores, and `shares` the same as probabilities.
    """

    type: Word
    set_up: bool = True
    probes: Annotated[tuple[LossProbed, ...], Field(min_length=1, max_length=100)]
    choices: Annotated[tuple[LossProbed, ...], Field(max_length=100)] = ()
    shares: Annotated[tuple[LossProbed, ...], Field(max_length=100)] = ()


class OptimizerSeen(Seen):
    """An optimizer: class, hyper-parameters, and whose parameters it owns.

    `owns` says for each of the model's parameters whether it is the very same tensor; `foreign`
    counts parameters that are not the model's. `lineage` names the class and those that it derives
    from; only torch's own are named as torch's. `clears`: its own `zero_grad` leaves no gradient;
    None where it is torch's. `rate`: the number by which each step of a student's own multiplies
    any gradient, if there is one.
    """

    type: Word
    set_up: bool = True
    clears: bool | None = None
    rate: float | None = None
    lineage: Annotated[tuple[Word, ...], Field(max_length=100)]
    groups: Annotated[tuple[dict[Word, Setting], ...], Field(max_length=MOST_GROUPS)]
    owns: tuple[bool, ...]
    foreign: Count


class LoaderSeen(Seen):
    """Something that deals out batches: what it deals in two epochs.

    Each batch is (rows of its examples in X, -1 for one that is not in X; whether each answer is
    the one beside it in y). Nothing after the first MOST_DEALT batches of an epoch was
    observed. `fronts` and `backs` are the shapes of the first batch's examples and answers.
    `of_exam` counts the cards of the first epoch that are kept for the exam.
    """

    type: Word
    epochs: tuple[tuple[tuple[tuple[Count, ...], tuple[bool, ...]], ...], ...] = ()
    fronts: Shape = ()
    backs: Shape = ()
    of_exam: Count = 0
    error: Text | None = None

    @property
    def is_cut(self) -> bool:
        """Whether an epoch may continue after what was seen of it."""
        return any(len(epoch) >= MOST_DEALT for epoch in self.epochs)
