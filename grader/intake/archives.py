"""Opens zips that anyone may have made: nothing in them leads elsewhere or fills the memory."""

from __future__ import annotations

import stat
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from grader.errors import SubmissionUnreadable, UsageError
from grader.messages import say

if TYPE_CHECKING:
    from pathlib import Path

_MB: Final = 1_000_000
# The limit that a notebook on disk has, too.
MEMBER_LIMIT_MB: Final = 20
# A class of a thousand, ten files each.
MOST_MEMBERS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Member:
    """A file in a zip: `name` as it can be read, `raw` as the zip knows it."""

    name: str
    raw: str
    changed_at: datetime | None


def members_of(path: Path) -> tuple[Member, ...]:
    """The files in a zip, without folders and what a system adds; raises UsageError.

    A name that leads out of the zip, or a link, stays in the list: it is never written anywhere,
    and reading it says what is wrong.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise UsageError(
            say(
                "{path} cannot be opened as a zip: {reason}. Download it again.",
                path=str(path),
                reason=str(error),
            )
        ) from error
    files = [info for info in infos if not info.is_dir() and not _is_clutter(info.filename)]
    if len(files) > MOST_MEMBERS:
        raise UsageError(
            say(
                "{path} holds {count} files; at most {limit} are taken. Unpack it and grade the "
                "folders one by one.",
                path=str(path),
                count=len(files),
                limit=MOST_MEMBERS,
            )
        )
    return tuple(Member(_readable(info), info.filename, _changed_at(info)) for info in files)


def read_member(path: Path, raw: str) -> bytes:
    """The bytes of a file in a zip; raises SubmissionUnreadable, saying what to ask for."""
    try:
        with zipfile.ZipFile(path) as archive:
            info = archive.getinfo(raw)
            _require_ordinary(info)
            with archive.open(info) as file:
                # The size that a zip states may be a lie.
                content = file.read(MEMBER_LIMIT_MB * _MB + 1)
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise _damaged(str(error)) from error
    except RuntimeError as error:
        raise SubmissionUnreadable(
            say("The file in the zip is locked with a password. Ask for it without one.")
        ) from error
    except KeyError as error:
        raise _damaged(f"{raw} is not in it") from error
    if len(content) > MEMBER_LIMIT_MB * _MB:
        raise _too_large()
    if not content:
        raise SubmissionUnreadable(
            say("The file is empty; the upload probably broke off. Ask for the notebook again.")
        )
    return content


def nested(content: bytes) -> bool:
    """Whether these bytes are a zip themselves."""
    return content.startswith(b"PK\x03\x04")


def _require_ordinary(info: zipfile.ZipInfo) -> None:
    mode = info.external_attr >> 16
    if mode and stat.S_ISLNK(mode):
        raise SubmissionUnreadable(
            say(
                "This is a link to another file, so it was not followed. "
                "Ask for the notebook itself."
            )
        )
    if info.file_size > MEMBER_LIMIT_MB * _MB:
        raise _too_large()


def _too_large() -> SubmissionUnreadable:
    return SubmissionUnreadable(
        say(
            "The file in the zip has more than {limit} MB, which is not read. "
            "Ask for the notebook with its outputs cleared.",
            limit=MEMBER_LIMIT_MB,
        )
    )


def _damaged(reason: str) -> SubmissionUnreadable:
    return SubmissionUnreadable(
        say(
            "The file in the zip cannot be read: {reason}. Download the zip again.",
            reason=reason,
        )
    )


# Names of zips made without the flag for UTF-8, as Chinese and western systems write them.
_ENCODINGS: Final = ("utf-8", "gb18030")
_UTF8_FLAG: Final = 0x800


def _readable(info: zipfile.ZipInfo) -> str:
    name = info.filename
    if not info.flag_bits & _UTF8_FLAG:
        raw = name.encode("cp437", "replace")
        for encoding in _ENCODINGS:
            try:
                name = raw.decode(encoding)
            except UnicodeDecodeError:
                continue
            break
    # Parts that lead out of the zip say nothing of whose it is.
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return unicodedata.normalize("NFC", "/".join(parts))


def _is_clutter(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return "__MACOSX" in parts or parts[-1].startswith(".") or not parts[-1]


def _changed_at(info: zipfile.ZipInfo) -> datetime | None:
    try:
        return datetime(*info.date_time)  # noqa: DTZ001 - a zip knows no zone
    except ValueError:
        return None
