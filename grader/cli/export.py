"""`grader export`: the gradebook's marks, in the form that a platform takes."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.error_boundary import ExitCode, error_boundary
from grader.cli.faults import FaultLog
from grader.cli.keeping import GradebookOption, kept_gradebook
from grader.cli.speaking import CourseOption, LanguageOption, speaker_for
from grader.course.course import Course
from grader.errors import UsageError
from grader.exchange.formats import FORMATS, Format, Wanted
from grader.language.messages import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.course.assignment import Assignment
    from grader.gradebook import Gradebook
    from grader.models import GradedSubmission


def _format_called(name: str) -> Format:
    if name in FORMATS:
        return FORMATS[name]
    raise typer.BadParameter(f"'{name}' is not one of {', '.join(FORMATS)}.")


def export(
    format: Annotated[  # noqa: A002 - what the command calls it
        Format,
        typer.Argument(
            parser=_format_called,
            metavar="FORMAT",
            help=f"{'; '.join(f'{name}: {entry.about}' for name, entry in FORMATS.items())}.",
        ),
    ],
    assignment: Annotated[
        str | None,
        typer.Option(metavar="ID", help="The assignment.", show_default="the only one with marks"),
    ] = None,
    into: Annotated[
        Path | None, typer.Option(help="A file exported from Canvas or Moodle, to fill in.")
    ] = None,
    column: Annotated[
        str | None,
        typer.Option(help="The file's column for the marks, if it is not found automatically."),
    ] = None,
    student: Annotated[str | None, typer.Option(help="Only this student.")] = None,
    to: Annotated[
        Path | None,
        typer.Option(help="The file to write.", show_default="marks-ID.FORMAT; --into itself"),
    ] = None,
    gradebook: GradebookOption = None,
    lang: LanguageOption = None,
    course: CourseOption = Path(),
) -> None:
    """Write the marks for a learning platform, a spreadsheet or a program."""
    speaker = speaker_for(lang)
    with error_boundary(speaker):
        from grader.course.assignment import load_assignment
        from grader.exchange.standing import standings_of
        from grader.reporting import presentable
        from grader.reporting.files import write_bytes

        homes = Course(course).chosen(assignment)
        assignments = [load_assignment(home.assignment, home.solutions) for home in homes]
        faults, where = FaultLog(), None
        if not format.of_marks:
            lesson: Assignment | None = _the_only(assignments)
            done = format.make(Wanted(speaker.language, lesson))
        else:
            with kept_gradebook(gradebook) as book:
                where = book.where
                found = _marks(book, assignments, student)
                lesson = _lesson_of(found, assignments) if format.of_one_lesson else None
                if format.of_one_student and len(found) != 1:
                    one = say("This format is for one student: name one with --student.")
                    raise UsageError(one)
                marks = [
                    presentable(mark, speaker.language, faults.note, page=format.with_pages)
                    for mark in found
                ]

                of_lesson = lesson.id if lesson is not None else ""
                standings = partial(standings_of, book, marks, assignment=of_lesson)
                done = format.make(Wanted(speaker.language, lesson, marks, standings, into, column))
        path = to or into or Path(f"{_stem(format, lesson, student)}{format.suffix}")
        try:
            write_bytes(path, done.content)
        except OSError as error:
            raise UsageError(
                say(
                    "{path} cannot be written: {reason}. Choose another place with --to.",
                    path=str(path),
                    reason=error.strerror or type(error).__name__,
                )
            ) from error
        for note in done.notes:
            speaker.warn(note)
        faults.tell(speaker)
        speaker.tell(say("{path}: {count} filled in.", path=str(path), count=done.filled))
        if where is not None:
            speaker.warn(say("Gradebook: {path}", path=where))
    raise typer.Exit(ExitCode.WITHHELD if done.notes or faults.any else ExitCode.MARKED)


def _stem(format_: Format, lesson: Assignment | None, student: str | None) -> str:
    from grader.reporting import file_stem

    parts = [format_.stem, lesson.id if lesson is not None else None, student]
    return "-".join(file_stem(part) for part in parts if part is not None)


def _marks(
    book: Gradebook, assignments: Sequence[Assignment], student: str | None
) -> Sequence[GradedSubmission]:
    from grader.grading import marks_of

    every = marks_of(book, assignments)
    marks = [mark for mark in every if student in (None, mark.submission.student)]
    if not marks:
        raise UsageError(say("There are no such marks in {path}.", path=book.where))
    return marks


def _lesson_of(marks: Sequence[GradedSubmission], assignments: Sequence[Assignment]) -> Assignment:
    with_marks = {mark.assignment.id for mark in marks}
    return _the_only([one for one in assignments if one.id in with_marks])


def _the_only(assignments: Sequence[Assignment]) -> Assignment:
    if len(assignments) == 1:
        return assignments[0]
    raise UsageError(
        say(
            "This format is for one assignment: name one with --assignment; there are: {known}.",
            known=", ".join(one.id for one in assignments) or "-",
        )
    )
