"""`grader calibrate`: how far from the goal honest training may end."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.choosing import chosen_folders
from grader.cli.error_boundary import ExitCode, error_boundary
from grader.cli.progress import shown_share
from grader.cli.speaking import CourseOption, LanguageOption, speaker_for
from grader.errors import UsageError
from grader.language.messages import say

if TYPE_CHECKING:
    from grader.authoring.calibrate import Change
    from grader.cli.speaking import Speaker
    from grader.recipes.recipe import Tolerances


def calibrate(
    assignment: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="One assignment; all without it.")
    ] = None,
    draws: Annotated[
        int | None,
        typer.Option(
            min=10_000,
            show_default="as many as a lesson of its kind needs",
            help="Random starts over which is counted or measured.",
        ),
    ] = None,
    false_fail: Annotated[
        float,
        typer.Option(
            help="How often honest training may exceed each tolerance, where a formula tells."
        ),
    ] = 1e-6,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if tolerances are out of date.")
    ] = False,
    lang: LanguageOption = None,
    course: CourseOption = Path(),
) -> None:
    """Write each assignment's tolerances, from how honest training spreads."""
    speaker = speaker_for(lang)
    with error_boundary(speaker):
        from grader.authoring.calibrate import changes
        from grader.authoring.examining import require_sound
        from grader.recipes.recipe import recipe_of, written_tolerances

        lessons = [
            (folder, course / "solutions" / folder.name)
            for folder in chosen_folders(assignment, course)
        ]
        require_sound(lessons, finished=False)
        drifted = False
        for folder, solutions in lessons:
            tolerances = _calibrated(folder, solutions, draws, false_fail, speaker)
            changed = changes(written_tolerances(folder, recipe_of(folder).tolerances), tolerances)
            drifted = drifted or bool(changed)
            if not check:
                _write(folder, solutions, tolerances)
            _report(folder.name, tolerances, changed, speaker)
        if check and drifted:
            raise UsageError(
                say("These tolerances are out of date; run grader calibrate, and look at them.")
            )
    raise typer.Exit(ExitCode.MARKED)


def _calibrated(
    folder: Path, solutions: Path, draws: int | None, false_fail: float, speaker: Speaker
) -> Tolerances:
    from grader.authoring.calibrate import calibrate_lesson, draws_of
    from grader.execution.runner import notebook_runner
    from grader.recipes.recipe import recipe_of

    total = draws or draws_of(recipe_of(folder))
    with shown_share(total, folder.name, speaker) as on_drawn:
        return calibrate_lesson(
            folder,
            solutions,
            notebook_runner,
            draws=total,
            false_fail=false_fail,
            on_drawn=on_drawn,
        )


def _write(folder: Path, solutions: Path, tolerances: Tolerances) -> None:
    from grader.authoring.calibrate import require_fair_to_reference, write_tolerances
    from grader.execution.runner import notebook_runner

    with closing(notebook_runner()) as runner:
        require_fair_to_reference(folder, solutions, tolerances, runner)
    write_tolerances(folder, tolerances)


def _report(
    id_: str, tolerances: Tolerances, changed: tuple[Change, ...], speaker: Speaker
) -> None:
    speaker.tell(
        say(
            "{id}: honest training exceeds each tolerance with probability {rate:g} at most, and "
            "any of them in {joint:g} of {draws:,} random starts.",
            id=id_,
            rate=tolerances.false_fail,
            joint=tolerances.joint_false_fail or 0.0,
            draws=tolerances.draws,
        )
    )
    for change in changed:
        speaker.tell(
            say(
                "  {name}: {before} → {after:g}",
                name=change.name,
                before="-" if change.before is None else f"{change.before:g}",
                after=change.after,
            )
        )
    if not changed:
        speaker.tell(say("  Nothing has changed."))
