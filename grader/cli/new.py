"""`grader new`: a lesson that already works, to be turned into another one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grader.authoring.beginning import Kind
from grader.cli.error_boundary import ExitCode, error_boundary
from grader.cli.speaking import CourseOption, LanguageOption, speaker_for
from grader.course.course import Course
from grader.language.messages import say


def new(
    assignment: Annotated[
        str, typer.Argument(metavar="ID", help="The name of the new lesson's folder.")
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
    """Start a new lesson: texts, checks, references and a small bank that pass their audit."""
    speaker = speaker_for(lang)
    with error_boundary(speaker):
        from grader.authoring.beginning import begin
        from grader.authoring.examining import require_sound

        for path in begin(Course(course), assignment, kind):
            speaker.show(path)
        require_sound([Course(course).folders(assignment)])
        speaker.tell(
            say(
                "{id} already works as a lesson: `grader audit {id}` confirms it. Now make it "
                "yours. Change assignment.toml, checks.py and the references, then run `grader "
                "release {id}`, `grader calibrate {id}` and `grader audit {id}`.",
                id=assignment,
            )
        )
    raise typer.Exit(ExitCode.MARKED)
