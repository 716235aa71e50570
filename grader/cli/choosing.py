"""Which assignments an author's command is about: the one that was named, or all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.errors import UsageError
from grader.language.messages import say

if TYPE_CHECKING:
    from pathlib import Path


def chosen_folders(assignment: str | None, course: Path) -> tuple[Path, ...]:
    """The folders of the chosen assignments, by id; UsageError where there is none."""
    known = {path.parent.name: path.parent for path in course.glob("assignments/*/assignment.toml")}
    if assignment is None and known:
        return tuple(known[id_] for id_ in sorted(known))
    if assignment is not None and assignment in known:
        return (known[assignment],)
    raise UsageError(
        say(
            "There is no assignment {assignment} in {path}. Choose one of: {known}.",
            assignment=assignment or "*",
            path=str(course / "assignments"),
            known=", ".join(sorted(known)) or "-",
        )
    )


def every_folder(course: Path) -> tuple[tuple[Path, Path], ...]:
    """The folders of every lesson there is: the assignment's, and its solutions'."""
    found = sorted(path.parent for path in course.glob("assignments/*/assignment.toml"))
    return tuple((folder, course / "solutions" / folder.name) for folder in found)
