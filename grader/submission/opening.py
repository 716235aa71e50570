"""Gets the bytes of a file that anyone may have made, without being led or held up by it."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

from grader.errors import SubmissionUnreadable
from grader.language.messages import say

if TYPE_CHECKING:
    from pathlib import Path

    from grader.language.messages import Message

SIZE_LIMIT_MB = 20
_BYTES_PER_MB = 1_000_000


def read_file(path: Path) -> bytes:
    """The file's bytes; raises SubmissionUnreadable for all but an ordinary file of some size."""
    try:
        with open(path, "rb", opener=_open_ordinary) as file:
            return file.read(SIZE_LIMIT_MB * _BYTES_PER_MB)
    except OSError as error:
        raise SubmissionUnreadable(_explain(error)) from error


def _open_ordinary(path: str, flags: int) -> int:
    # Without O_NOFOLLOW a link hands in the solution; without O_NONBLOCK a pipe waits for ever.
    # Windows has none of these, and translates line ends unless it is told not to.
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_NOCTTY", "O_BINARY"):
        flags |= getattr(os, name, 0)
    descriptor = os.open(path, flags)
    try:
        _require_ordinary(os.fstat(descriptor))
    except SubmissionUnreadable:
        os.close(descriptor)
        raise
    return descriptor


def _require_ordinary(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise SubmissionUnreadable(
            say(
                "This is no ordinary file but a pipe, a device or a folder, so it was not read. "
                "Ask for the notebook itself."
            )
        )
    if status.st_size == 0:
        raise SubmissionUnreadable(
            say("The file is empty; the upload probably broke off. Ask for the notebook again.")
        )
    if status.st_size > SIZE_LIMIT_MB * _BYTES_PER_MB:
        raise SubmissionUnreadable(
            say(
                "The file has {size} MB; at most {limit} MB are read. "
                "Ask for the notebook with its outputs cleared.",
                size=round(status.st_size / _BYTES_PER_MB),
                limit=SIZE_LIMIT_MB,
            )
        )


def _explain(error: OSError) -> Message:
    if error.errno == errno.ELOOP:
        return say(
            "This is a link to another file, so it was not followed. Ask for the notebook itself."
        )
    if error.errno == errno.ENOENT:
        return say("There is no such file. Look at its name, and at the folder it should be in.")
    return say(
        "The file cannot be opened: {reason}. Check its permissions.",
        reason=error.strerror or type(error).__name__,
    )
