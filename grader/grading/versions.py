"""The versions of a student's work, and a person's word on which of them counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from grader.errors import UsageError
from grader.intake import names_of
from grader.language.messages import say
from grader.models import Comment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.gradebook import Gradebook
    from grader.language.messages import Message


@dataclass(frozen=True, slots=True)
class Version:
    """A notebook of a student; `points` are None where it was never marked."""

    version: str
    name: str
    path: str
    points: float | None
    counts: bool


def versions_of(book: Gradebook, student: str, assignment: str) -> tuple[Version, ...]:
    """The notebooks that a student handed in, those that can be read; the last one counts."""
    entries = list(book.entries([assignment], student=student, every_version=True, with_runs=False))
    readable = [entry for entry in entries if entry.work.content is not None]
    names = names_of([Path(entry.work.name) for entry in readable])
    return tuple(
        Version(
            version=entry.work.version,
            name=name,
            path=entry.work.name,
            points=entry.points,
            counts=entry is entries[-1],
        )
        for entry, name in zip(readable, names, strict=True)
    )


def choose_version(
    book: Gradebook, student: str, assignment: str, wanted: str, by: str, *, seen: str | None = None
) -> Version:
    """Let a notebook count, named by its file or its hash; raises UsageError where it is not one.

    `seen` is the state in which a reviewer saw the work; DecidedMeanwhile where it has changed.
    """
    versions = versions_of(book, student, assignment)
    fitting = next(
        (
            found
            for trait in ("version", "name", "path")
            if len(found := [one for one in versions if getattr(one, trait) == wanted]) == 1
        ),
        # As the student called it, behind what Canvas puts before.
        [one for one in versions if f"_{Path(one.path).name}".endswith(f"_{wanted}")],
    )
    if len(fitting) != 1:
        raise UsageError(_not_one_of(student, assignment, wanted, versions))
    (chosen,) = fitting
    words = Comment(chosen.name, by, datetime.now(UTC))
    book.choose(student, assignment, chosen.version, words, seen=seen)
    return chosen


def _not_one_of(student: str, assignment: str, wanted: str, versions: Sequence[Version]) -> Message:
    if not versions:
        return say(
            "{student} handed in nothing that can be read for {assignment}.",
            student=student,
            assignment=assignment,
        )
    return say(
        "{file} is not one file that {student} handed in for {assignment}. Choose one of: {files}.",
        file=wanted,
        student=student,
        assignment=assignment,
        files=", ".join(sorted(one.name for one in versions)),
    )
