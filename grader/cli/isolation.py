"""The kernels that a command runs notebooks in, as well shut in as was asked for."""

from __future__ import annotations

from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final

import typer

from grader.errors import UsageError
from grader.isolation.tiers import NONE, ROOM, TIERS
from grader.language.messages import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from grader.cli.speaking import Speaker
    from grader.execution.runner import NotebookRunner


class IsolationWish(StrEnum):
    """How well students' code has to be shut in."""

    REQUIRED = "required"
    BEST_EFFORT = "best-effort"
    NONE = "none"


# What may be tried, from best to worst.
TIERS_OF: Final = {
    IsolationWish.REQUIRED: (ROOM,),
    IsolationWish.BEST_EFFORT: TIERS,
    IsolationWish.NONE: (NONE,),
}
IsolationOption = Annotated[
    IsolationWish, typer.Option(help="How well students' code has to be shut in.")
]


def open_runner(
    wish: IsolationWish, speaker: Speaker, jobs: int = 1, hidden: Sequence[Path] = ()
) -> NotebookRunner:
    """A runner for so many notebooks at once; no code that is shut in sees the `hidden` folders.

    Raises UsageError where this machine cannot shut code in as well as wished.
    """
    from grader.execution.runner import notebook_runner
    from grader.isolation.visible import hidden_here
    from grader.kernels.trying import seen_in

    if wish is IsolationWish.REQUIRED and (seen := seen_in(ROOM, hidden_here(hidden))):
        raise UsageError(
            say(
                "{folder} is a folder of this machine's programs, which students' code has to be "
                "able to read. Move the course, the submissions, the gradebook and the reports to "
                "folders of their own, for example below your home folder.",
                folder=", ".join(map(str, seen)),
            )
        )
    runner = notebook_runner(tiers=TIERS_OF[wish], jobs=jobs, hidden=hidden)
    found = runner.isolation
    if wish is IsolationWish.NONE or not found.missing:
        return runner
    if wish is IsolationWish.REQUIRED:
        runner.close()
        raise UsageError(
            say(
                "Students' code cannot be shut into a room on this machine ({why}). Rooms take "
                "Linux, bubblewrap (Debian: apt-get install bubblewrap) and user namespaces. If "
                "you trust these notebooks, use --isolation best-effort.",
                why=found.why,
            )
        )
    speaker.warn(
        say(
            "Students' code is not shut into a room on this machine ({why}); open to it: {open}. "
            "Grade only notebooks that you trust.",
            why=found.why,
            open=", ".join(found.missing),
        )
    )
    return runner


def of_course(course: Path) -> Iterator[Path]:
    """The folders of a course, which may be links to elsewhere."""
    yield course
    for folder in (course / "assignments", course / "solutions"):
        yield folder
        with suppress(OSError):
            yield from folder.iterdir()
