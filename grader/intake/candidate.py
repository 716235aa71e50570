"""A file that may be a student's notebook, and all that is known of it before it is opened."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

    from grader.language.messages import Message


# Of names: what everybody writes today, and what Chinese systems wrote.
ENCODINGS: Final = ("utf-8", "gb18030")


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
    """Something that a student handed in and that a mark may be given for.

    `member` is its name inside the zip at `path`. `assignment` is its folder's name, if any;
    `drop_box` the one assignment that was collected there, where that is certain; `download` the
    platform's download that it came in. `handed_in_at`, `attempt` (a later try has a larger one)
    and `marked_late` are what the learning platform says. `remark` is for whoever reads the report.
    `problem` is why it cannot be opened, where that is known already; `beside` are the student's
    other files, which nobody looks at.
    """

    student: str
    path: Path
    assignment: str | None = None
    member: str | None = None
    handed_in_at: datetime | None = None
    attempt: int | None = None
    marked_late: bool = False
    known: Known | None = None
    drop_box: str | None = None
    download: Path | None = None
    remark: Message | None = None
    problem: Message | None = None
    beside: tuple[str, ...] = ()

    @property
    def shown(self) -> Path:
        """What the file is called when it is spoken of."""
        inside = self.member.lstrip("/") if self.member is not None else ""
        return Path(readable(str(self.path / inside)))


def readable(name: str) -> str:
    """The name as text that can be written anywhere; one spelling for each accented letter."""
    # Bytes of another encoding come as one half of what UTF-16 has pairs of; so may anything else.
    content = name.encode("utf-8", "surrogateescape" if _is_from_bytes(name) else "surrogatepass")
    return unicodedata.normalize("NFC", _decoded(content))


def _decoded(content: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("utf-8", "backslashreplace")


def _is_from_bytes(name: str) -> bool:
    return all("\udc80" <= c <= "\udcff" for c in name if "\ud800" <= c <= "\udfff")
