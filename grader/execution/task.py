"""What a driver is asked to do."""

from __future__ import annotations

from dataclasses import dataclass

from grader.execution.cell_runner import Limits
from grader.models import Plan


@dataclass(frozen=True, slots=True)
class Task:
    """A plan to run, how long it may take, and how its kernel is shut in."""

    plan: Plan
    limits: Limits
    tier: str
