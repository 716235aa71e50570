"""`grader audit`: every variant in an assignment's bank has to get what is due to it."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.choosing import chosen_folders
from grader.cli.error_boundary import ExitCode, error_boundary
from grader.cli.progress import shown_share
from grader.cli.speaking import CourseOption, LanguageOption, speaker_for
from grader.errors import AssignmentError, UsageError
from grader.language.messages import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.authoring.audit import Audit
    from grader.cli.speaking import Speaker
    from grader.grading import Lesson


def audit(
    assignment: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="One assignment; all without it.")
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds each variant runs with.")] = 3,
    jobs: Annotated[
        int, typer.Option(min=1, help="How many notebooks run at once.", show_default="all cores")
    ] = os.cpu_count() or 1,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only this entry of the bank; can be given repeatedly."),
    ] = None,
    sample: Annotated[
        int | None, typer.Option(min=1, help="Only so many entries of each bank, drawn.")
    ] = None,
    drawn_by: Annotated[
        str, typer.Option(metavar="TEXT", help="What a sample is drawn by: the same by the same.")
    ] = "",
    matrix: Annotated[
        bool, typer.Option("--matrix", help="Show every check against every entry.")
    ] = False,
    previews: Annotated[
        bool,
        typer.Option(
            "--previews",
            help="Instead, compare what students see before they hand in with what grading says.",
        ),
    ] = False,
    lang: LanguageOption = None,
    course: CourseOption = Path(),
) -> None:
    """Grade each assignment's bank; fail where a verdict is not the one that is due."""
    speaker = speaker_for(lang)
    with error_boundary(speaker):
        from grader.authoring.examining import require_sound
        from grader.cli.audit_report import report
        from grader.course.assignment import load_assignment
        from grader.grading import open_lesson

        unsound = []
        folders = chosen_folders(assignment, course)
        require_sound([(folder, course / "solutions" / folder.name) for folder in folders])
        for folder in folders:
            lesson = open_lesson(load_assignment(folder, course / "solutions" / folder.name))
            names = _sampled(_known(lesson, only or ()), lesson, sample, drawn_by)
            if previews:
                if not _agrees(lesson, jobs, names, speaker):
                    unsound.append(folder.name)
                continue
            found = _audited(lesson, range(seeds), jobs, names, speaker)
            report(lesson.assignment, found, speaker, matrix=matrix, partial=bool(names))
            if not found.sound:
                unsound.append(folder.name)
        if unsound:
            raise AssignmentError(
                say(
                    "Not sound: {ids}. Mend the checks where they are wrong about an entry above, "
                    "or the entry where it asks for the wrong thing; then audit again.",
                    ids=", ".join(unsound),
                )
            )
    raise typer.Exit(ExitCode.MARKED)


def _known(lesson: Lesson, names: Sequence[str]) -> Sequence[str]:
    from grader.authoring.bank import load_bank

    solutions = lesson.assignment.solutions
    known = {entry.name for entry in load_bank(solutions)} if solutions is not None else set()
    if unknown := sorted(set(names) - known):
        raise UsageError(
            say(
                "The bank of {id} has no entry {names}. The names are the tables in {path}.",
                id=lesson.assignment.id,
                names=", ".join(unknown),
                path=str(solutions / "bank" if solutions is not None else "-"),
            )
        )
    return names


def _sampled(
    names: Sequence[str], lesson: Lesson, sample: int | None, drawn_by: str
) -> Sequence[str]:
    """So many of the names (or of all that there are, where none is given), drawn by a text."""
    solutions = lesson.assignment.solutions
    if sample is None or solutions is None:
        return names
    from hashlib import sha256

    from grader.authoring.bank import load_bank

    among = names or [entry.name for entry in load_bank(solutions)]
    return sorted(among, key=lambda name: sha256(f"{drawn_by} {name}".encode()).digest())[:sample]


def _audited(
    lesson: Lesson, seeds: Sequence[int], jobs: int, names: Sequence[str], speaker: Speaker
) -> Audit:
    from grader.authoring.audit import audit, how_many
    from grader.execution.runner import notebook_runner

    total = how_many(lesson, seeds, names)
    with (
        closing(notebook_runner(jobs=jobs)) as runner,
        shown_share(total, lesson.assignment.id, speaker) as show,
    ):
        return audit(
            lesson, runner, seeds=seeds, jobs=jobs, names=names, on_tried=lambda _: show(1)
        )


def _agrees(lesson: Lesson, jobs: int, names: Sequence[str], speaker: Speaker) -> bool:
    """Whether students' own looks say what grading says, of every entry and in every place."""
    from grader.authoring.agreement import compare, findings_of, own_run
    from grader.authoring.audit import how_many
    from grader.execution.runner import notebook_runner
    from grader.isolation.tiers import NONE
    from grader.kernels.sources import kernel_source

    with (
        closing(notebook_runner(jobs=jobs)) as runner,
        closing(kernel_source(tiers=(NONE,))) as kernels,
        shown_share(how_many(lesson, (0,), names), lesson.assignment.id, speaker) as show,
    ):
        compared = compare(
            lesson,
            runner,
            own_run(lesson, runner),
            kernels,
            jobs=jobs,
            names=names,
            on_compared=lambda _: show(1),
        )
    for message in findings_of(lesson, compared):
        speaker.tell(message)
    return not any(True for one in compared for _ in one.disagreements())
