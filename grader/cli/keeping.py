"""Where the gradebook of a command is, and which reports are of it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from grader.errors import UsageError
from grader.language.messages import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.gradebook import Gradebook

NAME: Final = "gradebook.db"
REPORTS: Final = Path("reports")
_NOTE: Final = ".gradebook"
_FORGOTTEN: Final = "sqlite://"
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


def students_in(where: str | None, paths: Sequence[Path]) -> frozenset[str]:
    """Those whom the gradebook of these submissions knows; nobody where there is none yet."""
    from grader.errors import GradebookError
    from grader.gradebook import Gradebook

    try:
        with Gradebook(where or str(beside(paths[0]))) as book:
            return frozenset(book.students())
    except GradebookError:
        return frozenset()


def files_of_gradebook(where: str | None, paths: Sequence[Path] = ()) -> list[Path]:
    """The files that a gradebook may consist of, by all names; none for a database on a server."""
    if where is None:
        file = str(beside(paths[0]) if paths else NAME)
    else:
        file = where.removeprefix("sqlite:///")
    if "://" in file:
        return []
    names = dict.fromkeys((file, os.path.realpath(file)))
    return [Path(name + end) for name in names for end in ("", "-wal", "-shm")]


def kept_gradebook(where: str | None, out: Path = REPORTS) -> Gradebook:
    """The gradebook of an earlier `grader grade`: the one here, or that of the reports at `out`.

    Raises GradebookError where there is none, UsageError where the two are not the same.
    """
    from grader.gradebook import Gradebook

    if where is not None:
        return Gradebook(where)
    here, noted = Path(NAME), _noted(out)
    if noted is None or (here.exists() and _name_of(str(here)) == noted):
        return Gradebook(NAME)
    if not here.exists():
        return Gradebook(noted)
    raise UsageError(
        say(
            "There are two gradebooks: {here} in this folder, and {noted}, whose reports are in "
            "{out}. Name the one that is meant with --gradebook.",
            here=NAME,
            noted=noted,
            out=str(out),
        )
    )


def claim(out: Path, book: Gradebook, *, others: Path | None = None) -> None:
    """Note of a folder of reports whose they are; `others` is only looked at.

    Raises UsageError where the reports there are those of another gradebook: two classes would
    become one that nobody taught.
    """
    name = _name_of(book.where)
    for folder in filter(None, (out, others)):
        noted = _noted(folder)
        if noted is not None and noted != name:
            raise UsageError(
                say(
                    "The reports in {out} are of another gradebook: {noted}, not {ours}. Choose "
                    "another folder for these, or name that gradebook with --gradebook.",
                    out=str(folder),
                    noted=noted,
                    ours=book.where,
                )
            )
    if name == _FORGOTTEN:
        return
    from grader.reporting.files import write_whole

    # What cannot be written here cannot be written later either, and is told of then.
    with suppress(OSError):
        write_whole(out / _NOTE, f"{_beside_reports(name, out)}\n")


def _noted(out: Path) -> str | None:
    """The gradebook that the reports at `out` are of, where it is known and still there."""
    try:
        noted = (out / _NOTE).read_text("utf-8").strip()
        place = os.path.normpath(out.absolute() / noted)
        there = bool(noted) and Path(place).is_file()
    except (OSError, ValueError):
        return None
    if "://" in noted:
        return noted
    return place if there else None


def _beside_reports(name: str, out: Path) -> str:
    # A course may be moved or copied whole.
    return name if "://" in name else os.path.relpath(name, out.absolute())


def _name_of(where: str) -> str:
    path = where.removeprefix("sqlite:///")
    if not path or "://" in path:
        return where
    return os.path.normpath(Path(path).absolute())


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
