"""`grader override`: points that a person gives instead of the grader's."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.deciding import AssignmentArgument, ByOption, StudentArgument, carry_out
from grader.cli.error_boundary import ExitCode, error_boundary
from grader.cli.keeping import REPORTS, GradebookOption, ReportsOption
from grader.cli.speaking import CourseOption, LanguageOption, speaker_for
from grader.errors import UsageError
from grader.language.messages import say

if TYPE_CHECKING:
    from grader.gradebook import Entry, Gradebook
    from grader.models import Mark


def override(
    student: StudentArgument,
    assignment: AssignmentArgument,
    check: Annotated[
        str,
        typer.Argument(help="A check's id, or `total` for a whole mark, withheld or not."),
    ],
    points: Annotated[str, typer.Argument(help="A number, such as 7.5.")],
    reason: Annotated[str, typer.Option(help="Why; the student reads it.")],
    by: ByOption = None,
    out: ReportsOption = REPORTS,
    gradebook: GradebookOption = None,
    lang: LanguageOption = None,
    course: CourseOption = Path(),
) -> None:
    """Give points by hand; they stay, whatever is graded or regraded later."""
    speaker = speaker_for(lang)
    with error_boundary(speaker):
        from grader.gradebook import GivenOverride
        from grader.grading import points_of
        from grader.models import Override
        from grader.reporting import is_undrawn

        if not reason.strip():
            raise UsageError(say("An override needs a reason: --reason TEXT."))
        number = points_of(points)
        if number is None:
            raise UsageError(say("Points are a number, such as 7.5."))

        def write(book: Gradebook) -> None:
            _require_possible(_entry(book, student, assignment), check, number)
            given = Override(number, reason.strip(), by or getpass.getuser(), datetime.now(UTC))
            book.override(student, assignment, GivenOverride(check, given))

        done = carry_out(
            write, student, assignment, out=out, gradebook=gradebook, lang=lang, course=course
        )
        speaker.tell(
            say(
                "{student}, {assignment}: {points:g} of {max_points:g} points, {check} by hand. "
                "Reports: {overview}",
                student=student,
                assignment=assignment,
                points=done.pages.mark.mark.points,
                max_points=done.pages.mark.mark.max_points,
                check=check,
                overview=str(done.pages.overview),
            )
        )
        on_hold = is_undrawn(done.pages.told)
        done.tell(speaker, student, on_hold=on_hold)
    raise typer.Exit(ExitCode.WITHHELD if on_hold else ExitCode.MARKED)


def _entry(book: Gradebook, student: str, assignment: str) -> Entry:
    found = next(iter(book.entries([assignment], student=student)), None)
    if found is not None and found.graded is not None:
        return found
    with_work = sorted(entry.work.student for entry in book.entries([assignment]))
    raise UsageError(
        say(
            "{student} has no mark for {assignment}. Students who have one: {students}.",
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
