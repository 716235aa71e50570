"""Makes one mark, from recorded runs where they serve and from new ones where they do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from grader.grading.handed_in import open_kept
from grader.grading.recorded import RecordedRuns
from grader.judging.notebook import grade_submission

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.course.lesson import Lesson
    from grader.gradebook import Work
    from grader.judging.judged_run import Runs
    from grader.models import GradedSubmission, Submission


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
