"""`grader override`: points that a person gives in place of the grader's."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.choosing import chosen_folders
from grader.cli.error_boundary import ExitCode, error_boundary
from grader.cli.faults import FaultLog
from grader.cli.keeping import REPORTS, GradebookOption, claim, kept_gradebook
from grader.cli.speaking import CourseOption, LanguageOption, speaker_for
from grader.errors import UsageError
from grader.language.messages import say

if TYPE_CHECKING:
    from grader.gradebook import Entry, Gradebook
    from grader.models import Mark


def override(
    student: Annotated[str, typer.Argument(help="As in the reports.")],
    assignment: Annotated[str, typer.Argument(metavar="ID")],
    check: Annotated[
        str,
        typer.Argument(help="A check's id, or `total` for a whole mark, withheld or not."),
    ],
    points: Annotated[str, typer.Argument(help="A number, such as 7.5.")],
    reason: Annotated[str, typer.Option(help="Why; the student reads it.")],
    by: Annotated[
        str | None, typer.Option(help="Who decided.", show_default="the user's name")
    ] = None,
    out: Annotated[Path, typer.Option(help="The folder for the reports.")] = REPORTS,
    gradebook: GradebookOption = None,
    lang: LanguageOption = None,
    course: CourseOption = Path(),
) -> None:
    """Give points by hand; they stay, whatever is graded or regraded later."""
    speaker = speaker_for(lang)
    with error_boundary(speaker):
        from grader.cli.publishing import Publisher, republish
        from grader.course.assignment import load_assignment
        from grader.gradebook import GivenOverride
        from grader.grading import points_of
        from grader.models import Override
        from grader.reporting import is_undrawn

        if not reason.strip():
            raise UsageError(say("An override needs a reason: --reason TEXT."))
        number = points_of(points)
        if number is None:
            raise UsageError(say("Points are a number, such as 7.5."))
        (folder,) = chosen_folders(assignment, course)
        with kept_gradebook(gradebook, out) as book:
            claim(out, book)
            entry = _entry(book, student, assignment)
            _require_possible(entry, check, number)
            given = Override(number, reason.strip(), by or getpass.getuser(), datetime.now(UTC))
            book.override(student, assignment, GivenOverride(check, given))
            faults = FaultLog()
            publisher = Publisher(out, lang, book=book, on_fault=faults.note)
            lesson = load_assignment(folder, course / "solutions" / folder.name)
            done = republish(publisher, book, lesson, student)
        speaker.tell(
            say(
                "{student}, {assignment}: {points:g} of {max_points:g} points, {check} by hand. "
                "Reports: {overview}",
                student=student,
                assignment=assignment,
                points=done.mark.mark.points,
                max_points=done.mark.mark.max_points,
                check=check,
                overview=str(done.overview),
            )
        )
        if is_undrawn(done.told):
            speaker.warn(
                say(
                    "{student} is still on hold: {reason}",
                    student=student,
                    reason=done.told.mark.withheld_reason or "",
                )
            )
        faults.tell(speaker)
        speaker.warn(say("Gradebook: {path}", path=book.where))
    raise typer.Exit(ExitCode.WITHHELD if is_undrawn(done.told) else ExitCode.MARKED)


def _entry(book: Gradebook, student: str, assignment: str) -> Entry:
    found = next(iter(book.entries([assignment], student=student)), None)
    if found is not None and found.graded is not None:
        return found
    with_work = sorted(entry.work.student for entry in book.entries([assignment]))
    raise UsageError(
        say(
            "{student} has no mark for {assignment}. Those who have: {students}.",
            student=student,
            assignment=assignment,
            students=", ".join(with_work) or "-",
        )
    )


def _require_possible(entry: Entry, check: str, points: float) -> None:
    from grader.gradebook import WHOLE

    if entry.graded is None:
        return
    most = _most(entry.graded.mark)
    if check not in most:
        raise UsageError(
            say(
                "There is no check {check} in {assignment}. Choose one of: {checks}.",
                check=check,
                assignment=entry.work.assignment,
                checks=", ".join((*most, WHOLE) if WHOLE not in most else most),
            )
        )
    if points > most[check]:
        raise UsageError(
            say(
                "{check} is worth {most:g} points; {points:g} is more.",
                check=check,
                most=most[check],
                points=points,
            )
        )


def _most(mark: Mark) -> dict[str, float]:
    """The most that each check is worth, and the whole."""
    from grader.gradebook import WHOLE
    from grader.models import FULL_MARKS

    checks = {check.id: check.max_points for step in mark.steps for check in step.checks}
    return {**checks, WHOLE: FULL_MARKS}
