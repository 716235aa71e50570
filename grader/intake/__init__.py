"""Finds the notebooks that were handed in, and whose they are, without opening them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from grader.errors import UsageError
from grader.intake.archives import read_member
from grader.intake.candidate import Candidate, Known, readable
from grader.intake.choosing import Chosen, choose
from grader.intake.downloads import candidates_in_download, candidates_in_zip
from grader.intake.folders import candidates_in, is_notebook, named
from grader.intake.roster import Listed, identified, read_roster
from grader.messages import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = [
    "Candidate",
    "Chosen",
    "Known",
    "Listed",
    "choose",
    "find_candidates",
    "identified",
    "read_member",
    "read_roster",
    "readable",
]


def find_candidates(paths: Sequence[Path]) -> tuple[Candidate, ...]:
    """The notebooks under `paths`, by student; raises UsageError where there is none.

    A path is a notebook, a folder of `<student>.ipynb`, `<student>/*.ipynb` or
    `submitted/<student>/<assignment>/*.ipynb`, or a learning platform's zip, or such a zip
    unpacked. What cannot be entered (a link, a locked folder) is a candidate too: reading it says
    why, and no student goes missing.
    """
    found: dict[tuple[str, str | None, str], Candidate] = {}
    for path in paths:
        for candidate in _candidates_under(path):
            place = os.path.abspath(candidate.path)  # noqa: PTH100 - links stay
            found.setdefault((place, candidate.member, candidate.student), candidate)
    if not found:
        raise UsageError(
            say(
                "No notebook in {paths}. Looked for <student>.ipynb, <student>/*.ipynb, "
                "submitted/<student>/<assignment>/*.ipynb, and what learning platforms name.",
                paths=", ".join(readable(str(path)) for path in paths),
            )
        )
    return tuple(sorted(found.values(), key=lambda c: (c.student, c.assignment or "", c.shown)))


def _candidates_under(path: Path) -> Iterator[Candidate]:
    if not os.path.lexists(path):
        raise UsageError(say("{path} does not exist.", path=readable(str(path))))
    if path.is_dir():
        download = candidates_in_download(path)
        yield from candidates_in(path) if download is None else download
    elif path.suffix.casefold() == ".zip":
        yield from candidates_in_zip(path)
    elif is_notebook(path.name):
        yield named(path, path.parent)
    else:
        raise UsageError(
            say(
                "{path} is neither a notebook (.ipynb) nor a zip of them.",
                path=readable(str(path)),
            )
        )
