"""`grader audit --mixed` and `--sealed`: how often is the grader wrong?"""

from __future__ import annotations

import subprocess
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from grader.cli.error_boundary import ExitCode
from grader.cli.progress import shown_share
from grader.errors import UsageError
from grader.language.messages import say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from grader.authoring.mixed import Known, Mixed
    from grader.cli.speaking import Speaker
    from grader.course.course import Course, Folders
    from grader.grading import Lesson


@dataclass(frozen=True, slots=True)
class Counting:
    """What is graded and counted: so many compositions, those named, or a folder with labels."""

    mixed: int | None
    only: tuple[str, ...]
    sealed: Path | None
    drawn_by: str
    jobs: int
    keep: Path | None
    write: bool

    @property
    def kind(self) -> str:
        """Which of a lesson's rates it measures."""
        return "mixed" if self.sealed is None else "sealed"


def count_errors(
    course: Course, assignment: str | None, counting: Counting, speaker: Speaker
) -> ExitCode:
    """Grade, count and report each lesson; the exit code says whether all are sound."""
    from grader.authoring.examining import require_sound
    from grader.authoring.lines import is_sound
    from grader.cli.counting_report import report_counted
    from grader.course.assignment import load_assignment
    from grader.grading import open_lesson

    homes = course.chosen(assignment)
    if counting.sealed is not None and len(homes) != 1:
        raise UsageError(say("A folder holds notebooks of one lesson. Say which one."))
    if counting.write and counting.only:
        raise UsageError(say("A few compositions are no rate: leave out --mixed-only or --write."))
    require_sound(homes)
    worst = ExitCode.MARKED
    for home in homes:
        lesson = open_lesson(load_assignment(home.assignment, home.solutions))
        found = _counted(lesson, counting, speaker)
        report_counted(home.id, found, counting, speaker)
        if not found.complete:
            return ExitCode.INTERRUPTED
        if counting.write:
            speaker.show(_written(home, found, counting))
        if not is_sound(found.tally):
            worst = ExitCode.WITHHELD
    return worst


def _counted(lesson: Lesson, counting: Counting, speaker: Speaker) -> Mixed:
    from grader.authoring.drawing import Drawing, names
    from grader.authoring.mixed import grade_known
    from grader.authoring.sealed import keep_labelled, read_labelled
    from grader.execution.runner import notebook_runner

    with ExitStack() as stack:
        runner = stack.enter_context(closing(notebook_runner(jobs=counting.jobs)))
        notebooks: Sequence[Callable[[], Known]]
        if counting.sealed is not None:
            notebooks = [partial(_itself, known) for known in read_labelled(counting.sealed)]
        else:
            drawing = stack.enter_context(Drawing(lesson, counting.drawn_by, counting.jobs))
            wanted = counting.only or names(counting.mixed or 0)
            notebooks = [partial(drawing.draw, name) for name in wanted]
        show = stack.enter_context(shown_share(len(notebooks), lesson.assignment.id, speaker))
        found = grade_known(
            notebooks,
            lesson,
            runner,
            jobs=counting.jobs,
            every=bool(counting.only) or counting.sealed is not None,
            on_seen=lambda _: show(1),
        )
    if counting.keep is not None:
        keep_labelled(counting.keep / lesson.assignment.id, [seen.known for seen in found.kept])
    return found


def _itself(known: Known) -> Known:
    return known


def _written(home: Folders, found: Mixed, counting: Counting) -> Path:
    from grader.course.rates import RATES_FILE, rates_text, with_measured, written_rates
    from grader.models import Measured
    from grader.reporting.files import write_whole
    from grader.reporting.result import grader_version

    measured = Measured(
        on=datetime.now(UTC).date(),
        version=grader_version(),
        source=_commit(home.assignment),
        tally=found.tally,
        seed=counting.drawn_by,
    )
    rates = with_measured(written_rates(home.assignment), counting.kind, measured)
    return write_whole(home.assignment / RATES_FILE, rates_text(home.id, rates))


def _commit(folder: Path) -> str:
    """The commit that the lesson is graded by, with a + if there is more; "" outside of git."""
    try:
        asked = subprocess.run(
            ["git", "describe", "--always", "--exclude=*", "--dirty=+"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return asked.stdout.strip()
