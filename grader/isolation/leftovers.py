"""Tells the folders of graders that live from those of killed ones, and removes the latter.

A grader keeps a lock on each of its folders. The lock goes with the process, however that ends.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX: Final = "grader-kernel-"
# A folder is made a moment before it is held.
YOUNG_S: Final = 60.0


def hold(folder: Path) -> int | None:
    """Keep a folder from being taken for left behind, until the descriptor is closed.

    None where it is held already, or cannot be; there nothing is removed either.
    """
    if os.name != "posix":
        return None
    import fcntl

    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
        else:
            return descriptor
    return None


def delete(folder: Path) -> None:
    """Remove a folder with all that a student's code has made of it."""
    with suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
    if folder.exists() and os.name == "posix":
        # Locked, or nested deeper than Python can follow: a student's code can do both.
        subprocess.run(["chmod", "-R", "u+rwX", folder], check=False, stderr=subprocess.DEVNULL)
        subprocess.run(["rm", "-rf", folder], check=False, stderr=subprocess.DEVNULL)


def delete_leftovers() -> None:
    """Remove the folders that killed graders of this user have left behind."""
    for folder in _old_folders():
        descriptor = hold(folder)
        if descriptor is not None:
            delete(folder)
            os.close(descriptor)


def _old_folders() -> Iterator[Path]:
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            found = folder.lstat()
            if time.time() - found.st_mtime > YOUNG_S and found.st_uid == os.geteuid():
                yield folder
