"""`grader rates`: how often each lesson's grader was wrong, by what `grader audit` wrote down."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grader.cli.error_boundary import ExitCode, error_boundary
from grader.cli.speaking import CourseOption, LanguageOption, speaker_for


def rates(
    docs: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write error-rates.md and error-rates.zh.md there."),
    ] = None,
    lang: LanguageOption = None,
    course: CourseOption = Path(),
) -> None:
    """Show how often each lesson's grader was wrong, or write the pages that say so."""
    speaker = speaker_for(lang)
    with error_boundary(speaker):
        from grader.authoring.rates_page import LANGUAGES, page_name, rates_page
        from grader.course.assignment import load_assignments
        from grader.reporting.files import write_whole

        lessons = [assignment.info for assignment in load_assignments(course)]
        if docs is None:
            typer.echo(rates_page(lessons, speaker.language))
        else:
            for language in LANGUAGES:
                path = docs / page_name(language)
                speaker.show(write_whole(path, rates_page(lessons, language)))
    raise typer.Exit(ExitCode.MARKED)
