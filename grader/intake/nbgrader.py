"""nbgrader's folders: `submitted/<student>/<assignment>/`, with the time of each hand-in."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

SUBMITTED: Final = "submitted"
TIMESTAMP: Final = "timestamp.txt"
_DEPTH: Final = 3  # student / assignment / notebook


def way_below_submitted(path: Path) -> tuple[str, ...] | None:
    """The folders between nbgrader's `submitted` and a path that somebody named; None elsewhere."""
    parts = Path(os.path.abspath(path)).parts  # noqa: PTH100 - resolve() would follow links
    nearby = parts[-_DEPTH - 1 :] if path.is_dir() else parts[-_DEPTH - 1 : -1]
    if SUBMITTED not in nearby:
        return None
    return nearby[nearby.index(SUBMITTED) + 1 :]


def read_timestamp(content: bytes) -> datetime | None:
    """When nbgrader received a notebook: in UTC, unless the file says otherwise."""
    try:
        text = content[:100].decode("utf-8-sig")
        moment = datetime.fromisoformat(text.strip().removesuffix(" UTC").replace(" UTC", ""))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
