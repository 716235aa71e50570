"""`grader regrade`: marks from what was recorded, after a change to an assignment."""

from __future__ import annotations

import os
from contextlib import ExitStack, closing
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.choosing import chosen_folders
from grader.cli.error_boundary import ExitCode, error_boundary
from grader.cli.faults import FaultLog
from grader.cli.isolation import IsolationOption, IsolationWish, of_course, open_runner
from grader.cli.keeping import (
    REPORTS,
    GradebookOption,
    claim,
    files_of_gradebook,
    kept_gradebook,
)
from grader.cli.processes import processes
from grader.cli.progress import shown_share
from grader.cli.speaking import CourseOption, LanguageOption, speaker_for
from grader.language.messages import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grader.cli.speaking import Speaker
    from grader.execution.runner import NotebookRunner
    from grader.grading import Regraded, Regrading
    from grader.language.messages import Message
    from grader.models import GradedSubmission

# From so many works on, starting more processes pays.
_MANY = 60


def regrade(
    assignment: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="One assignment; all without it.")
    ] = None,
    out: Annotated[Path, typer.Option(help="The folder for the reports.")] = REPORTS,
    jobs: Annotated[
        int, typer.Option(min=1, help="How many marks are made at once.", show_default="all cores")
    ] = os.cpu_count() or 1,
    run: Annotated[
        bool, typer.Option("--run/--no-run", help="Run again what needs new evidence.")
    ] = True,
    isolation: IsolationOption = IsolationWish.REQUIRED,
    gradebook: GradebookOption = None,
    lang: LanguageOption = None,
    seed: Annotated[
        int | None, typer.Option(help="Seed of every run.", show_default="the assignment's")
    ] = None,
    course: CourseOption = Path(),
) -> None:
    """Mark again from what was recorded, and say who changed, by how much and why."""
    speaker = speaker_for(lang)
    with error_boundary(speaker), ExitStack() as stack:
        folders = chosen_folders(assignment, course)
        book = stack.enter_context(kept_gradebook(gradebook, out))
        claim(out, book)
        works = book.count([folder.name for folder in folders])
        # They load their code while this process loads its own.
        pool = stack.enter_context(processes(jobs)) if works >= _MANY and jobs > 1 else None

        from grader.authoring.examining import require_usable
        from grader.cli.publishing import Publisher
        from grader.course.assignment import load_assignment
        from grader.grading import RemoteMarker, open_lesson, regrade_class

        sources = [(folder, course / "solutions" / folder.name) for folder in folders]
        require_usable(sources)
        assignments = [load_assignment(folder, solutions) for folder, solutions in sources]
        label = ", ".join(one.id for one in assignments)
        show = stack.enter_context(shown_share(works, label, speaker))
        lessons = {one.id: open_lesson(one) for one in assignments}
        faults = FaultLog()
        publisher = Publisher(out, lang, pool, book, faults.note)

        hidden = [*of_course(course), out, *files_of_gradebook(gradebook)]

        def opened() -> NotebookRunner:
            speaker.tell(say("What was recorded does not suffice for everyone; running again ..."))
            return stack.enter_context(closing(open_runner(isolation, speaker, jobs, hidden)))

        def publish(one: Regraded) -> None:
            # Also where the points are the same, a new mark may have other words or another chart.
            (publisher.publish if one.fresh else publisher.keep)(one.graded)
            show(1)

        done = regrade_class(
            book,
            assignments,
            open_runner=opened if run else None,
            judging=RemoteMarker(pool, lessons, seed=seed, may_run=False) if pool else None,
            jobs=jobs,
            seed=seed,
            on_regraded=publish,
            on_fault=faults.note,
        )
        for one in done.left:
            publish(one)
        overview = publisher.finish()
        told = publisher.told([one.graded for one in done.regraded])
        code = _tell(done, told, speaker)
        faults.tell(speaker)
        speaker.tell(say("Reports: {overview}", overview=str(overview)))
        speaker.warn(say("Gradebook: {path}", path=book.where))
    raise typer.Exit(code)


def _tell(done: Regrading, told: Sequence[GradedSubmission], speaker: Speaker) -> ExitCode:
    ran = [
        (one.graded.assignment.id, one.graded.submission.student)
        for one in done.regraded
        if one.ran
    ]
    for assignment, students in _by_assignment(ran):
        speaker.tell(
            say("{assignment}: run again: {students}.", assignment=assignment, students=students)
        )
    # A mark that could not be made is no loss of points: it is told of as withheld.
    changed = [one for one in done.regraded if one.gained and one.graded.mark.steps]
    for one in changed:
        speaker.tell(_change(one))
    moved = sum(1 for one in done.regraded if one.changes and not one.gained)
    if moved:
        speaker.tell(
            say("Checks give other points, but the sum is the same: {count}.", count=moved)
        )
    left = [(one.graded.assignment.id, one.graded.submission.student) for one in done.left]
    for assignment, students in _by_assignment(left):
        speaker.warn(
            say(
                "{assignment}: what was recorded does not suffice for {students}; their marks were "
                "left as they are.",
                assignment=assignment,
                students=students,
            )
        )
    withheld = [one for one in told if one.mark.withheld]
    speaker.tell(
        say(
            "Regraded: {count}. Points changed: {changed}. Run again: {ran}. Nothing new: {same}.",
            count=sum(one.fresh for one in done.regraded),
            changed=len(changed),
            ran=len(ran),
            same=sum(not one.fresh for one in done.regraded),
        )
    )
    for graded in withheld:
        speaker.warn(
            say(
                "{path}: {reason}",
                path=str(graded.submission.path),
                reason=graded.mark.withheld_reason or "",
            )
        )
    return ExitCode.WITHHELD if withheld or done.left else ExitCode.MARKED


def _by_assignment(works: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Each assignment with its students, in one text."""
    for assignment, own in groupby(sorted(works), key=lambda work: work[0]):
        yield assignment, ", ".join(student for _, student in own)


def _change(one: Regraded) -> Message:
    """Who changed, by how much, and through which checks."""
    return say(
        "{student}, {assignment}: {before:g} → {after:g} ({gained:+g}): {checks}",
        student=one.graded.submission.student,
        assignment=one.graded.assignment.id,
        before=one.before.mark.points if one.before is not None else 0,
        after=one.graded.mark.points,
        gained=one.gained,
        checks=", ".join(
            f"{change.check} {change.before:g} → {change.after:g}" for change in one.changes
        ),
    )
