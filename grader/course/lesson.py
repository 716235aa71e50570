"""A lesson as grading needs it: the assignment, its handouts, and the reference's cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.course.course import references_in
from grader.errors import AssignmentError, SubmissionUnreadable
from grader.language.messages import say
from grader.models import CODE_STEPS, Step
from grader.submission import read_handouts, read_submission

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from grader.course.assignment import Assignment
    from grader.models import Submission
    from grader.submission import Handout


@dataclass(frozen=True, slots=True)
class Lesson:
    """An assignment with its handouts; `references` are the solved notebooks by language.

    Without references (a student's own check) wrong steps cannot be replaced.
    """

    assignment: Assignment
    handouts: tuple[Handout, ...]
    references: Mapping[str, Submission]

    def reference(self, language: str) -> Submission | None:
        """The solved notebook in `language`, or else in any."""
        return self.references.get(language) or next(iter(self.references.values()), None)

    def reference_cells(self, language: str) -> Mapping[Step, str]:
        """The reference's source of each step, in `language` or else in any."""
        reference = self.reference(language)
        if reference is None:
            return {}
        sources = {cell.number: cell.source for cell in reference.cells}
        return {
            step: "\n".join(sources[number] for number in reference.steps[step])
            for step in CODE_STEPS
        }


def open_lesson(assignment: Assignment) -> Lesson:
    """Read an assignment's notebooks; raises AssignmentError where one cannot be used."""
    handouts = read_handouts(assignment.folder)
    if not handouts:
        raise AssignmentError(
            say(
                "{path} has no handout. Make it with `grader release {id}`.",
                path=str(assignment.folder),
                id=assignment.id,
            )
        )
    references = {}
    if assignment.solutions is not None:
        for path in references_in(assignment.solutions):
            reference = _read_reference(path, handouts, assignment.id)
            references[reference.language] = reference
    return Lesson(assignment, handouts, references)


def _read_reference(path: Path, handouts: tuple[Handout, ...], assignment: str) -> Submission:
    try:
        reference = read_submission(path, "reference", handouts, assignment)
    except SubmissionUnreadable as error:
        raise AssignmentError(
            say("{path} cannot be read: {reason}", path=str(path), reason=error.message)
        ) from error
    if missing := [step for step in CODE_STEPS if step not in reference.steps]:
        raise AssignmentError(
            say("{path} has no cell for: {steps}.", path=str(path), steps=", ".join(missing))
        )
    return reference
