"""Whose everything is that lies in a folder or a zip, by the form that it came in.

The form is read off the uppermost names, which are the platform's or the instructor's; what a
student called a file, or put into it, decides about nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from grader.errors import SubmissionUnreadable, UsageError
from grader.intake.gradescope import EXPORT, METADATA, SUBMISSION, read_index
from grader.intake.nbgrader import SUBMITTED, TIMESTAMP, read_timestamp, way_below_submitted
from grader.intake.platforms import Told, recognise, with_login
from grader.language.messages import say

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from grader.intake.listing import Item, Listing
    from grader.language.messages import Message

    Read = Callable[[Item], bytes]

# What stands beside `submitted` in nbgrader's course, or beside hand-ins in one of ours.
_COURSE: Final = frozenset(
    {"source", "release", "autograded", "feedback", "exchange", "assignments", "solutions"}
)
_SEVERAL: Final = 2
_BEGINNING: Final = 2_000  # bytes of a note, which may hold all that a student typed in
# As GitHub Classroom calls the folder that it clones a class into.
_CLASSROOM: Final = ("-submissions", "submissions")


@dataclass(frozen=True, slots=True)
class Owned:
    """A file, whose it is, and the folder of an assignment that it lies in, if any.

    `drop_box` says that the folder is certainly that of the assignment.
    """

    item: Item
    told: Told
    assignment: str | None = None
    drop_box: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """What a folder or a zip was found to be; `platform` is whose download it is, if one's.

    `notes` are for whoever grades.
    """

    owned: tuple[Owned, ...]
    platform: str | None = None
    notes: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class _Level:
    """Files with their place below some folder of the listing."""

    items: Sequence[tuple[tuple[str, ...], Item]]
    name: str
    _tops: dict[str, bool] = field(default_factory=dict)

    @property
    def tops(self) -> Mapping[str, bool]:
        """The uppermost names, and whether each is a folder."""
        if not self._tops:
            for parts, item in self.items:
                self._tops[parts[0]] = len(parts) > 1 or item.is_folder
        return self._tops

    def below(self, name: str) -> _Level:
        """What lies in a folder of it."""
        inner = [(p[1:], item) for p, item in self.items if p[0] == name and len(p) > 1]
        return _Level(inner, name)


def layout_of(
    listing: Listing, read: Read, *, students: Collection[str] = (), lessons: Collection[str] = ()
) -> Layout:
    """Whose everything in a listing is.

    A lone folder called like one of `students` is that student's, whatever it looks like; folders
    called like `lessons` are no students. Raises UsageError for a platform's index that is damaged.
    """
    level = _Level([(item.parts, item) for item in listing.items], listing.path.name)
    return (
        nbgraders(listing, read)
        or _of_platform(level, read)
        or _of_course(level, read)
        or _in_one_folder(level, listing, read, students, lessons)
        or Layout(tuple(_plain(level)))
    )


def nbgraders(listing: Listing, read: Read) -> Layout | None:
    """Whose everything is in one of nbgrader's folders that was named by itself; None elsewhere."""
    way = None if listing.is_zip else way_below_submitted(listing.path)
    if way is None:
        return None
    below = [((*way, *item.parts), item) for item in listing.items]
    return Layout(tuple(_of_nbgrader(below, read)))


def _of_platform(level: _Level, read: Read) -> Layout | None:
    named = recognise(level.tops)
    told = _indexed(level, read) if named is None else _by_their_notes(named, level, read)
    if told is None:
        return None
    accounts = (one.known for own in told.values() for one in own if one.known is not None)
    platform = next((known.platform for known in accounts), "gradescope")
    strays = [
        (parts, _of_nobody(item) if SUBMISSION.match(parts[0]) and METADATA in told else item)
        for parts, item in level.items
        if parts[0] not in told
    ]
    owned = [Owned(item, one) for parts, item in level.items for one in told.get(parts[0], ())]
    return Layout((*owned, *_plain(_Level(strays, level.name))), platform)


