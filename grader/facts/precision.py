"""Whether data and model hold numbers of one precision, and whose fault it is if not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.evidence import TensorSeen
    from grader.facts.facts import Facts

# The type that torch gives numbers by default, and that the lessons use.
USUAL = "float32"


def model_precision(facts: Facts) -> str | None:
    """The type of the model's numbers; None where there are none."""
    model = facts.model
    return model.parameters[0].dtype if model is not None and model.parameters else None


def off_precision(facts: Facts, name: str, tensor: TensorSeen) -> bool:
    """Whether this tensor (X, y ...) does not fit the model, and is to blame for it."""
    if facts.model_precision in (None, tensor.dtype) or facts.model_is_off_precision:
        return False
    return not (name in ("X", "y") and _managed(facts))


def model_is_off_precision(facts: Facts) -> bool:
    """Whether the data is as usual, and the model is not: one step's mistake, not two."""
    X = facts.data.X
    if X is None or facts.model_precision is None or _managed(facts):
        return False
    return X.dtype == USUAL != facts.model_precision


def _managed(facts: Facts) -> bool:
    """Whether the training went on all the same: a model may well convert what it is shown.

    Numbers that are only set before the first gradient show nothing of it.
    """
    learned = facts.training is not None and facts.training.gradients > 0
    return learned and facts.path is not None and len(facts.path.states) > 1
