"""`grader new`: a lesson that works already, to make another of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grader.authoring.beginning import Kind
from grader.cli.error_boundary import ExitCode, error_boundary
from grader.cli.speaking import CourseOption, LanguageOption, speaker_for
from grader.language.messages import say


def new(
    assignment: Annotated[
        str, typer.Argument(metavar="ID", help="What the new lesson's folder is called.")
    ],
    kind: Annotated[
        Kind,
        typer.Option(
            help="What is to be learned: a line, a curve by a small network (both regression), or "
            "on which side of a threshold a number lies (classification)."
        ),
    ] = Kind.LINE,
    lang: LanguageOption = None,
    course: CourseOption = Path(),
) -> None:
    """Begin a new lesson: texts, checks, references and a small bank that pass their audit."""
    speaker = speaker_for(lang)
    with error_boundary(speaker):
        from grader.authoring.beginning import begin
        from grader.authoring.examining import require_sound

        for path in begin(course, assignment, kind):
            speaker.show(path)
        require_sound([(course / "assignments" / assignment, course / "solutions" / assignment)])
        speaker.tell(
            say(
                "{id} is a lesson already: `grader audit {id}` says so. Now make it yours. Change "
                "assignment.toml, checks.py and the references, then run `grader release {id}`, "
                "`grader calibrate {id}` and `grader audit {id}`.",
                id=assignment,
            )
        )
    raise typer.Exit(ExitCode.MARKED)
