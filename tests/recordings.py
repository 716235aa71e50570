"""A runner that starts no kernel: it shows what the recorder sees of a notebook like this one."""

from __future__ import annotations

import shutil
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from grader.models import Execution, Isolation, Outcome
from grader.replay import Descent
from tests.evidence_factory import EPOCHS, observed

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.execution.cells import Limits
    from grader.models import Plan

ROOT = Path(__file__).parent.parent


@dataclass
class Recordings:
    """Notebooks are honest, but for what their source says: `epochs = 50`, `lr=0.1`.

    `before_run` is called with each plan first, and may raise.
    """

    before_run: Callable[[Plan], None] = lambda _: None
    outcome: Outcome = Outcome.COMPLETED
    runs: int = 0
    isolation: Isolation = field(default_factory=lambda: Isolation("none"))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, plan: Plan, _limits: Limits) -> Execution:
        self.before_run(plan)
        with self._lock:
            self.runs += 1
        source = "\n".join(cell.source for cell in plan.cells)
        epochs = 50 if "epochs = 50" in source else EPOCHS
        rate = 0.1 if "lr=0.1" in source else 0.01
        parts = observed(how=Descent(rate), epochs=epochs)
        records = tuple(part.model_dump_json() for part in parts)
        return Execution(self.outcome, (), records, self.isolation, 0.5)

    def close(self) -> None:
        pass


def copy_course(folder: Path, lesson: str = "01_exact_line") -> Path:
    """A course of one lesson that a test may change."""
    shutil.copytree(ROOT / "assignments" / lesson, folder / "assignments" / lesson)
    shutil.copytree(
        ROOT / "solutions" / lesson,
        folder / "solutions" / lesson,
        ignore=shutil.ignore_patterns("bank"),
    )
    return folder
