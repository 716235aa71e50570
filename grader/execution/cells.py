"""What runs the cells of one notebook, whatever it is: a Jupyter kernel or a shell of our own."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from grader.isolation.launch import Ending

GRACE_S: Final = 2.0
MOST_OUTPUTS: Final = 2000
MOST_OUTPUT_CHARS: Final = 2_000_000
# What the recorder tells of one step: 4,000 updates of a network take some three million.
MOST_ANSWER_CHARS: Final = 12_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a run may take; a cell never gets more than what is left for the notebook."""

    cell_s: float = 20.0
    notebook_s: float = 60.0

    def shared_by(self, runs: int, cores: int = os.cpu_count() or 1) -> Limits:
        """The limits of one of so many runs at once, none of which has a core to itself."""
        times = max(1.0, runs / cores)
        return Limits(times * self.cell_s, times * self.notebook_s)

    @property
    def asking_s(self) -> float:
        """How long all our own questions of a notebook may take: as long as its own cells."""
        return self.notebook_s


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of one cell: its outputs in nbformat's form, and whether a limit ended it."""

    outputs: tuple[Any, ...]
    timed_out: bool
    cut: bool


class KernelGoneError(Exception):
    """The kernel died, or had to be given up: a cell did not stop, or its words were `garbled`."""

    def __init__(self, ran: Ran, *, garbled: bool = False) -> None:
        super().__init__("the kernel is gone")
        self.ran = ran
        self.garbled = garbled


class Cells(Protocol):
    """Runs one cell after the other."""

    @property
    def out_of_time(self) -> bool:
        """Whether the notebook has used up its time."""

    async def run(self, source: str, *, history: bool = True, limit_s: float | None = None) -> Ran:
        """Run `source`; raises KernelGoneError where the kernel does not survive it.

        `limit_s` takes the place of both limits, for what we ask ourselves.
        """

    def close(self) -> None:
        """Let go of the channels to the kernel."""


class Kernel(Protocol):
    """Where one notebook runs; not yet started."""

    @property
    def ending(self) -> Ending | None:
        """How it ended, and why, as far as that is known."""

    async def start(self, limits: Limits) -> Cells:
        """Start it; raises KernelLostError where another try may do."""

    async def end(self) -> None:
        """End it with all that it started; may be called again."""
