"""How learning platforms name what students handed in.

Canvas: lib/content_zipper.rb of instructure/canvas-lms; Moodle: mod/assign/classes/downloader.php;
Blackboard: as nbgrader's zip collector takes it.

Only the uppermost names of a download are the platform's: everything below them, and the end of a
file's name, was chosen by a student.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from grader.intake.candidate import Known

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Told:
    """What a platform says about a hand-in: whose it is, when it came, which attempt it is.

    `is_note` marks what the platform wrote itself: it is not a file that a student handed in.
    """

    owner: str
    known: Known | None = None
    handed_in_at: datetime | None = None
    attempt: int | None = None
    marked_late: bool = False
    is_note: bool = False


BLACKBOARD: Final = "blackboard"
CANVAS: Final = "canvas"
GRADESCOPE: Final = "gradescope"
MOODLE: Final = "moodle"

# The first two numbers are Canvas's: a name of its making has no underscore, the file's name may.
_CANVAS: Final = re.compile(
    r"^(?P<name>.*?)(?:_(?P<late>LATE))?_(?P<user>\d+)_(?P<attachment>\d+)_(?P<file>.+)$", re.DOTALL
)
# A link or a text that was typed in has one number.
_CANVAS_ENTRY: Final = re.compile(
    r"^(?P<name>.*?)(?:_(?P<late>LATE))?_(?P<user>\d+)_(?:link|text)\.html$", re.DOTALL
)
_CANVAS_ANONYMOUS: Final = re.compile(
    r"^(?:(?P<late>LATE)_)?anon_(?P<user>[A-Za-z0-9]+)_(?P<attachment>\d+)_(?P<file>.+)$", re.DOTALL
)
# The folder of a student is named by Moodle alone, so the last number counts: a name may contain
# others.
_MOODLE_FOLDER: Final = re.compile(
    r"^(?P<name>.+)_(?P<participant>\d+)_assignsubmission_(?P<plugin>[a-z]+)_?$", re.DOTALL
)
# A flat file ends in the student's own name for it, so the first number counts.
_MOODLE_FILE: Final = re.compile(
    r"^(?P<name>.+?)_(?P<participant>\d+)_assignsubmission_(?P<plugin>[a-z]+)_(?P<file>.+)$",
    re.DOTALL,
)
_BLACKBOARD: Final = re.compile(
    r"^(?P<assignment>.+?)_(?P<user>[^_]+)_(?:attempt|poging|尝试)_"
    r"(?P<time>\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d)(?:_(?P<file>.+)|\.txt)$",
    re.DOTALL,
)


_LOGIN: Final = re.compile(r"[^\n(]*\((?P<login>[^()\s]{1,200})\)")


def recognise(tops: Mapping[str, bool]) -> dict[str, tuple[Told, ...]] | None:
    """What the top-level names of a download say; None if no platform gave them such names.

    `tops` says for each name whether it is a folder. A name belongs to the platform whose words
    come first in it: what follows may have been chosen by a student. What Moodle and Blackboard
    write is unmistakable, so one such name is enough. Canvas is recognised by most names, and by
    numbers that it never gives twice: a student may have any name. A name that is not the
    platform's has no entry.
    """
    possible = dict(PLATFORMS)
    while True:
        read = {name: _read(name, is_folder, possible) for name, is_folder in tops.items()}
        by_platform: dict[str, dict[str, tuple[Told, ...]]] = {}
        for name, told in read.items():
            if told is not None and told.known is not None:
                by_platform.setdefault(told.known.platform, {})[name] = (told,)
        if not by_platform:
            return None
        found = max(by_platform, key=lambda platform: len(by_platform[platform]))
        told_by_it = by_platform[found]
        if possible[found].is_sure([one for (one,) in told_by_it.values()], len(tops)):
            return told_apart(told_by_it)
        del possible[found]


def _read(name: str, is_folder: bool, platforms: Mapping[str, Platform]) -> Told | None:
    """What a name says, by the platform whose words come first in it."""
    found = [
        read
        for platform in platforms.values()
        if (read := platform.tells(name, is_folder)) is not None
    ]
    return min(found, key=lambda read: read[0])[1] if found else None


def _canvas(name: str, is_folder: bool) -> tuple[int, Told] | None:
    if (match := _CANVAS_ANONYMOUS.match(name)) is not None:
        owner, known = f"anon_{match['user']}", Known(CANVAS, match["user"])
    elif match := _CANVAS.match(name) or (None if is_folder else _CANVAS_ENTRY.match(name)):
        owner = match["name"]
        known = Known(CANVAS, match["user"], name=match["name"])
    else:
        return None
    late = match["late"] is not None
    number = match.groupdict().get("attachment")
    # Each upload gets a larger number than those before.
    # A link or a text was typed in; a file has a number.
    is_note = number is None
    attempt = int(number) if number else None
    told = Told(owner, known, attempt=attempt, marked_late=late, is_note=is_note)
    return match.start("user"), told


def _moodle(name: str, is_folder: bool) -> tuple[int, Told] | None:
    whole = _MOODLE_FOLDER.match(name) if is_folder else None
    match = whole or _MOODLE_FILE.match(name)
    if match is None:
        return None
    known = Known(MOODLE, match["participant"], name=match["name"])
    told = Told(match["name"], known, is_note=match["plugin"] == "onlinetext")
    # Only Moodle creates folders with such names.
    return 0 if whole else match.start("participant"), told


def _blackboard(name: str, _is_folder: bool) -> tuple[int, Told] | None:
    match = _BLACKBOARD.match(name)
    if match is None:
        return None
    try:
        # Without a zone: that of the machine on which the download was made is the best guess.
        moment = datetime.strptime(match["time"], "%Y-%m-%d-%H-%M-%S").astimezone()
    except (ValueError, OverflowError):
        return None
    # A login may contain an underscore, which cannot be seen in the name: the whole of it tells two
    # students apart.
    known = Known(BLACKBOARD, f"{match['assignment']}_{match['user']}", login=match["user"])
    told = Told(match["user"], known, handed_in_at=moment, is_note=match["file"] is None)
    return match.start("user"), told


def _is_canvas(told: Sequence[Told], of: int) -> bool:
    """Whether most names are Canvas's, each numbered anew, and each user has one name."""
    numbers = [one.attempt for one in told if one.attempt is not None]
    names = {(one.known.account, one.owner) for one in told if one.known is not None}
    accounts = {account for account, _ in names}
    return 2 * len(told) > of and len(set(numbers)) == len(numbers) and len(names) == len(accounts)


