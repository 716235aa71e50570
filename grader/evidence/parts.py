"""The answers of the recorder: one part of the evidence for each step, and for what came after."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from grader.evidence.bounds import Numbers, Text, Word  # noqa: TC001 - pydantic
from grader.evidence.made import LoaderSeen, LossSeen, ModelSeen, OptimizerSeen, Seen, TensorSeen
from grader.evidence.training import LossesKept, PlainRun, TrainingSeen  # noqa: TC001 - pydantic


class Part(Seen):
    """What one answer of the recorder says, whatever it was asked.

    `names` are what the student calls X, y, model ...; `uncalled` are the classes that are used
    where an object of them should play a role; `faults` are the recorder's own problems; `replaced`
    are the functions of torch that are no longer torch's.
    """

    names: dict[Word, Word] = Field(default_factory=dict)
    uncalled: dict[Word, Word] = Field(default_factory=dict)
    faults: tuple[Text, ...] = ()
    replaced: Annotated[tuple[Word, ...], Field(max_length=100)] = ()


class DataPart(Part):
    """What the data step made.

    `noise` are the normal numbers, `even` the evenly spread ones that were there to be drawn;
    `kept_noise` is what the student calls `noise`; `given` are tensors that the handout had made
    before; `X_test`, `y_test` are kept for an exam.
    """

    kind: Literal["data"]
    X: TensorSeen | None = None
    y: TensorSeen | None = None
    noise: dict[Word, Numbers] = Field(default_factory=dict)
    kept_noise: TensorSeen | None = None
    X_test: TensorSeen | None = None
    y_test: TensorSeen | None = None
    loader: LoaderSeen | None = None
    given: Annotated[dict[Word, TensorSeen], Field(max_length=20)] = Field(default_factory=dict)
    even: dict[Word, Numbers] = Field(default_factory=dict)


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
    error: Text | None = None
    training: TrainingSeen | None = None
    model: ModelSeen | None = None
    X: TensorSeen | None = None
    y: TensorSeen | None = None
    X_test: TensorSeen | None = None
    y_test: TensorSeen | None = None