def _of_nobody(item: Item) -> Item:
    problem = say(
        "{file} does not say whose folder this is. Export the submissions again.", file=METADATA
    )
    return replace(item, problem=item.problem or problem)


def _by_their_notes(
    told: Mapping[str, tuple[Told, ...]], level: _Level, read: Read
) -> dict[str, tuple[Told, ...]]:
    """The same, where Blackboard's own notes tell whole logins."""
    notes: dict[str | None, str] = {}
    for parts, item in level.items:
        for one in told.get(parts[0], ()):
            known = one.known
            if one.is_note and known is not None and known.platform == "blackboard":
                notes[known.account] = _beginning(item, read)
    return {
        name: tuple(
            with_login(one, notes.get(one.known.account, "")) if one.known is not None else one
            for one in own
        )
        for name, own in told.items()
    }


def _beginning(item: Item, read: Read) -> str:
    try:
        return read(item)[:_BEGINNING].decode("utf-8-sig", "replace")
    except SubmissionUnreadable:
        return ""


def _indexed(level: _Level, read: Read) -> dict[str, tuple[Told, ...]] | None:
    """What Gradescope's index says, which is believed at the top of an export only."""
    index = next((item for parts, item in level.items if parts == (METADATA,)), None)
    if index is None or not any(map(SUBMISSION.match, level.tops)):
        return None
    try:
        by_folder = read_index(read(index))
    except SubmissionUnreadable:
        return None
    named = {
        folder: told or (Told(folder),)
        for folder, told in by_folder.items()
        if level.tops.get(folder)
    }
    return {**named, METADATA: ()} if named else None


def _of_course(level: _Level, read: Read) -> Layout | None:
    if not level.tops.get(SUBMITTED):
        return None
    strays = [
        (parts, item)
        for parts, item in level.items
        if parts[0] not in _COURSE and parts[0] != SUBMITTED
        if len(parts) > 1 or may_be_work(item.name)
    ]
    beside = {
        parts[0]: Owned(_beside_submitted(parts, item), Told(parts[0])) for parts, item in strays
    }
    return Layout((*_of_nbgrader(level.below(SUBMITTED).items, read), *beside.values()))


def _beside_submitted(parts: tuple[str, ...], item: Item) -> Item:
    problem = say(
        "This lies beside the folder {folder}, in which hand-ins were looked for. If it was handed "
        "in, name it in the command, too.",
        folder=SUBMITTED,
    )
    above = len(parts) - 1
    path = item.path if item.raw else item.path.parents[above - 1] if above else item.path
    return replace(item, parts=parts[:1], path=path, raw="", is_folder=above > 0, problem=problem)


def _of_nbgrader(items: Iterable[tuple[tuple[str, ...], Item]], read: Read) -> Iterator[Owned]:
    items = list(items)
    times: dict[tuple[str, ...], datetime | None] = {
        tuple(parts[:2]): _time(item, read)
        for parts, item in items
        if len(parts) == 3 and parts[2] == TIMESTAMP
    }
    for parts, item in items:
        is_note = parts[2:] == (TIMESTAMP,)
        folders = parts if item.is_folder else parts[:-1]
        owner = folders[0] if folders else _called_after(item)
        if not is_note:
            yield Owned(
                item,
                Told(owner, handed_in_at=times.get(tuple(parts[:2]))),
                folders[1] if len(folders) > 1 else None,
                drop_box=True,
            )


def _time(item: Item, read: Read) -> datetime | None:
    try:
        return read_timestamp(read(item))
    except SubmissionUnreadable:
        return None


