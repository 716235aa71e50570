"""The other names of a folder, where a machine shows one in several places (bind mounts)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE: Final = Path("/proc/self/mountinfo")
ESCAPED: Final = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Mount:
    """A place where a folder of a file system (`root`) is shown."""

    device: str
    root: Path
    place: Path


def other_names(folder: Path) -> frozenset[Path]:
    """Where else a folder can be found, or a part of it."""
    mounts = tuple(_mounts())
    # Of several at one place, the last one is in sight.
    over = [each for each in mounts if folder.is_relative_to(each.place)]
    if not over:
        return frozenset()
    own = max(reversed(over), key=lambda each: len(each.place.parts))
    inside = own.root / folder.relative_to(own.place)
    names = {
        each.place / inside.relative_to(each.root)
        if inside.is_relative_to(each.root)
        else each.place
        for each in mounts
        if each.device == own.device
        and (inside.is_relative_to(each.root) or each.root.is_relative_to(inside))
    }
    return frozenset(name for name in names if not name.is_relative_to(folder))


def _mounts() -> Iterator[Mount]:
    try:
        table = TABLE.read_text("utf-8", "surrogateescape")
    except OSError:
        return  # no Linux
    for line in table.splitlines():
        _, _, device, root, place, *_ = line.split(" ")
        yield Mount(device, Path(_plain(root)), Path(_plain(place)))


def _plain(name: str) -> str:
    return ESCAPED.sub(lambda found: chr(int(found[1], 8)), name)
