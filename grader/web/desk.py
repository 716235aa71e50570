"""What a reviewer works on: a class's marks in the gradebook, and the reports that follow them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from grader.errors import UsageError
from grader.gradebook import WHOLE, GivenOverride, Kind
from grader.grading import (
    choose_version,
    mark_of,
    marks_of,
    missing_of,
    open_lesson,
    settle_page,
    versions_of,
)
from grader.language.messages import say
from grader.models import Comment, Override
from grader.reporting import (
    if_drawn,
    is_undrawn,
    report_path,
    write_report,
    write_some_class,
    write_some_report,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from grader.course.assignment import Assignment
    from grader.gradebook import Gradebook, Review
    from grader.grading import Lesson, Version
    from grader.models import GradedSubmission


@dataclass(frozen=True, slots=True)
class Filter:
    """Which submissions are gone through; "" stands for all."""

    verdict: str = ""
    diagnosis: str = ""
    name: str = ""

    def fits(self, graded: GradedSubmission) -> bool:
        """Whether a submission is among those that are wanted."""
        mark = graded.mark
        verdicts = {step.verdict for step in mark.steps}
        return (
            self.name.casefold() in graded.submission.student.casefold()
            and (
                not self.verdict
                or (self.verdict == "withheld" and mark.withheld)
                or self.verdict in verdicts
            )
            and (not self.diagnosis or any(d.id == self.diagnosis for d in mark.diagnoses))
        )


@dataclass(frozen=True, slots=True)
class Looked:
    """What a reviewer looked at when deciding: whose work, and in which state it was."""

    assignment: str
    student: str
    state: str


@dataclass(slots=True)
class Desk:
    """The marks of some assignments, and what `by` decides about them.

    Each decision goes into the gradebook first, then into the student's report below `out`; a
    report that is released also stands below `released`. Where a page cannot be drawn, `on_fault`
    gets whose it is and why. Safe to use from several threads.
    """

    book: Gradebook
    assignments: Mapping[str, Assignment]
    by: str
    out: Path
    released: Path
    language: str | None = None
    on_fault: Callable[[str, Exception], None] = lambda _where, _error: None
    _marks: dict[str, dict[str, GradedSubmission]] = field(default_factory=dict)
    _lessons: dict[str, Lesson] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def marks(self, assignment: str, wanted: Filter = Filter()) -> Sequence[GradedSubmission]:
        """The marks that are wanted, by student."""
        with self._lock:
            if assignment not in self._marks:
                found = marks_of(self.book, [self._assignment(assignment)])
                self._marks[assignment] = {one.submission.student: one for one in found}
            known = list(self._marks[assignment].values())
        return [graded for graded in known if wanted.fits(graded)]

    def mark(self, assignment: str, student: str) -> GradedSubmission | None:
        """A student's mark as it is now, whoever changed it."""
        graded = mark_of(self.book, self._lesson(assignment), student)
        if graded is not None:
            self.marks(assignment)
            with self._lock:
                self._marks[assignment][student] = graded
        return graded

    def review(self, assignment: str, student: str) -> Review:
        """What was decided about a student's work."""
        return self.book.review(student, assignment)

    def override(self, at: Looked, check: str, points: float, reason: str) -> None:
        """Give points for a check, or for the whole; UsageError where that cannot be."""
        graded = self._marked(at)
        most = {c.id: c.max_points for step in graded.mark.steps for c in step.checks}
        most[WHOLE] = graded.mark.max_points or 100.0
        if not reason.strip():
            raise UsageError(say("Points given by hand need a reason: the student reads it."))
        if check not in most or not 0 <= points <= most[check]:
            raise UsageError(
                say("{check} is worth 0 to {most:g} points.", check=check, most=most.get(check, 0))
            )
        words = self._words(reason)
        given = GivenOverride(check, Override(points, words.text, words.by, words.at))
        self._decide(at, Kind.OVERRIDE, words, given)

    def comment(self, at: Looked, text: str) -> None:
        """Say something to the student; an empty comment takes an earlier one away."""
        self._decide(at, Kind.COMMENT, self._words(text))

    def release(self, at: Looked) -> None:
        """Let the student have the report; UsageError while the mark is withheld."""
        if self._marked(at).mark.withheld:
            raise UsageError(
                say("A mark on hold is not released: give points for the whole first.")
            )
        self._decide(at, Kind.RELEASE, self._words(""))

    def versions(self, assignment: str, student: str) -> tuple[Version, ...]:
        """The notebooks that the student handed in."""
        return versions_of(self.book, student, assignment)

    def choose(self, at: Looked, version: str) -> None:
        """Let another of the student's notebooks count; UsageError where it is not one."""
        choose_version(self.book, at.student, at.assignment, version, self.by, seen=at.state)
        self._publish(at)

    def undo(self, at: Looked) -> None:
        """Take back what was decided last about this work."""
        if not self.book.undo(at.student, at.assignment, self.by, seen=at.state):
            raise UsageError(say("There is nothing to undo."))
        self._publish(at)

    def publish_classes(self) -> None:
        """Write the pages of the classes that were looked at, as they are now."""
        for name, marks in self._marks.items():
            info = self.assignments[name].info
            write_some_class(
                info,
                list(marks.values()),
                self.out,
                self.language,
                self.on_fault,
                missing=missing_of(self.book, name),
            )

    def _decide(
        self, at: Looked, kind: Kind, words: Comment, given: GivenOverride | None = None
    ) -> None:
        self.book.decide(at.student, at.assignment, kind, words, seen=at.state, given=given)
        self._publish(at)

    def _publish(self, at: Looked) -> None:
        graded = self.mark(at.assignment, at.student)
        if graded is None:
            return
        told = write_some_report(if_drawn(graded), self.out, self.language, self.on_fault)
        if is_undrawn(told) != is_undrawn(graded):
            settle_page(self.book, told)
        if self.review(at.assignment, at.student).released and not told.mark.withheld:
            write_report(told, self.released, self.language)
            return
        page = report_path(self.released, at.assignment, at.student)
        for file in (page, page.with_suffix(".json")):
            file.unlink(missing_ok=True)

    def _marked(self, at: Looked) -> GradedSubmission:
        graded = self.mark(at.assignment, at.student)
        if graded is None:
            raise UsageError(say("There is no such submission any more."))
        return graded

    def _lesson(self, name: str) -> Lesson:
        with self._lock:
            if name not in self._lessons:
                self._lessons[name] = open_lesson(self._assignment(name))
            return self._lessons[name]

    def _assignment(self, name: str) -> Assignment:
        if name not in self.assignments:
            raise UsageError(say("There is no such submission any more."))
        return self.assignments[name]

    def _words(self, text: str) -> Comment:
        return Comment(text.strip(), self.by, datetime.now(UTC))
