"""`grader grade`: notebooks in, reports out."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.boundary import ExitCode, error_boundary
from grader.cli.speaking import CourseOption, LanguageOption, speaker_for
from grader.errors import UsageError
from grader.messages import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.assignment import Assignment
    from grader.cli.speaking import Speaker
    from grader.execution import NotebookRunner
    from grader.intake import Candidate
    from grader.models import GradedSubmission


class IsolationWish(StrEnum):
    """How well students' code has to be shut in."""

    REQUIRED = "required"
    BEST_EFFORT = "best-effort"
    NONE = "none"


def grade(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH",
            help="Notebooks, or folders of <student>.ipynb, <student>/*.ipynb or "
            "submitted/<student>/<assignment>/*.ipynb.",
        ),
    ],
    assignment: Annotated[
        str | None,
        typer.Option(metavar="ID", help="The assignment of notebooks that do not name one."),
    ] = None,
    out: Annotated[Path, typer.Option(help="The folder for the reports.")] = Path("reports"),
    jobs: Annotated[
        int, typer.Option(min=1, help="How many notebooks run at once.", show_default="all cores")
    ] = os.cpu_count() or 1,
    lang: LanguageOption = None,
    isolation: Annotated[
        IsolationWish, typer.Option(help="How well students' code has to be shut in.")
    ] = IsolationWish.BEST_EFFORT,
    seed: Annotated[
        int | None, typer.Option(help="Seed of every run.", show_default="the assignment's")
    ] = None,
    course: CourseOption = Path(),
) -> None:
    """Grade notebooks; write a page for each student and each class."""
    speaker = speaker_for(lang)
    with error_boundary(speaker):
        from grader.assignment import load_assignments
        from grader.cli.progress import shown_progress
        from grader.cli.publishing import Publisher
        from grader.grading import grade_class
        from grader.intake import find_candidates

        assignments = load_assignments(course)
        candidates = _meant_for(assignment, find_candidates(paths), assignments)
        publisher = Publisher(out, lang)
        with (
            closing(_runner(isolation, speaker)) as runner,
            shown_progress(len(candidates), speaker) as show,
        ):

            def on_graded(graded: GradedSubmission) -> None:
                publisher.publish(graded)
                show(graded)

            graded = grade_class(
                candidates,
                assignments=assignments,
                runner=runner,
                jobs=jobs,
                seed=seed,
                on_graded=on_graded,
            )
        code = _sum_up(graded, publisher.finish(), speaker)
    raise typer.Exit(code)


def _meant_for(
    assignment: str | None, candidates: Sequence[Candidate], assignments: Sequence[Assignment]
) -> Sequence[Candidate]:
    if assignment is None:
        return candidates
    known = [known.id for known in assignments]
    if assignment not in known:
        raise UsageError(
            say(
                "There is no assignment {assignment}. Choose one of: {known}.",
                assignment=assignment,
                known=", ".join(known),
            )
        )
    return [replace(candidate, assignment=assignment) for candidate in candidates]


def _runner(wish: IsolationWish, speaker: Speaker) -> NotebookRunner:
    from grader.execution import notebook_runner

    runner = notebook_runner()
    lacking = ", ".join(runner.isolation.missing)
    if not lacking or wish is IsolationWish.NONE:
        return runner
    if wish is IsolationWish.REQUIRED:
        runner.close()
        raise UsageError(
            say(
                "Students' code cannot be shut in on this machine; not shut in: {lacking}. "
                "If you trust these notebooks, use --isolation best-effort.",
                lacking=lacking,
            )
        )
    speaker.warn(
        say(
            "Students' code is not shut in on this machine ({lacking}): "
            "grade only notebooks that you trust.",
            lacking=lacking,
        )
    )
    return runner


def _sum_up(graded: Sequence[GradedSubmission], overview: Path, speaker: Speaker) -> ExitCode:
    withheld = [one for one in graded if one.mark.withheld_reason is not None]
    speaker.tell(
        say(
            "Marked: {marked}. Reports: {overview}",
            marked=len(graded) - len(withheld),
            overview=str(overview),
        )
    )
    for one in withheld:
        speaker.warn(
            say(
                "{path}: {reason}",
                path=str(one.submission.path),
                reason=one.mark.withheld_reason or "",
            )
        )
    if not withheld:
        return ExitCode.MARKED
    speaker.warn(
        say(
            "Withheld: {count}. Look at the lines above, mend what they name and grade again.",
            count=len(withheld),
        )
    )
    return ExitCode.WITHHELD
