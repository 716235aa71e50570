"""Where the gradebook of a command is: named with --gradebook, else beside the submissions."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.gradebook import Gradebook

NAME: Final = "gradebook.db"
_SUBMITTED: Final = "submitted"

GradebookOption = Annotated[
    str | None,
    typer.Option(
        metavar="PATH|URL",
        envvar="GRADER_GRADEBOOK",
        help="The gradebook: a file, or the URL of a database.",
        show_default="gradebook.db beside the submissions",
    ),
]


def begun_gradebook(where: str | None, paths: Sequence[Path]) -> Gradebook:
    """The gradebook for what is handed in at `paths`; a new one where there is none."""
    from grader.gradebook import Gradebook

    return Gradebook(where or str(beside(paths[0])), create=True)


def files_of_gradebook(where: str | None, paths: Sequence[Path] = ()) -> list[Path]:
    """The file that the gradebook is, by all its names; none for a database on a server."""
    if where is None:
        file = str(beside(paths[0]) if paths else Path(NAME))
    else:
        file = where.removeprefix("sqlite:///")
    return [] if "://" in file else [Path(file), Path(os.path.realpath(file))]


def kept_gradebook(where: str | None) -> Gradebook:
    """The gradebook of an earlier `grader grade`; raises GradebookError where there is none."""
    from grader.gradebook import Gradebook

    return Gradebook(where or NAME)


def beside(path: Path) -> Path:
    """Where the gradebook of these submissions is, if nobody says otherwise.

    Beside a file; beside a folder of submissions, whoever names it; never above the folder that
    one works in.
    """
    if not path.is_dir():
        return path.parent / NAME
    if (path / _SUBMITTED).is_dir():
        return path / NAME
    here, folder = Path.cwd(), path.resolve()
    return (path if here.is_relative_to(folder) else path.parent) / NAME
