"""`grader export`: the gradebook's marks, in the form that a platform takes."""

from __future__ import annotations

import os
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.choosing import chosen_folders
from grader.cli.error_boundary import ExitCode, error_boundary
from grader.cli.faults import FaultLog
from grader.cli.keeping import GradebookOption, kept_gradebook
from grader.cli.speaking import CourseOption, LanguageOption, speaker_for
from grader.errors import UsageError
from grader.language.messages import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.cli.speaking import Speaker
    from grader.course.assignment import Assignment
    from grader.exchange.standing import Exported, Standing
    from grader.gradebook import Gradebook
    from grader.language.messages import Translations


class Format(StrEnum):
    """Who reads the marks."""

    CSV = "csv"
    JSON = "json"
    CANVAS = "canvas"
    MOODLE = "moodle"
    MOODLE_FEEDBACK = "moodle-feedback"
    GRADESCOPE = "gradescope"
    GRADESCOPE_AUTOGRADER = "gradescope-autograder"
    GITHUB = "github"


def export(
    format: Annotated[  # noqa: A002 - what the command calls it
        Format,
        typer.Argument(
            help="moodle fills the worksheet given with --into; canvas may; gradescope and github "
            "are for one --student; gradescope-autograder is the zip to upload there."
        ),
    ],
    assignment: Annotated[
        str | None,
        typer.Option(metavar="ID", help="The assignment.", show_default="the only one with marks"),
    ] = None,
    into: Annotated[
        Path | None, typer.Option(help="A file exported from Canvas or Moodle, to be filled in.")
    ] = None,
    column: Annotated[
        str | None, typer.Option(help="The file's column for the marks, if it is not found.")
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
        from grader.reporting.files import write_bytes

        folders = chosen_folders(assignment, course)
        assignments = [load_assignment(f, course / "solutions" / f.name) for f in folders]
        chosen: Assignment | None
        faults, where = FaultLog(), None
        if format is Format.GRADESCOPE_AUTOGRADER:
            from grader.exchange.gradescope import autograder_zip

            chosen = _the_only(assignments)
            done = autograder_zip(chosen)
        else:
            with kept_gradebook(gradebook) as book:
                where = book.where
                chosen, standings = _standings(book, assignments, format, student)
            standings = [_presentable(one, format, speaker, faults) for one in standings]
            done = _exported(format, standings, into, column, speaker)
        path = to or into or Path(f"{_stem(format, chosen, student)}{_SUFFIX[format]}")
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


_SUFFIX = {
    Format.CSV: ".csv",
    Format.JSON: ".json",
    Format.CANVAS: ".csv",
    Format.MOODLE: ".csv",
    Format.MOODLE_FEEDBACK: ".zip",
    Format.GRADESCOPE: ".json",
    Format.GRADESCOPE_AUTOGRADER: ".zip",
    Format.GITHUB: ".txt",
}
_OF_ONE_LESSON = frozenset(Format) - {Format.CSV, Format.JSON}
_OF_ONE_STUDENT = frozenset({Format.GRADESCOPE, Format.GITHUB})


def _stem(format_: Format, assignment: Assignment | None, student: str | None) -> str:
    from grader.reporting import file_stem

    kind = "marks" if format_ in (Format.CSV, Format.JSON) else format_.value
    parts = [kind, assignment.id if assignment is not None else None, student]
    return "-".join(file_stem(part) for part in parts if part is not None)


def _standings(
    book: Gradebook, assignments: Sequence[Assignment], format_: Format, student: str | None
) -> tuple[Assignment | None, list[Standing]]:
    from grader.exchange.canvas import PLATFORM as CANVAS
    from grader.exchange.moodle import PLATFORM as MOODLE
    from grader.exchange.standing import Standing
    from grader.gradebook import Student
    from grader.grading import marks_of

    marks = [
        mark
        for mark in marks_of(book, assignments)
        if student is None or mark.submission.student == student
    ]
    if not marks:
        raise UsageError(say("There are no such marks in {path}.", path=book.where))
    chosen = None
    if format_ in _OF_ONE_LESSON:
        with_marks = {mark.assignment.id for mark in marks}
        chosen = _the_only([one for one in assignments if one.id in with_marks])
    if format_ in _OF_ONE_STUDENT and len(marks) != 1:
        raise UsageError(say("This format is for one student: name one with --student."))
    platform = {
        Format.CANVAS: CANVAS,
        Format.MOODLE: MOODLE,
        Format.MOODLE_FEEDBACK: MOODLE,
    }.get(format_, "")
    accounts = book.handles(platform, chosen.id if chosen is not None else "")
    by_student = {who: account for account, who in accounts.items()}
    students = book.students()
    return chosen, [
        Standing(
            students.get(mark.submission.student, Student(mark.submission.student)),
            mark,
            {platform: by_student[mark.submission.student]}
            if mark.submission.student in by_student
            else {},
        )
        for mark in marks
    ]


def _presentable(one: Standing, format_: Format, speaker: Speaker, faults: FaultLog) -> Standing:
    from grader.reporting import presentable

    page = format_ is Format.MOODLE_FEEDBACK
    graded = presentable(one.graded, speaker.language, faults.note, page=page)
    return replace(one, graded=graded)


def _the_only(assignments: Sequence[Assignment]) -> Assignment:
    if len(assignments) == 1:
        return assignments[0]
    raise UsageError(
        say(
            "This format is for one assignment: name one with --assignment; there are: {known}.",
            known=", ".join(one.id for one in assignments) or "-",
        )
    )


def _exported(
    format_: Format,
    standings: Sequence[Standing],
    into: Path | None,
    column: str | None,
    speaker: Speaker,
) -> Exported:
    from grader.exchange import canvas, github, gradescope, moodle, plain
    from grader.exchange.sheet import Sheet
    from grader.exchange.standing import Exported

    tongue = speaker.language
    first = standings[0].graded
    titles = [first.assignment.id, *first.assignment.titles.values()]
    words = _words(first.assignment.catalogues.get(tongue), tongue)
    match format_:
        case Format.CSV:
            return plain.to_csv(standings)
        case Format.JSON:
            return plain.to_json(standings, words, tongue)
        case Format.CANVAS if into is not None:
            return canvas.fill(Sheet.read(into), standings, [column] if column else titles)
        case Format.CANVAS:
            return canvas.new_sheet(standings, column or first.assignment.title(tongue))
        case Format.MOODLE if into is not None:
            return moodle.fill(Sheet.read(into), standings, column)
        case Format.MOODLE:
            raise UsageError(
                say("Download the grading worksheet from Moodle, and give it with --into FILE.")
            )
        case Format.MOODLE_FEEDBACK:
            return moodle.feedback_zip(standings, _page)
        case Format.GRADESCOPE:
            return Exported(gradescope.results_json(first, words, tongue), 1)
        case _:
            result = f"result={github.runner_result(first, words, tongue)}\n"
            if (output := os.environ.get("GITHUB_OUTPUT")) is not None:
                with Path(output).open("a", encoding="utf-8") as file:
                    file.write(result)
            return Exported(result.encode(), 1)


def _words(catalogue: Path | None, tongue: str) -> Translations:
    from grader.reporting import translator

    return translator(tongue, () if catalogue is None else (catalogue,))


def _page(standing: Standing) -> bytes:
    from grader.reporting import student_html

    return student_html(standing.graded).encode()
