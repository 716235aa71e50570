"""What comes out of a gradebook, and goes in: plain values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from grader.models import Comment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from grader.language.messages import Message
    from grader.models import GradedSubmission, Override

WHOLE = "total"  # in place of a check's id: the override is for the whole mark


@dataclass(frozen=True, slots=True)
class Student:
    """Someone whose work is in the gradebook, or who is `listed` on a class list."""

    id: str
    name: str | None = None
    email: str | None = None
    section: str | None = None
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Handle:
    """What a learning platform calls a student, for one assignment or ("") for the whole course."""

    platform: str
    value: str
    assignment: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """One version of a student's work; `version` is its hash, `name` what its file was called.

    `content` is None for what could not be read. `doubt` is why a person must confirm that this
    is the version that counts.
    """

    student: str
    assignment: str
    version: str
    name: str
    content: bytes | None = None
    handed_in_at: datetime | None = None
    marked_late: bool = False
    doubt: Message | None = None


@dataclass(frozen=True, slots=True)
class Maker:
    """What makes a mark; `digest` changes whenever any of it does."""

    digest: str
    assignment_digest: str
    grader_version: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A version of a student's work with the mark that counts, if it has one.

    `graded` is as it was judged: overrides and lateness are not in it. It is None where this
    version's detail was written by a grader that wrote it differently.
    """

    work: Work
    maker: str | None
    graded: GradedSubmission | None
    made_at: datetime | None
    points: float | None


@dataclass(frozen=True, slots=True)
class Change:
    """What a new mark changed in one check."""

    check: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class NewMark:
    """A mark to be kept, with what made it and the evidence that it was judged from.

    `evidence` are the packed executions that are new, `run` names the one of the notebook as it
    was handed in.
    """

    work: Work
    graded: GradedSubmission
    maker: Maker
    evidence: Mapping[str, bytes]
    run: str | None = None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class GivenOverride:
    """An override, and what it is for: a check, or WHOLE."""

    check: str
    override: Override


class Kind(StrEnum):
    """What a person can decide in a review."""

    OVERRIDE = "override"
    COMMENT = "comment"
    RELEASE = "release"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Choice:
    """The version of a student's work that counts, as a person said, and those there were then."""

    version: str
    among: frozenset[str]


@dataclass(frozen=True, slots=True)
class Decision:
    """Something that a person decided.

    `text` is the reason of an override, the comment, or the name of the file that was chosen.
    """

    kind: Kind
    by: str
    at: datetime
    text: str = ""
    check: str | None = None
    points: float | None = None
    undone_by: str | None = None
    choice: Choice | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """What people decided about a student's work, the first thing first, also what was undone.

    `state` changes with everything that is decided, whoever does it and wherever.
    """

    decisions: tuple[Decision, ...] = ()
    state: str = ""

    @property
    def standing(self) -> tuple[Decision, ...]:
        """What was not undone."""
        return tuple(d for d in self.decisions if d.undone_by is None)

    @property
    def comment(self) -> Comment | None:
        """The comment that counts; an empty one takes an earlier one away."""
        last = next((d for d in reversed(self.standing) if d.kind is Kind.COMMENT), None)
        return Comment(last.text, last.by, last.at) if last and last.text else None

    @property
    def choice(self) -> Choice | None:
        """Which notebook counts, if a person said so."""
        return next((d.choice for d in reversed(self.standing) if d.choice is not None), None)

    @property
    def released(self) -> bool:
        """Whether the student may see the report."""
        return any(d.kind is Kind.RELEASE for d in self.standing)