def _in_one_folder(
    level: _Level,
    listing: Listing,
    read: Read,
    students: Collection[str],
    lessons: Collection[str],
) -> Layout | None:
    """What lies in the only folder there is, where that is the class's and no student's."""
    folders = [name for name, is_folder in level.tops.items() if is_folder]
    loose = [name for name in level.tops if name not in folders]
    if not folders or any(map(may_be_work, loose)):
        return None
    if len(folders) > 1:
        classrooms = all(name.casefold().endswith(_CLASSROOM) for name in folders)
        inner = (one for name in folders for one in _plain(level.below(name)))
        return Layout(tuple(inner), notes=_passed_over(loose)) if classrooms else None
    name = folders[0]
    layout = _of_class(level.below(name), listing, read, lessons) if name not in students else None
    if layout is None:
        return None
    called_so = name.casefold().endswith(_CLASSROOM) or _is_called_like(name, listing)
    taken = () if called_so else (_taken_for_class(name, listing),)
    return replace(layout, notes=(*taken, *layout.notes, *_passed_over(loose)))


def _of_class(
    inner: _Level, listing: Listing, read: Read, lessons: Collection[str]
) -> Layout | None:
    """What lies in a lone folder, where it looks like that of a class."""
    if not inner.items:
        return None
    if METADATA in inner.tops and any(map(SUBMISSION.match, inner.tops)):
        _require_export(inner.name, listing)
    found = _of_platform(inner, read) if listing.is_zip or EXPORT.match(inner.name) else None
    if found is None:
        found = _of_course(inner, read)
    if found is not None:
        return found
    if inner.name.casefold().endswith(_CLASSROOM) or _is_called_like(inner.name, listing):
        return Layout(tuple(_plain(inner)))
    if not listing.is_zip:
        return None  # whoever grades can name the folder itself
    filled = {parts[0] for parts, item in inner.items if len(parts) > 1 and is_notebook(item.name)}
    if len(filled) < _SEVERAL or any(map(may_be_work, inner.tops)) or filled <= set(lessons):
        return None
    return Layout(tuple(_plain(inner)))


def _is_called_like(folder: str, listing: Listing) -> bool:
    """Whether a folder is called like the zip that holds it, but for what downloads add."""
    return listing.is_zip and listing.path.stem.startswith(folder)


def _taken_for_class(folder: str, listing: Listing) -> Message:
    return say(
        "All of {path} lies in one folder, {folder}: it was taken for the class's, and "
        "the folders in it for the students'.",
        path=listing.path.name,
        folder=folder,
    )


def _passed_over(names: Sequence[str]) -> tuple[Message, ...]:
    if not names:
        return ()
    note = say(
        "Beside the folder of the class, and not looked at: {files}.", files=", ".join(names)
    )
    return (note,)


def _require_export(folder: str, listing: Listing) -> None:
    """Raise UsageError where a lone folder with an index may be a student's who wrote it."""
    if EXPORT.match(folder) or _is_called_like(folder, listing):
        return
    raise UsageError(
        say(
            "{folder} in {path} holds a {file}, but is not called as Gradescope calls its exports "
            "(assignment_1_export): anyone could have written it. Export the submissions again, "
            "or unpack {path} and grade {folder} itself.",
            folder=folder,
            path=listing.path.name,
            file=METADATA,
        )
    )


def plain(items: Iterable[Item]) -> Iterator[Owned]:
    """Whose each file is where the uppermost folder, or the file's own name, is the student's."""
    return _plain(_Level([(item.parts, item) for item in items], ""))


def _plain(level: _Level) -> Iterator[Owned]:
    for parts, item in level.items:
        folders = parts if item.is_folder else parts[:-1]
        owner = folders[0] if folders else _called_after(item)
        yield Owned(item, Told(owner), folders[1] if len(folders) > 1 else None)


def _called_after(item: Item) -> str:
    """The student that a file is called after: its name up to .ipynb, or up to its ending."""
    name = item.name
    place = name.casefold().find(".ipynb")
    return name[:place] if place > 0 else name.rpartition(".")[0] or name


def is_notebook(name: str) -> bool:
    """Whether a file is called like a notebook."""
    return name.casefold().endswith(".ipynb")


def may_be_work(name: str) -> bool:
    """Whether a file among those of a class is called like what a student hands in."""
    return ".ipynb" in name.casefold() or name.casefold().endswith(".zip")
