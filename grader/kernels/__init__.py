"""Where kernels come from: one interface, so that a run does not know how its kernel started."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from jupyter_client.manager import AsyncKernelManager

    from grader.models import Isolation


class KernelSource(Protocol):
    """Hands out kernels, each for one run; safe to call from several threads at once."""

    @property
    def isolation(self) -> Isolation:
        """How well the kernels of this source are shut in."""

    def new_kernel(self) -> AsyncKernelManager:
        """A manager whose kernel is not started yet.

        Its driver starts it and must end it by `shutdown_kernel()`; nbclient does both in
        `async_setup_kernel(cleanup_kc=True)`.
        """

    def close(self) -> None:
        """End whatever serves the kernels; no kernel of this source outlives it."""
