"""`grader review`: the local page on which a class is gone through."""

from __future__ import annotations

import getpass
import socket
from pathlib import Path
from typing import Annotated

import typer

from grader.cli.choosing import chosen_folders
from grader.cli.error_boundary import ExitCode, error_boundary
from grader.cli.faults import FaultLog
from grader.cli.keeping import REPORTS, GradebookOption, claim, kept_gradebook
from grader.cli.speaking import CourseOption, LanguageOption, speaker_for
from grader.errors import UsageError
from grader.language.messages import say

HOST = "127.0.0.1"


def review(
    assignment: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="One assignment; all without it.")
    ] = None,
    by: Annotated[
        str | None, typer.Option(help="Who reviews.", show_default="the user's name")
    ] = None,
    out: Annotated[Path, typer.Option(help="The folder for the reports.")] = REPORTS,
    released: Annotated[
        Path, typer.Option(help="The folder for the reports that students may see.")
    ] = Path("released"),
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where it listens.", show_default="a free one")
    ] = 0,
    gradebook: GradebookOption = None,
    lang: LanguageOption = None,
    course: CourseOption = Path(),
) -> None:
    """Go through a class in a browser: change points, comment, release the reports."""
    speaker = speaker_for(lang)
    with (
        error_boundary(speaker),
        kept_gradebook(gradebook, out) as book,
        _listening(port) as listener,
    ):
        from grader.course.assignment import load_assignment
        from grader.web import Desk, Keys, serve

        assignments = [
            load_assignment(folder, course / "solutions" / folder.name)
            for folder in chosen_folders(assignment, course)
        ]
        claim(out, book, others=released)
        speaker.tell(say("Gradebook: {path}", path=book.where))
        faults = FaultLog()
        desk = Desk(
            book=book,
            assignments={one.id: one for one in assignments},
            by=by or getpass.getuser(),
            out=out,
            released=released,
            language=speaker.language,
            on_fault=faults.note,
        )
        keys = Keys()
        number = listener.getsockname()[1]
        speaker.tell(
            say(
                "Open http://{host}:{port}/?token={token}",
                host=HOST,
                port=str(number),
                token=keys.token,
            )
        )
        speaker.tell(say("Only this machine can reach it. Ctrl+C ends it; nothing is lost."))
        serve(desk, keys, listener)
        desk.publish_classes()
        if released.is_dir():
            claim(released, book)
        faults.tell(speaker)
    raise typer.Exit(ExitCode.MARKED)


def _listening(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        raise UsageError(
            say(
                "Nothing can listen at port {port}: {reason}. Choose another with --port.",
                port=port,
                reason=error.strerror or str(error),
            )
        ) from error
