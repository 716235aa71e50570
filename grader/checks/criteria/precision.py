"""Judges whether cards and model hold numbers of one precision, and whose fault it is if not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.evidence import DataPart, ModelPart, TrainPart
from grader.replay import trajectory

if TYPE_CHECKING:
    from grader.evidence import Evidence, TensorSeen

# What torch makes numbers of when nothing else is asked for, and what the lessons are written in.
USUAL = "float32"


def model_precision(seen: Evidence) -> str | None:
    """The type of the model's numbers; None where there are none."""
    model = seen.part(ModelPart).model if ModelPart in seen else None
    return model.parameters[0].dtype if model is not None and model.parameters else None


def off_precision(seen: Evidence, name: str, data_set: TensorSeen) -> bool:
    """Whether these cards (X, y ...) do not fit the model, and are to blame for it."""
    own = model_precision(seen)
    if own in (None, data_set.dtype) or model_is_off_precision(seen):
        return False
    return not (name in ("X", "y") and _managed(seen))


def model_is_off_precision(seen: Evidence) -> bool:
    """Whether the cards are as usual, and the model is not: one step's mistake, not two."""
    X = seen.part(DataPart).X if DataPart in seen else None
    own = model_precision(seen)
    if X is None or own is None or _managed(seen):
        return False
    return X.dtype == USUAL != own


def _managed(seen: Evidence) -> bool:
    """Whether the training went on all the same: a model may well convert what it is shown."""
    training = seen.part(TrainPart).training if TrainPart in seen else None
    path = trajectory(training) if training is not None else None
    return path is not None and len(path.states) > 1
