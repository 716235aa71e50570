"""Chooses where the kernels of this machine come from."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.kernels import KernelSource


def kernel_source(warm: bool = True) -> KernelSource:
    """Kernels that start fast where the machine can fork safely; fresh ones elsewhere."""
    if warm and sys.platform == "linux":
        from grader.kernels.warm import WarmKernels

        return WarmKernels()
    from grader.kernels.fresh import FreshKernels

    return FreshKernels()
