"""`grader choose`: which of a student's notebooks counts."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.deciding import AssignmentArgument, ByOption, StudentArgument, carry_out
from grader.cli.error_boundary import ExitCode, error_boundary
from grader.cli.keeping import REPORTS, GradebookOption, ReportsOption
from grader.cli.speaking import CourseOption, LanguageOption, speaker_for
from grader.language.messages import say

if TYPE_CHECKING:
    from grader.gradebook import Gradebook


def choose(
    student: StudentArgument,
    assignment: AssignmentArgument,
    file: Annotated[str, typer.Argument(help="The notebook that counts, as `grade` named it.")],
    by: ByOption = None,
    out: ReportsOption = REPORTS,
    gradebook: GradebookOption = None,
    lang: LanguageOption = None,
    course: CourseOption = Path(),
) -> None:
    """Say which of a student's notebooks counts, until another one is handed in."""
    speaker = speaker_for(lang)
    with error_boundary(speaker):
        from grader.grading import choose_version

        chosen = ""

        def write(book: Gradebook) -> None:
            nonlocal chosen
            chosen = choose_version(book, student, assignment, file, by or getpass.getuser()).name

        done = carry_out(
            write, student, assignment, out=out, gradebook=gradebook, lang=lang, course=course
        )
        speaker.tell(
            say(
                "{student}, {assignment}: {file} counts. Reports: {overview}",
                student=student,
                assignment=assignment,
                file=chosen,
                overview=str(done.pages.overview),
            )
        )
        on_hold = done.pages.told.mark.withheld
        done.tell(speaker, student, on_hold=on_hold)
    raise typer.Exit(ExitCode.WITHHELD if on_hold else ExitCode.MARKED)
