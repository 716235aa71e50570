"""Where every failure of a command becomes one readable line and an exit code."""

from __future__ import annotations

from contextlib import contextmanager
from enum import IntEnum
from typing import TYPE_CHECKING

import typer

from grader.cli.faults import FaultLog
from grader.errors import GraderError
from grader.language.messages import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.cli.speaking import Speaker
    from grader.language.messages import Message


class ExitCode(IntEnum):
    """What a command tells the program that called it."""

    MARKED = 0
    WITHHELD = 1
    WRONG_USE = 2
    OUR_FAULT = 3
    INTERRUPTED = 130


@contextmanager
def error_boundary(speaker: Speaker, interrupted: Message | None = None) -> Iterator[None]:
    """Run a command's body; end the program with the exit code of what it raises.

    `interrupted` is what there is to know of a command's work when a person stops it.
    """
    try:
        yield
    except GraderError as error:
        for message in error.messages:
            speaker.warn(message)
        raise typer.Exit(ExitCode.WRONG_USE) from None
    except KeyboardInterrupt:
        speaker.warn(interrupted or say("Interrupted."))
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package in ("", "grader"):
            raise _our_fault(error, speaker) from error
        speaker.warn(
            say(
                "This takes {package}, which is not installed here. To grade a class: "
                'pip install "torchgrade[class]".',
                package=package,
            )
        )
        raise typer.Exit(ExitCode.WRONG_USE) from None
    except Exception as error:
        raise _our_fault(error, speaker) from error


def _our_fault(error: Exception, speaker: Speaker) -> typer.Exit:
    log = FaultLog()
    log.note("", error)
    speaker.warn(
        say(
            "This is a fault of the grader, not of the notebooks: {error}. "
            "The details are in {path}; paste them into a report.",
            error=f"{type(error).__name__}: {error}",
            path=str(log.path),
        )
    )
    return typer.Exit(ExitCode.OUR_FAULT)
