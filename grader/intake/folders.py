"""Finds the notebooks in folders, and whose they are, without opening them."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from grader.intake.candidate import Candidate, readable

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEPTH = 3  # student / assignment / notebook
NBGRADER_FOLDER = "submitted"


def candidates_in(path: Path) -> Iterator[Candidate]:
    """The notebooks in a folder, or in its folder `submitted`."""
    nbgrader = path / NBGRADER_FOLDER
    root = nbgrader if nbgrader.is_dir() else path
    for file in _notebooks(root, _DEPTH):
        yield named(file, root)


def named(file: Path, root: Path) -> Candidate:
    """Whose file it is, by the folders between it and `submitted`, or else `root`."""
    parts = Path(os.path.abspath(file)).parts  # noqa: PTH100 - resolve() would follow links
    nearby = parts[-_DEPTH - 1 : -1]
    if NBGRADER_FOLDER in nearby:
        folders = nearby[nearby.index(NBGRADER_FOLDER) + 1 :]
    else:
        folders = file.relative_to(root).parts[:-1]
    owner = folders[0] if folders else file.stem if is_notebook(file.name) else file.name
    assignment = folders[1] if len(folders) > 1 else None
    return Candidate(
        readable(owner),
        file,
        assignment and readable(assignment),
        handed_in_at=_timestamp(file.with_name("timestamp.txt")),
    )


def _timestamp(path: Path) -> datetime | None:
    """When nbgrader received the notebook: in UTC, unless the file says otherwise."""
    try:
        with open(path, "rb", opener=_open_ordinary) as file:
            text = file.read(100).decode("utf-8-sig")
        moment = datetime.fromisoformat(text.strip().removesuffix(" UTC").replace(" UTC", ""))
    except (OSError, ValueError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _open_ordinary(path: str, flags: int) -> int:
    # A student's link is not followed, and a pipe is not waited for.
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


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
        elif is_notebook(entry.name) or entry.is_dir():
            yield Path(entry.path)


def is_notebook(name: str) -> bool:
    """Whether a file is called like a notebook."""
    return Path(name).suffix.casefold() == ".ipynb"
