"""What a mark is made of: the lesson and the grader's own code, in one hash."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grader.gradebook import Maker
from grader.reporting.result import grader_version

if TYPE_CHECKING:
    from grader.course.lesson import Lesson

# Changes to these do not change any mark.
_NOT_JUDGING: Final = frozenset(
    {"authoring", "cli", "exchange", "gradebook", "intake", "preview", "reporting", "web"}
)


def maker_of(lesson: Lesson, seed: int | None = None) -> Maker:
    """Who makes the marks of this lesson at present."""
    references = sorted((tongue, ref.sha256) for tongue, ref in lesson.references.items())
    parts = (lesson.assignment.digest, references, code_digest(), grader_version(), seed)
    return Maker(
        digest=hashlib.sha256(repr(parts).encode()).hexdigest(),
        assignment_digest=lesson.assignment.digest,
        grader_version=grader_version(),
    )


@cache
def code_digest() -> str:
    """Changes with any code of ours that a mark depends on."""
    root = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        place = path.relative_to(root)
        if place.parts[0].removesuffix(".py") not in _NOT_JUDGING:
            digest.update(str(place).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
