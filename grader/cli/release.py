"""`grader release`: from references to the handouts that students get."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grader.cli.error_boundary import ExitCode, error_boundary
from grader.cli.speaking import CourseOption, LanguageOption, speaker_for
from grader.errors import UsageError
from grader.language.messages import say


def release(
    assignment: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="One assignment; all without it.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if a handout is out of date.")
    ] = False,
    lang: LanguageOption = None,
    course: CourseOption = Path(),
) -> None:
    """Write the handouts that students get, from the references."""
    speaker = speaker_for(lang)
    with error_boundary(speaker):
        from grader.authoring.examining import require_sound
        from grader.authoring.release import drifted, write_handouts

        solutions, assignments = course / "solutions", course / "assignments"
        chosen = _chosen(assignment, solutions)
        lessons = [(assignments / id_, solutions / id_) for id_ in chosen]
        require_sound(
            [lesson for lesson in lessons if (lesson[0] / "assignment.toml").is_file()],
            finished=False,
        )
        act = drifted if check else write_handouts
        handouts = [handout for id_ in chosen for handout in act(solutions, assignments, id_)]
        for handout in handouts:
            speaker.show(handout)
        if check and handouts:
            raise UsageError(
                say("These handouts are out of date; run grader release, and look at the change.")
            )
    raise typer.Exit(ExitCode.MARKED)


def _chosen(assignment: str | None, solutions: Path) -> list[str]:
    known = sorted(folder.name for folder in solutions.glob("*") if folder.is_dir())
    if assignment in known:
        return [assignment]
    if assignment is None and known:
        return known
    raise UsageError(
        say(
            "There is no reference for {assignment} in {path}. Choose one of: {known}.",
            assignment=assignment or "*",
            path=str(solutions),
            known=", ".join(known) or "-",
        )
    )
