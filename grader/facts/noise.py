"""Whether what is called `noise` is the noise on the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from grader.evidence import DataPart

# Noise drawn in float32, float64 or through distributions.Normal rounds differently by < 1e-6.
NOISE_ATOL = 1e-5
RELATED = 0.9


def kept_another_noise(part: DataPart, noise: NDArray[np.float64]) -> bool:
    """Whether what is called `noise` has nothing to do with the noise on the examples.

    Two draws of fifty numbers are this much alike (RELATED) less than once in 10^17 times; scaling,
    rounding or cutting the noise keeps it far more alike.
    """
    kept = part.kept_noise.array().reshape(-1) if part.kept_noise is not None else np.zeros(0)
    if kept.shape != noise.shape or not np.isfinite(kept).all():
        return False
    if min(float(np.std(kept)), float(np.std(noise))) < NOISE_ATOL:
        return False
    if np.allclose(np.sort(kept), np.sort(noise), atol=NOISE_ATOL):
        return False  # the examples were put in another order, noise and all
    return abs(float(np.corrcoef(kept, noise)[0, 1])) < RELATED
