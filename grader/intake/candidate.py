"""A file that may be a student's notebook, and all that is known of it before it is opened."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Known:
    """What a learning platform says of a student; `account` is its own name or number for them."""

    platform: str
    account: str | None = None
    name: str | None = None
    email: str | None = None
    login: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that may be a student's notebook; `assignment` is its folder's name, if any.

    `member` is its name inside the zip at `path`. `handed_in_at`, `attempt` (a later try has a
    larger one) and `marked_late` are what the learning platform says.
    """

    student: str
    path: Path
    assignment: str | None = None
    member: str | None = None
    handed_in_at: datetime | None = None
    attempt: int | None = None
    marked_late: bool = False
    known: Known | None = None

    @property
    def shown(self) -> Path:
        """What the file is called when it is spoken of."""
        inside = self.member.lstrip("/") if self.member is not None else ""
        return Path(readable(str(self.path / inside)))


def readable(name: str) -> str:
    """The name as text that can be written anywhere; one spelling for each accented letter."""
    # Bytes of another encoding come as one half of what UTF-16 has pairs of; so may anything else.
    content = name.encode("utf-8", "surrogateescape" if _is_from_bytes(name) else "surrogatepass")
    return unicodedata.normalize("NFC", content.decode("utf-8", "backslashreplace"))


def _is_from_bytes(name: str) -> bool:
    return all("\udc80" <= c <= "\udcff" for c in name if "\ud800" <= c <= "\udfff")
