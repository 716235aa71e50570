"""What the commands share by which a person decides about one student's work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.faults import FaultLog
from grader.cli.keeping import claim, kept_gradebook
from grader.course.course import Course
from grader.language.messages import say

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from grader.cli.publishing import Republished
    from grader.cli.speaking import Speaker
    from grader.gradebook import Gradebook

StudentArgument = Annotated[str, typer.Argument(help="The student's name, as in the reports.")]
AssignmentArgument = Annotated[str, typer.Argument(metavar="ID")]
ByOption = Annotated[str | None, typer.Option(help="Who decided.", show_default="the user's name")]


@dataclass(frozen=True, slots=True)
class Decided:
    """The pages that were written anew, the gradebook's place, and what broke on the way."""

    pages: Republished
    where: str
    faults: FaultLog

    def tell(self, speaker: Speaker, student: str, *, on_hold: bool) -> None:
        """Say why the student is on hold all the same, if so, and which gradebook it was."""
        if on_hold:
            speaker.warn(
                say(
                    "{student} is still on hold: {reason}",
                    student=student,
                    reason=self.pages.told.mark.withheld_reason or "",
                )
            )
        self.faults.tell(speaker)
        speaker.warn(say("Gradebook: {path}", path=self.where))


def carry_out(
    write: Callable[[Gradebook], None],
    student: str,
    assignment: str,
    *,
    out: Path,
    gradebook: str | None,
    lang: str | None,
    course: Path,
) -> Decided:
    """Have the gradebook changed, and write the pages that this changes."""
    from grader.cli.publishing import Publisher, republish
    from grader.course.assignment import load_assignment

    (home,) = Course(course).chosen(assignment)
    lesson = load_assignment(home.assignment, home.solutions)
    faults = FaultLog()
    with kept_gradebook(gradebook, out) as book:
        claim(out, book)
        write(book)
        publisher = Publisher(out, lang, book=book, on_fault=faults.note)
        return Decided(republish(publisher, book, lesson, student), book.where, faults)
