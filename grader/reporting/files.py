"""Writes files so that a reader sees the old one or the whole new one, never half of it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_whole(path: Path, text: str, encoding: str = "utf-8") -> Path:
    """Write `text` to `path` through a temporary file next to it, creating folders as needed."""
    return write_bytes(path, text.encode(encoding))


def write_bytes(path: Path, content: bytes) -> Path:
    """The same for bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path
