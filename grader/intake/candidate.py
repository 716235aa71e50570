"""A file that may be a student's notebook, and all that is known of it before it is opened."""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


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
        return self.path / self.member.lstrip("/") if self.member is not None else self.path


def readable(name: str) -> str:
    """The name as text that can be written anywhere; one spelling for each accented letter."""
    return unicodedata.normalize("NFC", os.fsencode(name).decode("utf-8", "backslashreplace"))
