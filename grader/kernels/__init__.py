"""Where kernels come from: one interface, so that a run does not know how its kernel started."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import socket

    from grader.models import Isolation


class KernelSource(Protocol):
    """Hands out lines to kernels, each for one run; safe to call from several threads at once."""

    @property
    def isolation(self) -> Isolation:
        """How well the kernels of this source are shut in."""

    @property
    def prepared(self) -> bool:
        """Whether the kernels begin with the recorder in them (see `grader.kernels.delivery`).

        Asked after a line was handed out, it is never said of a kernel that begins without.
        """

    def new_line(self) -> socket.socket | None:
        """The driver's end of a line to a keeper that waits for a launch.

        Who gets it passes it to `kernel_manager`, and closes it. None where there are no keepers.
        """

    def close(self) -> None:
        """End whatever serves the kernels; no kernel of this source outlives it."""
