"""Runs that were recorded take the place of new ones, as long as they would show the same."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from pydantic_core import to_json

from grader.gradebook import EXECUTION
from grader.models import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.execution.cells import Limits
    from grader.judging.judged_run import Runs
    from grader.models import Execution, Plan


class NewEvidenceNeeded(Exception):
    """A mark cannot be made from what was recorded: the notebook has to be run again."""


@dataclass(slots=True)
class RecordedRuns:
    """Answers from `kept`; what is not there is run by `behind`, and is found in `made` then.

    In both, executions are packed, by what tells them apart. Without anything behind, what was not
    recorded raises NewEvidenceNeeded. `first` is the key of the first run that was asked for: that
    of the notebook as it was handed in.
    """

    kept: Mapping[str, bytes]
    behind: Runs | None
    made: dict[str, bytes] = field(default_factory=dict)
    first: str | None = None

    def run(self, plan: Plan, limits: Limits) -> Execution:
        """What running the plan shows, or showed."""
        keys = evidence_key(plan), evidence_key(plan, limits)
        for key in keys:
            packed = self.kept.get(key)
            recorded = EXECUTION.unpack(packed) if packed is not None else None
            if recorded is not None:
                self.first = self.first or key
                return recorded
        if self.behind is None:
            raise NewEvidenceNeeded
        execution = self.behind.run(plan, limits)
        # With more time, a run that was stopped might show more; any other would not.
        key = keys[1] if execution.outcome is Outcome.TIMED_OUT else keys[0]
        self.made[key] = EXECUTION.pack(execution)
        self.first = self.first or key
        return execution


def evidence_key(plan: Plan, limits: Limits | None = None) -> str:
    """Tells apart all that a run depends on: the cells, the seeds, the recorder."""
    digest = hashlib.sha256(to_json(plan))
    digest.update(recorder_digest().encode())
    if limits is not None:
        digest.update(to_json(limits))
    return digest.hexdigest()


@cache
def recorder_digest() -> str:
    """Changes with the code that runs and watches notebooks."""
    digest = hashlib.sha256()
    for package in ("grader.recorder", "grader.execution"):
        for name, source in _sources(package):
            digest.update(f"{package}/{name}".encode() + b"\0" + source)
    return digest.hexdigest()


def _sources(package: str) -> list[tuple[str, bytes]]:
    files = resources.files(package).iterdir()
    return sorted((file.name, file.read_bytes()) for file in files if file.name.endswith(".py"))
