"""What a driver is asked to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter

# pydantic reads these types when a task is sent.
from grader.execution.cells import Limits  # noqa: TC001
from grader.models import Plan  # noqa: TC001


@dataclass(frozen=True, slots=True)
class Task:
    """A plan to run, how long it may take, and how its kernel is isolated.

    `prepared`: its kernel has the recorder in it from the beginning.
    """

    plan: Plan
    limits: Limits
    tier: str
    prepared: bool = False


TASK: Final = TypeAdapter(Task)
