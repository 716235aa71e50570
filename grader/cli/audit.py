"""`grader audit`: every variant in an assignment's bank has to get its expected verdicts."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.error_boundary import ExitCode, error_boundary
from grader.cli.progress import shown_share
from grader.cli.speaking import CourseOption, LanguageOption, speaker_for
from grader.course.course import Course, bank_in
from grader.errors import AssignmentError, UsageError
from grader.language.messages import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.authoring.audit import Audit
    from grader.cli.speaking import Speaker
    from grader.grading import Lesson


def audit(
    assignment: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="One assignment; without it, all of them.")
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
        int | None,
        typer.Option(min=1, help="Only this many entries of each bank, drawn at random."),
    ] = None,
    drawn_by: Annotated[
        str,
        typer.Option(
            metavar="TEXT",
            help="The text that a sample is drawn by: the same text, the same sample.",
        ),
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
    mixed: Annotated[
        int | None,
        typer.Option(
            min=4,
            metavar="N",
            help="Instead, grade N notebooks composed of the bank, and count what goes wrong.",
        ),
    ] = None,
    mixed_only: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only this composition (right-17); with --drawn-by."),
    ] = None,
    sealed: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Instead, grade the notebooks that the labels.json of a folder names, and count.",
        ),
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write the notebooks to look at into this folder."),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write what was counted into the lesson's rates.toml.")
    ] = False,
    lang: LanguageOption = None,
    course: CourseOption = Path(),
) -> None:
    """Grade each assignment's bank; fail if a verdict is not the expected one."""
    speaker = speaker_for(lang)
    with error_boundary(speaker):
        from grader.authoring.examining import require_sound
        from grader.cli.audit_report import report
        from grader.cli.counting import Counting, count_errors
        from grader.course.assignment import load_assignment
        from grader.grading import open_lesson

        if mixed is not None or mixed_only or sealed is not None:
            counting = Counting(mixed, tuple(mixed_only or ()), sealed, drawn_by, jobs, keep, write)
            ended = count_errors(Course(course), assignment, counting, speaker)
        else:
            ended = ExitCode.MARKED
            homes = Course(course).chosen(assignment)
            require_sound(homes)
            unsound = []
            for home in homes:
                lesson = open_lesson(load_assignment(home.assignment, home.solutions))
                names = _sampled(_known(lesson, only or ()), lesson, sample, drawn_by)
                if previews:
                    sound = _agrees(lesson, jobs, names, speaker)
                else:
                    found = _audited(lesson, range(seeds), jobs, names, speaker)
                    report(lesson.assignment, found, speaker, matrix=matrix, partial=bool(names))
                    sound = found.sound
                if not sound:
                    unsound.append(home.id)
            _require_none(unsound)
    raise typer.Exit(ended)


def _require_none(unsound: Sequence[str]) -> None:
    """AssignmentError with the ids of the lessons that are not sound, if any."""
    if unsound:
        raise AssignmentError(
            say(
                "Not sound: {ids}. Fix the check if it is wrong about an entry above, or "
                "the entry if it asks for the wrong thing; then audit again.",
                ids=", ".join(unsound),
            )
        )


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
                path=str(bank_in(solutions)) if solutions is not None else "-",
            )
        )
    return names


def _sampled(
    names: Sequence[str], lesson: Lesson, sample: int | None, drawn_by: str
) -> Sequence[str]:
    """So many of the names (or of all, if none is given), drawn by a text."""
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
    """Whether students' own checks say what grading says, for every entry in every place."""
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
