"""This grader, as an instructor calls it: runs, transfer runs, checks, pages."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.metering import Command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.class_of import Work

COURSE: Final = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Ours:
    """`grader grade`, `jobs` submissions at once."""

    jobs: int = 2
    name: str = "grader"

    @property
    def about(self) -> str:
        """The whole command."""
        return f"`grader grade --jobs {self.jobs}`, everything"

    def prepare(self, works: Sequence[Work], folder: Path) -> tuple[Command, ...]:
        """One command for the class."""
        for work in works:
            work.write(folder / "submitted" / work.student / work.lesson / f"{work.lesson}.ipynb")
        command = (
            *(str(Path(sys.executable).with_name("grader")), "grade", str(folder / "submitted")),
            *("--out", str(folder / "reports"), "--jobs", str(self.jobs)),
            # The class is our own: it may run on a machine that cannot shut it in.
            *("--isolation", "best-effort"),
        )
        return (Command(command, COURSE, dict(os.environ)),)

    def finished(self, folder: Path) -> int:
        """Works with a page and a result."""
        results = (folder / "reports").glob("0*/*.json")
        return sum(result.with_suffix(".html").exists() for result in results)
