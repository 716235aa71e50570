"""How far a command is: a bar on a terminal; elsewhere a line for each notebook, if any."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from grader.language.messages import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from grader.cli.speaking import Speaker
    from grader.language.messages import Message
    from grader.models import GradedSubmission


@contextmanager
def shown_progress(total: int, speaker: Speaker) -> Iterator[Callable[[GradedSubmission], None]]:
    """What to call with each graded submission, of `total` at most."""
    show = _bar if sys.stderr.isatty() else _lines
    with show(total, speaker) as on_graded:
        yield on_graded


@contextmanager
def _bar(total: int, speaker: Speaker) -> Iterator[Callable[[GradedSubmission], None]]:
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        # A student's name may look like markup.
        TextColumn("{task.description}", markup=False),
    )
    withheld = 0
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=total)

        def on_graded(graded: GradedSubmission) -> None:
            nonlocal withheld
            withheld += graded.mark.withheld
            status = say(
                "{student} (withheld: {withheld})",
                student=graded.submission.student,
                withheld=withheld,
            )
            progress.update(task, advance=1, description=speaker.word(status))

        yield on_graded


@contextmanager
def _lines(total: int, speaker: Speaker) -> Iterator[Callable[[GradedSubmission], None]]:
    numbers = count(1)

    def on_graded(graded: GradedSubmission) -> None:
        speaker.tell(
            say(
                "[{number}/{total}] {student}, {assignment}: {result}",
                number=next(numbers),
                total=total,
                student=graded.submission.student,
                assignment=graded.assignment.id or "-",
                result=_result(graded),
            )
        )

    yield on_graded


def _result(graded: GradedSubmission) -> Message:
    if graded.mark.withheld:
        return say("withheld")
    return say(
        "{points:g} of {max_points:g} points",
        points=graded.mark.points,
        max_points=graded.mark.max_points,
    )


@contextmanager
def shown_share(total: int, label: str, speaker: Speaker) -> Iterator[Callable[[int], None]]:
    """What to call with how much more of `total` is done; off a terminal nothing is shown."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(speaker.word(say("{label}", label=label)), total=total)
        yield lambda more: progress.advance(task, more)
