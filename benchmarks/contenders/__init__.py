"""Those who grade the same class: each prepares its folders, and says what is to be run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.class_of import Work
    from benchmarks.metering import Command


class Contender(Protocol):
    """One way to grade, or to run, the notebooks of a class."""

    @property
    def name(self) -> str:
        """What it is called in results."""

    @property
    def about(self) -> str:
        """What it does with a notebook, with versions."""

    def prepare(self, works: Sequence[Work], folder: Path) -> tuple[Command, ...]:
        """Lay everything out in `folder`, new and empty; the commands that are to be measured."""

    def finished(self, folder: Path) -> int:
        """How many of the works have a result there, once the commands have run."""
