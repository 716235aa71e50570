"""An author's rule for the cards, as text in X: `sin(2 * X) + 1`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# The kernel knows them too, as torch's: `inside.rehearsing`.
FUNCTIONS: Final = ("sin", "cos", "tanh", "exp", "log", "sqrt", "abs")


def answers_by(formula: str, X: Floats) -> Floats:
    """What the formula gives for each of X, in its shape; it is the author's own code."""
    known = {name: getattr(np, name) for name in FUNCTIONS} | {"pi": np.pi, "np": np, "X": X}
    with np.errstate(all="ignore"):
        answers = np.asarray(eval(formula, known), dtype=np.float64)  # noqa: S307
    return np.array(np.broadcast_to(answers, X.shape)) if answers.size == 1 else answers