def _nothing(_name: str, _is_folder: bool) -> None:
    """Gradescope's index tells all; a name in its export says nothing."""


def _one_is_enough(_told: Sequence[Told], _of: int) -> bool:
    return True


def _with_login(told: Told, note: str) -> Told:
    """A hand-in to Blackboard by the login that the note beside it tells: `Name: Anna Doe (a_doe)`.

    Unchanged if the note has no login that the file's own name ends in.
    """
    known = told.known
    match = _LOGIN.match(note)
    if known is None or known.account is None or match is None:
        return told
    login = match["login"]
    if not known.account.endswith(f"_{login}"):
        return told
    return replace(told, owner=login, known=replace(known, login=login))


@dataclass(frozen=True, slots=True)
class Platform:
    """How one platform names what was handed in.

    `tells` reads an uppermost name: where the platform's own words are in it, and what it tells.
    `is_sure` says whether names that look like the platform's, of so many, are. `by_note` adds what
    a note of the platform's tells of the hand-in beside it. `of_one_assignment`: what it calls a
    student holds for one assignment only.
    """

    name: str
    tells: Callable[[str, bool], tuple[int, Told] | None]
    is_sure: Callable[[Sequence[Told], int], bool] = _one_is_enough
    by_note: Callable[[Told, str], Told] | None = None
    of_one_assignment: bool = False


_ENTRIES: Final = (
    # Its names begin with the assignment's.
    Platform(BLACKBOARD, _blackboard, by_note=_with_login, of_one_assignment=True),
    # It numbers its participants anew for each assignment.
    Platform(MOODLE, _moodle, of_one_assignment=True),
    Platform(CANVAS, _canvas, is_sure=_is_canvas),
    Platform(GRADESCOPE, _nothing),
)
PLATFORMS: Final = {entry.name: entry for entry in _ENTRIES}


def told_apart(found: Mapping[str, Sequence[Told]]) -> dict[str, tuple[Told, ...]]:
    """Two students with the same name get their numbers added."""
    everyone = [one for told in found.values() for one in told]
    accounts = {(one.owner, one.known and one.known.account) for one in everyone}
    names = Counter(owner for owner, _ in accounts)
    return {
        place: tuple(
            replace(one, owner=f"{one.owner} ({one.known.account})")
            if one.known is not None and names[one.owner] > 1
            else one
            for one in told
        )
        for place, told in found.items()
    }
