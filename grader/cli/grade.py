"""`grader grade`: notebooks in, reports out."""

from __future__ import annotations

import os
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.error_boundary import ExitCode, error_boundary
from grader.cli.faults import FaultLog
from grader.cli.isolation import IsolationOption, IsolationWish, of_course, open_runner
from grader.cli.keeping import (
    REPORTS,
    GradebookOption,
    begun_gradebook,
    claim,
    files_of_gradebook,
    students_in,
)
from grader.cli.speaking import CourseOption, LanguageOption, speaker_for
from grader.errors import UsageError
from grader.language.messages import say, say_count

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Executor

    from grader.cli.speaking import Speaker
    from grader.course.assignment import Assignment
    from grader.execution.runner import NotebookRunner
    from grader.intake import Candidate, Listed
    from grader.language.messages import Message
    from grader.models import GradedSubmission


def grade(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH",
            help="Notebooks; folders of <student>.ipynb, <student>/*.ipynb or "
            "submitted/<student>/<assignment>/*.ipynb; zips from Canvas, Moodle, Gradescope or "
            "Blackboard, packed or unpacked.",
        ),
    ],
    assignment: Annotated[
        str | None,
        typer.Option(metavar="ID", help="The assignment of notebooks that do not name one."),
    ] = None,
    out: Annotated[Path, typer.Option(help="The folder for the reports.")] = REPORTS,
    jobs: Annotated[
        int | None,
        typer.Option(min=1, help="How many notebooks run at once.", show_default="all cores"),
    ] = None,
    lang: LanguageOption = None,
    isolation: IsolationOption = IsolationWish.REQUIRED,
    gradebook: GradebookOption = None,
    roster: Annotated[
        Path | None,
        typer.Option(help="The class list, a CSV with student id, name, e-mail and section."),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="tcp://HOST:PORT", help="A Dask scheduler whose workers run the notebooks."
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Run everything again, also what is marked already.")
    ] = False,
    seed: Annotated[
        int | None, typer.Option(help="Seed of every run.", show_default="the assignment's")
    ] = None,
    course: CourseOption = Path(),
) -> None:
    """Grade notebooks; write a page for each student and each class."""
    speaker = speaker_for(lang)
    hidden = _no_business_of_students(course, paths, roster, out, gradebook)
    with error_boundary(speaker), _workplace(scheduler, isolation, jobs, speaker, hidden) as place:
        from grader.authoring.examining import require_usable
        from grader.cli.choosing import every_folder
        from grader.cli.progress import shown_progress
        from grader.cli.publishing import Publisher, keep_the_others
        from grader.course.assignment import load_assignments
        from grader.grading import grade_class, missing_of
        from grader.intake import find_hand_ins, read_roster

        require_usable(every_folder(course))
        assignments = load_assignments(course)
        listed = read_roster(roster) if roster is not None else ()
        hand_ins = find_hand_ins(
            paths,
            students=students_in(gradebook, paths) | {one.id for one in listed},
            lessons=[one.id for one in assignments],
            apart=[*filter(None, (out, roster)), *_of_the_course(course, gradebook, paths)],
        )
        for note in hand_ins.notes:
            speaker.warn(note)
        found = _identified(hand_ins.candidates, listed, roster, speaker)
        candidates = _meant_for(assignment, found, assignments, speaker)
        faults = FaultLog()
        with (
            begun_gradebook(gradebook, paths) as book,
            shown_progress(len(candidates), speaker) as show,
        ):
            claim(out, book)
            publisher = Publisher(out, lang, book=book, on_fault=faults.note)
            if listed:
                from grader.grading import write_roster

                write_roster(book, listed)

            taken: list[tuple[str, Message]] = []

            def on_graded(graded: GradedSubmission) -> None:
                publisher.publish(graded)
                for told in publisher.told([graded]):
                    show(told)

            graded = grade_class(
                candidates,
                assignments=assignments,
                runner=place.runner,
                executor=place.executor,
                shut_in=isolation is IsolationWish.REQUIRED,
                book=book,
                jobs=place.slots,
                seed=seed,
                force=force,
                on_graded=on_graded,
                on_fault=faults.note,
                on_note=lambda student, note: taken.append((student, note)),
            )
            keep_the_others(publisher, book, assignments, graded)
            overview = publisher.finish()
            collected = {assignment, *(one.assignment.id for one in graded)} if listed else set()
            missing = {id_: missing_of(book, id_) for id_ in sorted(filter(None, collected))}
            code = _sum_up(publisher.told(graded), overview, missing, speaker)
            for student, note in sorted(taken, key=lambda one: one[0]):
                speaker.tell(say("{student}: {note}", student=student, note=note))
            _tell_beside(candidates, speaker)
            faults.tell(speaker)
            speaker.tell(say("Gradebook: {path}", path=book.where))
    raise typer.Exit(code)


