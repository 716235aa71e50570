"""The kernels that a command runs notebooks in, as well shut in as was asked for."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from grader.errors import UsageError
from grader.messages import say

if TYPE_CHECKING:
    from grader.cli.speaking import Speaker
    from grader.execution import NotebookRunner


class IsolationWish(StrEnum):
    """How well students' code has to be shut in."""

    REQUIRED = "required"
    BEST_EFFORT = "best-effort"
    NONE = "none"


IsolationOption = Annotated[
    IsolationWish, typer.Option(help="How well students' code has to be shut in.")
]


def open_runner(wish: IsolationWish, speaker: Speaker) -> NotebookRunner:
    """A runner; raises UsageError where this machine cannot shut code in as well as wished."""
    from grader.execution import notebook_runner

    runner = notebook_runner()
    lacking = ", ".join(runner.isolation.missing)
    if not lacking or wish is IsolationWish.NONE:
        return runner
    if wish is IsolationWish.REQUIRED:
        runner.close()
        raise UsageError(
            say(
                "Students' code cannot be shut in on this machine; not shut in: {lacking}. "
                "If you trust these notebooks, use --isolation best-effort.",
                lacking=lacking,
            )
        )
    speaker.warn(
        say(
            "Students' code is not shut in on this machine ({lacking}): "
            "grade only notebooks that you trust.",
            lacking=lacking,
        )
    )
    return runner
