"""`grader gradescope`: what runs inside of a Gradescope autograder."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.error_boundary import ExitCode, error_boundary
from grader.cli.isolation import IsolationOption, IsolationWish, of_course, open_runner
from grader.cli.speaking import CourseOption, LanguageOption, speaker_for
from grader.errors import GraderError, UsageError
from grader.language.messages import say
from grader.models import Outcome

if TYPE_CHECKING:
    from grader.cli.speaking import Speaker
    from grader.intake import Candidate
    from grader.models import GradedSubmission

_SUBMISSION, _RESULTS, _METADATA = "submission", "results/results.json", "submission_metadata.json"


def gradescope(
    assignment: Annotated[str, typer.Option(metavar="ID", help="The lesson.")],
    folder: Annotated[Path, typer.Option(help="Gradescope's folder.")] = Path("/autograder"),
    isolation: IsolationOption = IsolationWish.BEST_EFFORT,
    lang: LanguageOption = None,
    course: CourseOption = Path(),
) -> None:
    """Grade what Gradescope has put into a folder, and leave results.json there."""
    speaker = speaker_for(lang)
    with error_boundary(speaker):
        from grader.exchange.gradescope import crash_json, results_json
        from grader.reporting import translator
        from grader.reporting.files import write_bytes

        try:
            graded = _graded(assignment, folder, isolation, course, speaker)
            tongue = lang or graded.submission.language or speaker.language
            own = graded.assignment.catalogues.get(tongue)
            words = translator(tongue, () if own is None else (own,))
            content = results_json(graded, words, tongue)
        except Exception as error:
            # Gradescope takes a missing file for the student's fault.
            said = str(error) if isinstance(error, GraderError) else type(error).__name__
            write_bytes(folder / _RESULTS, crash_json(said))
            raise
        write_bytes(folder / _RESULTS, content)
    raise typer.Exit(ExitCode.WITHHELD if graded.mark.withheld else ExitCode.MARKED)


def _graded(
    assignment: str, folder: Path, isolation: IsolationWish, course: Path, speaker: Speaker
) -> GradedSubmission:
    from grader.course.assignment import load_assignment
    from grader.grading import grade_class

    lesson = load_assignment(course / "assignments" / assignment, course / "solutions" / assignment)
    with closing(open_runner(isolation, speaker, hidden=[*of_course(course), folder])) as runner:
        graded = grade_class(_candidates(folder, assignment), assignments=[lesson], runner=runner)
    return next((one for one in graded if one.outcome is not Outcome.UNREADABLE), graded[0])


def _candidates(folder: Path, assignment: str) -> list[Candidate]:
    from grader.intake import find_candidates

    try:
        found = find_candidates([folder / _SUBMISSION])
    except UsageError as error:
        none = say("No notebook was handed in: upload the .ipynb file itself.")
        raise UsageError(none) from error
    student, handed_in_at = _whose(folder / _METADATA)
    return [
        replace(
            one,
            student=student,
            assignment=assignment,
            drop_box=assignment,
            download=None,
            handed_in_at=handed_in_at,
            known=None,
        )
        for one in found
    ]


def _whose(path: Path) -> tuple[str, datetime | None]:
    """Who handed in and when: never by the clock, for Gradescope runs old submissions again."""
    try:
        metadata = json.loads(path.read_text("utf-8"))
        users = metadata.get("users") or [{}]
        student = str(users[0].get("email") or users[0].get("name") or "student")
        return student, datetime.fromisoformat(metadata["created_at"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return "student", None
