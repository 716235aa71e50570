"""How values stand in the columns of a gradebook: packed JSON, and moments in UTC."""

from __future__ import annotations

from datetime import UTC, datetime

from grader.encoding import codec_of
from grader.messages import Message
from grader.models import Execution, GradedSubmission

GRADED = codec_of(GradedSubmission)
EXECUTION = codec_of(Execution)
MESSAGE = codec_of(Message)


def now() -> str:
    """This moment, as it is written down."""
    return as_text(datetime.now(UTC))


def storable(text: str) -> str:
    """The text as any database takes it: names of files may hold what is no character."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")


def as_text(moment: datetime) -> str:
    """A moment as text that sorts by time."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def moment(text: str) -> datetime:
    """The moment that a text says."""
    return datetime.fromisoformat(text)
