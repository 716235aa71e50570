"""`grader regrade`: marks from what was recorded, after a change to an assignment."""

from __future__ import annotations

import os
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.boundary import ExitCode, error_boundary
from grader.cli.choosing import chosen_folders
from grader.cli.keeping import GradebookOption, kept_gradebook
from grader.cli.running import IsolationOption, IsolationWish, open_runner
from grader.cli.speaking import CourseOption, LanguageOption, speaker_for
from grader.messages import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.assignment import Assignment
    from grader.cli.publishing import Publisher
    from grader.cli.speaking import Speaker
    from grader.execution import NotebookRunner
    from grader.gradebook import Gradebook
    from grader.grading import Regraded, Regrading
    from grader.grading.marking import Marking
    from grader.messages import Message

# From so many works on, starting more processes pays.
_MANY = 60


def regrade(
    assignment: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="One assignment; all without it.")
    ] = None,
    out: Annotated[Path, typer.Option(help="The folder for the reports.")] = Path("reports"),
    jobs: Annotated[
        int, typer.Option(min=1, help="How many marks are made at once.", show_default="all cores")
    ] = os.cpu_count() or 1,
    run: Annotated[
        bool, typer.Option("--run/--no-run", help="Run again what needs new evidence.")
    ] = True,
    isolation: IsolationOption = IsolationWish.BEST_EFFORT,
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
        from grader.assignment import load_assignment
        from grader.cli.publishing import Publisher
        from grader.grading import regrade_class

        assignments = [
            load_assignment(folder, course / "solutions" / folder.name)
            for folder in chosen_folders(assignment, course)
        ]
        book = stack.enter_context(kept_gradebook(gradebook))

        def opened() -> NotebookRunner:
            speaker.tell(say("What was recorded does not suffice for everyone; running again ..."))
            return stack.enter_context(closing(open_runner(isolation, speaker)))

        done = regrade_class(
            book,
            assignments,
            open_runner=opened if run else None,
            judging=_judging(stack, book, assignments, jobs, seed),
            jobs=jobs,
            seed=seed,
        )
        code = _tell(done, speaker)
        speaker.tell(say("Reports: {overview}", overview=str(_publish(done, Publisher(out, lang)))))
    raise typer.Exit(code)


def _judging(
    stack: ExitStack,
    book: Gradebook,
    assignments: Sequence[Assignment],
    jobs: int,
    seed: int | None,
) -> Marking | None:
    """Several processes where there is enough to do for them: judging is all computing."""
    if jobs == 1 or book.count([one.id for one in assignments]) < _MANY:
        return None
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    from grader.grading import RemoteMarking, open_lesson

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["grader.grading"])
    pool = stack.enter_context(ProcessPoolExecutor(jobs, mp_context=context))
    lessons = {assignment.id: open_lesson(assignment) for assignment in assignments}
    return RemoteMarking(pool, lessons, seed=seed, may_run=False)


def _publish(done: Regrading, publisher: Publisher) -> Path:
    for one in done.regraded:
        if one.before is None or one.graded.mark != one.before.mark:
            publisher.publish(one.graded)
        else:
            publisher.keep(one.graded)
    return publisher.finish()


def _tell(done: Regrading, speaker: Speaker) -> ExitCode:
    for one in done.regraded:
        if one.ran:
            speaker.tell(
                say(
                    "{student}, {assignment}: was run again.",
                    student=one.graded.submission.student,
                    assignment=one.graded.assignment.id,
                )
            )
    changed = [one for one in done.regraded if one.gained]
    for one in changed:
        speaker.tell(_change(one))
    moved = sum(1 for one in done.regraded if one.changes and not one.gained)
    if moved:
        speaker.tell(
            say("Checks give other points, but the sum is the same: {count}.", count=moved)
        )
    for work in done.waiting:
        speaker.warn(
            say(
                "{student}, {assignment}: needs a new run; the mark was left as it is.",
                student=work.student,
                assignment=work.assignment,
            )
        )
    withheld = [one for one in done.regraded if one.graded.mark.withheld]
    speaker.tell(
        say(
            "Regraded: {count}. Points changed: {changed}. Run again: {ran}. Nothing new: {same}.",
            count=sum(one.fresh for one in done.regraded),
            changed=len(changed),
            ran=sum(one.ran for one in done.regraded),
            same=sum(not one.fresh for one in done.regraded),
        )
    )
    for one in withheld:
        speaker.warn(
            say(
                "{path}: {reason}",
                path=str(one.graded.submission.path),
                reason=one.graded.mark.withheld_reason or "",
            )
        )
    return ExitCode.WITHHELD if withheld or done.waiting else ExitCode.MARKED


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
