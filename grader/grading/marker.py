"""Makes one mark, from recorded runs where possible and from new ones where not."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Protocol

from pydantic_core import to_json

from grader.errors import NewEvidenceNeeded
from grader.gradebook import EXECUTION
from grader.grading.handed_in import open_kept
from grader.judging.notebook import grade_submission
from grader.models import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.course.lesson import Lesson
    from grader.execution.cells import Limits
    from grader.gradebook import Work
    from grader.judging.notebook import Runs
    from grader.models import Execution, GradedSubmission, Plan, Submission


@dataclass(frozen=True, slots=True)
class Marked:
    """A mark with the packed runs that had to be made for it, by their keys.

    `first` is the key of the run of the notebook as it was handed in, made now or before.
    """

    graded: GradedSubmission
    first: str | None
    made: Mapping[str, bytes]


class Marker(Protocol):
    """Makes marks, here or on another machine; called from several threads at once."""

    def __call__(self, work: Work, kept: Mapping[str, bytes]) -> Marked:
        """The mark of a work, of whose runs `kept` are recorded."""


@dataclass(frozen=True, slots=True)
class LocalMarker:
    """Makes marks in this process; without a runner, from what is recorded or not at all."""

    lessons: Mapping[str, Lesson]
    runner: Runs | None
    seed: int | None = None

    def __call__(self, work: Work, kept: Mapping[str, bytes]) -> Marked:
        """The mark; raises NewEvidenceNeeded where it cannot be made without a run."""
        submission = open_kept(work, self.lessons).submission
        return mark(submission, self.lessons[work.assignment], self.runner, kept, self.seed)


def mark(
    submission: Submission,
    lesson: Lesson,
    runner: Runs | None,
    kept: Mapping[str, bytes],
    seed: int | None,
) -> Marked:
    """Grade a submission, and say what had to be run for it."""
    runs = RecordedRuns(kept, runner)
    graded = grade_submission(submission, lesson, runs, seed=seed)
    return Marked(graded, runs.first, runs.made)


@dataclass(slots=True)
class RecordedRuns:
    """Answers from `kept`; what is not there is run by `behind`, and is then in `made`.

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