@dataclass(frozen=True, slots=True)
class _Workplace:
    """Where notebooks run: here, or on a cluster; `slots` at once."""

    slots: int
    runner: NotebookRunner | None = None
    executor: Executor | None = None


@contextmanager
def _workplace(
    scheduler: str | None,
    isolation: IsolationWish,
    jobs: int | None,
    speaker: Speaker,
    hidden: Iterable[Path],
) -> Iterator[_Workplace]:
    if scheduler is None:
        slots = jobs or os.cpu_count() or 1
        with closing(open_runner(isolation, speaker, slots, list(hidden))) as runner:
            yield _Workplace(slots, runner=runner)
    else:
        from grader.cli.scheduling import connected

        with connected(scheduler, speaker.warn) as cluster:
            yield _Workplace(jobs or cluster.slots, executor=cluster.executor)


def _no_business_of_students(
    course: Path, paths: Sequence[Path], roster: Path | None, out: Path, gradebook: str | None
) -> Iterator[Path]:
    """What the code in a notebook must not see: the course, the class, everybody's work and marks.

    Looked up when it is asked for, where what goes wrong is told.
    """
    yield from of_course(course)
    yield from (*paths, out, *files_of_gradebook(gradebook, paths))
    if roster is not None:
        yield roster


def _identified(
    candidates: Sequence[Candidate],
    listed: Sequence[Listed],
    roster: Path | None,
    speaker: Speaker,
) -> Sequence[Candidate]:
    """The candidates by the class list; who is not on it is told, and graded all the same."""
    if not listed:
        return candidates
    from grader.intake import identified

    found, strangers = identified(candidates, listed)
    for student in dict.fromkeys(stranger.student for stranger in strangers):
        speaker.warn(
            say(
                "{student} is nobody on {roster}, or more than one; graded under this name.",
                student=student,
                roster=str(roster),
            )
        )
    return found


def _meant_for(
    assignment: str | None,
    candidates: Sequence[Candidate],
    assignments: Sequence[Assignment],
    speaker: Speaker,
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
    meant = [one for one in candidates if one.drop_box in (None, assignment)]
    if others := len(candidates) - len(meant):
        speaker.tell(
            say_count(
                others,
                "{count} hand-in lies in the folder of another assignment; it was left alone.",
                "{count} hand-ins lie in the folders of other assignments; they were left alone.",
            )
        )
    return [replace(candidate, assignment=assignment, drop_box=assignment) for candidate in meant]


def _of_the_course(course: Path, gradebook: str | None, paths: Sequence[Path]) -> Iterator[Path]:
    """What lies beside hand-ins where somebody grades the folder that they work in."""
    yield from (course / "assignments", course / "solutions")
    yield from files_of_gradebook(gradebook, paths)


def _sum_up(
    graded: Sequence[GradedSubmission],
    overview: Path,
    missing: Mapping[str, Sequence[str]],
    speaker: Speaker,
) -> ExitCode:
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
                "{student}, {path}: {reason}",
                student=one.submission.student,
                path=str(one.submission.path),
                reason=one.mark.withheld_reason or "",
            )
        )
    absent = {assignment: students for assignment, students in missing.items() if students}
    for assignment, students in absent.items():
        speaker.warn(
            say(
                "On the class list, and nothing handed in for {assignment}: {students}.",
                assignment=assignment,
                students=", ".join(students),
            )
        )
    if not withheld:
        return ExitCode.WITHHELD if absent else ExitCode.MARKED
    speaker.warn(
        say(
            "Withheld: {count}. Look at the lines above, mend what they name and grade again.",
            count=len(withheld),
        )
    )
    return ExitCode.WITHHELD


def _tell_beside(candidates: Sequence[Candidate], speaker: Speaker) -> None:
    """Name the files that came with a notebook and that nobody looked at."""
    beside = {one.student: one.beside for one in candidates if one.beside}
    if beside:
        speaker.tell(
            say(
                "Handed in beside notebooks, and not looked at: {files}",
                files="; ".join(f"{who}: {', '.join(files)}" for who, files in beside.items()),
            )
        )
