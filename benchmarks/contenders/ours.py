"""This grader, as an instructor calls it: runs, transfer runs, checks, pages."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.metering import Command

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
        # Who is measured keeps what was compiled, as the others do.
        kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        return (Command(command, COURSE, kept),)

    def finished(self, folder: Path) -> int:
        """Works with a page and a result."""
        return sum(result.with_suffix(".html").exists() for result in _results(folder))


def tiers(folder: Path) -> str:
    """How well the notebooks were shut in that have results in `folder`."""
    told = (json.loads(result.read_text("utf-8")) for result in _results(folder))
    return ", ".join(sorted({result["isolation"]["tier"] for result in told}))


def _results(folder: Path) -> Iterator[Path]:
    return (folder / "reports").glob("*/student*.json")
