"""`grader choose`: which of a student's notebooks counts."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from grader.cli.choosing import chosen_folders
from grader.cli.error_boundary import ExitCode, error_boundary
from grader.cli.faults import FaultLog
from grader.cli.keeping import REPORTS, GradebookOption, claim, kept_gradebook
from grader.cli.speaking import CourseOption, LanguageOption, speaker_for
from grader.language.messages import say


def choose(
    student: Annotated[str, typer.Argument(help="As in the reports.")],
    assignment: Annotated[str, typer.Argument(metavar="ID")],
    file: Annotated[str, typer.Argument(help="The notebook that counts, as `grade` named it.")],
    by: Annotated[
        str | None, typer.Option(help="Who decided.", show_default="the user's name")
    ] = None,
    out: Annotated[Path, typer.Option(help="The folder for the reports.")] = REPORTS,
    gradebook: GradebookOption = None,
    lang: LanguageOption = None,
    course: CourseOption = Path(),
) -> None:
    """Say which of a student's notebooks counts; it stays so until another one is handed in."""
    speaker = speaker_for(lang)
    with error_boundary(speaker):
        from grader.cli.publishing import Publisher, republish
        from grader.course.assignment import load_assignment
        from grader.grading import choose_version

        (folder,) = chosen_folders(assignment, course)
        lesson = load_assignment(folder, course / "solutions" / folder.name)
        with kept_gradebook(gradebook, out) as book:
            claim(out, book)
            chosen = choose_version(book, student, assignment, file, by or getpass.getuser())
            faults = FaultLog()
            publisher = Publisher(out, lang, book=book, on_fault=faults.note)
            done = republish(publisher, book, lesson, student)
        speaker.tell(
            say(
                "{student}, {assignment}: {file} counts. Reports: {overview}",
                student=student,
                assignment=assignment,
                file=chosen.name,
                overview=str(done.overview),
            )
        )
        reason = done.told.mark.withheld_reason
        if reason is not None:
            speaker.warn(
                say("{student} is still on hold: {reason}", student=student, reason=reason)
            )
        faults.tell(speaker)
        speaker.warn(say("Gradebook: {path}", path=book.where))
    raise typer.Exit(ExitCode.MARKED if reason is None else ExitCode.WITHHELD)
