"""Starts a new lesson: a small one that already works, for an author to change."""

from __future__ import annotations

import re
import shutil
import tempfile
from contextlib import contextmanager
from enum import StrEnum
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grader.course.course import ASSIGNMENTS, SOLUTIONS
from grader.errors import UsageError
from grader.language.messages import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.course.course import Course

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_LONGEST: Final = 64
# What the beginnings are called in their own files.
_OWN: Final = re.compile(r'(?<="assignment": ")lesson(?=")|(?<=grader calibrate )lesson\b')


class Kind(StrEnum):
    """What the new lesson is about: the kinds of recipe that there are templates for."""

    LINE = "line"
    CURVE = "curve"
    THRESHOLD = "threshold"


def begin(course: Course, id_: str, kind: Kind) -> tuple[Path, ...]:
    """Write the new lesson's two folders, whole or not at all; gives the files.

    Raises UsageError if the name cannot be a folder's, or already exists.
    """
    _require_name(id_)
    folders = course.folders(id_)
    homes = {ASSIGNMENTS: folders.assignment, SOLUTIONS: folders.solutions}
    for home in homes.values():
        if home.exists() or home.is_symlink():
            raise UsageError(
                say(
                    "{path} already exists; nothing was written. Choose another name.",
                    path=str(home),
                )
            )
    written = []
    beginning = files("grader.authoring").joinpath("scaffolds", kind.value)
    if not beginning.is_dir():
        raise UsageError(
            say(
                "A lesson begins with its solution, and what pip installs holds none, since "
                "students install it, too. Give this command in a clone of the grader's "
                "repository, after `make demo`: .venv/bin/grader new {id} --course {course}",
                id=id_,
                course=str(course.root.absolute()),
            )
        )
    with as_file(beginning) as source, _scratch(course.root) as scratch:
        for part, home in homes.items():
            _copy(source / part / "lesson", scratch / part, id_)
            home.parent.mkdir(parents=True, exist_ok=True)
        for part, home in homes.items():
            (scratch / part).rename(home)
            written += sorted(path for path in home.rglob("*") if path.is_file())
    return tuple(written)


def _require_name(id_: str) -> None:
    if _NAME.fullmatch(id_) is None or len(id_) > _LONGEST:
        raise UsageError(
            say(
                "{id} cannot be the name of a lesson's folder: the name has to begin with a "
                "letter or digit and continue with letters a to z, digits, _ and -, at most "
                "{longest} characters in all. For example: 05_sine. What students read is the "
                "title in assignment.toml.",
                id=repr(id_),
                longest=_LONGEST,
            )
        )


def _copy(source: Path, target: Path, id_: str) -> None:
    for path in _kept(source):
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(_OWN.sub(id_, path.read_text("utf-8")), "utf-8", newline="\n")


def _kept(source: Path) -> Iterator[Path]:
    return (p for p in sorted(source.rglob("*")) if p.is_file() and "__pycache__" not in p.parts)


@contextmanager
def _scratch(course: Path) -> Iterator[Path]:
    """A folder next to the course's own, so that what is written can be moved in one step."""
    try:
        path = Path(tempfile.mkdtemp(prefix=".grader-new-", dir=course))
    except OSError as error:
        raise UsageError(
            say(
                "{path} cannot be written to: {reason}.",
                path=str(course),
                reason=error.strerror or type(error).__name__,
            )
        ) from error
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
