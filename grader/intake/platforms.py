"""How learning platforms name the files that students handed in.

Canvas: lib/content_zipper.rb of instructure/canvas-lms; Moodle: mod/assign/classes/downloader.php;
Blackboard: as nbgrader's zip collector takes it; Gradescope: its export's submission_metadata.yml.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from grader.intake.candidate import Known

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Told:
    """What a file's name tells: whose it is, when it came, which attempt it is."""

    name: str
    owner: str
    known: Known
    handed_in_at: datetime | None = None
    attempt: int | None = None
    marked_late: bool = False


# A display name may hold underscores and digits of its own: the first two numbers count.
_CANVAS: Final = re.compile(
    r"^(?P<name>.*?)(?:_(?P<late>LATE))?_(?P<user>\d+)_(?P<attachment>\d+)_(?P<file>.+)$"
)
_CANVAS_ANONYMOUS: Final = re.compile(
    r"^(?:(?P<late>LATE)_)?anon_(?P<user>[A-Za-z0-9]+)_(?P<attachment>\d+)_(?P<file>.+)$"
)
_MOODLE: Final = re.compile(
    r"^(?P<name>[^_/]+)_(?P<participant>\d+)_assignsubmission_(?P<plugin>[a-z]+)_?(?P<file>.*)$"
)
_BLACKBOARD: Final = re.compile(
    r"^(?P<assignment>.+)_(?P<user>[^_]+)_(?:attempt|poging|尝试)_"
    r"(?P<time>\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d)(?:_(?P<file>.+)|\.txt)$"
)


def recognise(names: Sequence[str], *, all_of_them: bool = False) -> tuple[Told, ...] | None:
    """What the names of a download's files tell; None if no platform gave them such names.

    Only if every notebook's name fits (or every name, with `all_of_them` or without notebooks) is a
    platform recognised: a student may be called like anything.
    """
    notebooks = [name for name in names if name.casefold().endswith(".ipynb")]
    for tells in (_blackboard, _moodle, _canvas):
        decisive = names if all_of_them or not notebooks else notebooks
        if names and all(tells(name) is not None for name in decisive):
            return _told_apart([told for name in names if (told := tells(name)) is not None])
    return None


def _canvas(name: str) -> Told | None:
    last = PurePosixPath(name).name
    if (match := _CANVAS_ANONYMOUS.match(last)) is not None:
        owner, known = f"anon_{match['user']}", Known("canvas", match["user"])
    elif (match := _CANVAS.match(last)) is not None:
        owner = match["name"]
        known = Known("canvas", match["user"], name=match["name"])
    else:
        return None
    # Each upload gets a larger number than those before.
    attempt = int(match["attachment"])
    return Told(name, owner, known, attempt=attempt, marked_late=match["late"] is not None)


def _moodle(name: str) -> Told | None:
    # The folder of a whole download may lie around those of the students.
    for part in PurePosixPath(name).parts:
        if (match := _MOODLE.match(part)) is not None:
            known = Known("moodle", match["participant"], name=match["name"])
            return Told(name, match["name"], known)
    return None


def _blackboard(name: str) -> Told | None:
    match = _BLACKBOARD.match(PurePosixPath(name).name)
    if match is None:
        return None
    # Without a zone: that of the machine which the download was made on is the best guess.
    moment = datetime.strptime(match["time"], "%Y-%m-%d-%H-%M-%S").astimezone()
    known = Known("blackboard", match["user"], login=match["user"])
    return Told(name, match["user"], known, handed_in_at=moment)


def _told_apart(found: Sequence[Told]) -> tuple[Told, ...]:
    """Two students of one name are called by their numbers, too."""
    accounts = {(one.owner, one.known.account) for one in found}
    names = Counter(owner for owner, _ in accounts)
    return tuple(
        replace(one, owner=f"{one.owner} ({one.known.account})") if names[one.owner] > 1 else one
        for one in found
    )
