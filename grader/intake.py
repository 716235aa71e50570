"""Finds the notebooks that were handed in, and whose they are, without opening them."""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from grader.errors import UsageError
from grader.messages import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grader.messages import Message
    from grader.models import Submission

_DEPTH = 3  # student / assignment / notebook
_NBGRADER_FOLDER = "submitted"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that may be a student's notebook; `assignment` is its folder's name, if any."""

    student: str
    path: Path
    assignment: str | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """The notebook that stands for a student's work; `doubt` is why a person must confirm it."""

    submission: Submission
    doubt: Message | None = None


def find_candidates(paths: Sequence[Path]) -> tuple[Candidate, ...]:
    """The notebooks under `paths`, by student; raises UsageError where there is none.

    A path is a notebook, or a folder of `<student>.ipynb`, `<student>/*.ipynb` or
    `submitted/<student>/<assignment>/*.ipynb`. What cannot be entered (a link, a locked folder)
    is a candidate too: reading it says why, and no student goes missing.
    """
    found: dict[Path, Candidate] = {}
    for path in paths:
        for candidate in _candidates_under(path):
            found.setdefault(Path(os.path.abspath(candidate.path)), candidate)  # noqa: PTH100 - links stay
    if not found:
        raise UsageError(
            say(
                "No notebook in {paths}. Looked for <student>.ipynb, <student>/*.ipynb and "
                "submitted/<student>/<assignment>/*.ipynb.",
                paths=", ".join(_readable(str(path)) for path in paths),
            )
        )
    return tuple(sorted(found.values(), key=lambda c: (c.student, c.assignment or "", c.path)))


def choose(submissions: Sequence[Submission]) -> tuple[Chosen, ...]:
    """One submission for each student and assignment, in the given order of students.

    Of equal copies any counts. Of different notebooks the one changed last is chosen, with a doubt:
    when a file was changed says little about which one the student meant.
    """
    by_owner = sorted(submissions, key=lambda s: (s.student, s.assignment))
    return tuple(
        _choose_one(tuple(rivals))
        for _, rivals in groupby(by_owner, key=lambda s: (s.student, s.assignment))
    )


def _choose_one(rivals: Sequence[Submission]) -> Chosen:
    newest = max(rivals, key=lambda s: (s.path.stat().st_mtime_ns, s.path.name))
    if len({rival.sha256 for rival in rivals}) == 1:
        return Chosen(newest)
    return Chosen(
        newest,
        say(
            "{student} handed in {count} different notebooks for {assignment}: {files}. "
            "The one changed last, {newest}, was graded; remove the others to confirm it.",
            student=newest.student,
            count=len(rivals),
            assignment=newest.assignment,
            files=", ".join(sorted(_readable(rival.path.name) for rival in rivals)),
            newest=_readable(newest.path.name),
        ),
    )


def _candidates_under(path: Path) -> Iterator[Candidate]:
    if not os.path.lexists(path):
        raise UsageError(say("{path} does not exist.", path=_readable(str(path))))
    if not path.is_dir():
        if not _is_notebook(path.name):
            raise UsageError(
                say(
                    "{path} is no notebook: its name does not end in .ipynb.",
                    path=_readable(str(path)),
                )
            )
        yield _named(path, path.parent)
        return
    nbgrader = path / _NBGRADER_FOLDER
    root = nbgrader if nbgrader.is_dir() else path
    for file in _notebooks(root, _DEPTH):
        yield _named(file, root)


def _named(file: Path, root: Path) -> Candidate:
    """Whose file it is, by the folders between it and `submitted`, or else `root`."""
    parts = Path(os.path.abspath(file)).parts  # noqa: PTH100 - resolve() would follow links
    nearby = parts[-_DEPTH - 1 : -1]
    if _NBGRADER_FOLDER in nearby:
        folders = nearby[nearby.index(_NBGRADER_FOLDER) + 1 :]
    else:
        folders = file.relative_to(root).parts[:-1]
    owner = folders[0] if folders else file.stem if _is_notebook(file.name) else file.name
    assignment = folders[1] if len(folders) > 1 else None
    return Candidate(_readable(owner), file, assignment and _readable(assignment))


def _notebooks(folder: Path, depth: int) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except PermissionError:
        yield folder
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            if depth > 1:
                yield from _notebooks(Path(entry.path), depth - 1)
        elif _is_notebook(entry.name) or entry.is_dir():
            yield Path(entry.path)


def _is_notebook(name: str) -> bool:
    return Path(name).suffix.casefold() == ".ipynb"


def _readable(name: str) -> str:
    """The name as text that can be written anywhere; one spelling for each accented letter."""
    return unicodedata.normalize("NFC", os.fsencode(name).decode("utf-8", "backslashreplace"))
