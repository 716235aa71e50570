"""Those who only run a class's notebooks and judge nothing: nbclient alone, and the floor."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.metering import Command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.class_of import Work
    from benchmarks.environments import Environment

_PROGRAMS: Final = Path(__file__).parents[1] / "programs"


@dataclass(frozen=True, slots=True)
class Nbclient:
    """A fresh kernel for each notebook, and nothing else."""

    environment: Environment
    name: str = "nbclient"

    @property
    def about(self) -> str:
        """With versions."""
        client, kernel = map(self.environment.version, ("nbclient", "ipykernel"))
        return f"nbclient {client} and ipykernel {kernel}, a fresh kernel each, no grading"

    def prepare(self, works: Sequence[Work], folder: Path) -> tuple[Command, ...]:
        """One command for the class."""
        return _one_command("fresh_kernels.py", self.environment, works, folder)

    def finished(self, folder: Path) -> int:
        """Works that were run."""
        return sum(1 for _ in folder.glob("ran/*"))


@dataclass(frozen=True, slots=True)
class Floor:
    """The cells in a forked process that has imported everything: no Jupyter, no picture drawn."""

    environment: Environment
    name: str = "floor"

    @property
    def about(self) -> str:
        """What is left out."""
        return "fork and exec of the cells, no Jupyter, no picture drawn, no grading"

    def prepare(self, works: Sequence[Work], folder: Path) -> tuple[Command, ...]:
        """One command for the class."""
        return _one_command("forks.py", self.environment, works, folder)

    def finished(self, folder: Path) -> int:
        """Works that were run."""
        return sum(1 for _ in folder.glob("ran/*"))


def _one_command(
    program: str, environment: Environment, works: Sequence[Work], folder: Path
) -> tuple[Command, ...]:
    for work in works:
        work.write(folder / "submitted" / f"{work.student}.ipynb")
    (folder / "ran").mkdir()
    argv = (environment.program("python"), str(_PROGRAMS / program), "submitted", "ran")
    return (Command(argv, folder, environment.variables()),)
