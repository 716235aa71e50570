"""Chooses where the kernels of this machine come from."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from grader.isolation.leftovers import delete_leftovers
from grader.isolation.tiers import TIERS
from grader.isolation.visible import hidden_here
from grader.kernels.trying import best_isolation

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from grader.kernels import KernelSource


def kernel_source(
    *, warm: bool = True, tiers: Sequence[str] = TIERS, hidden: Iterable[Path] = ()
) -> KernelSource:
    """Kernels that start fast where the machine can fork safely, shut in as well as it can be.

    `tiers` are the ways of shutting in that may be tried, from best to worst; none in which one of
    the `hidden` folders could be read is taken. What killed graders left behind is removed first.
    """
    delete_leftovers()
    unseen = hidden_here(hidden)
    isolation = best_isolation(tiers, unseen)
    if warm and sys.platform == "linux":
        from grader.kernels.warm import WarmKernels

        return WarmKernels(isolation, unseen)
    from grader.kernels.fresh import FreshKernels

    return FreshKernels(isolation, unseen)
