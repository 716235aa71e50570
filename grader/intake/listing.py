"""Everything that lies in a folder or a zip of hand-ins, by name, and how to read it.

A folder and a zip are listed alike, so that what is handed in means the same in both.
"""

from __future__ import annotations

import os
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grader.errors import SubmissionUnreadable
from grader.intake.archives import Archive, Member, holds_clutter, is_clutter
from grader.intake.candidate import readable
from grader.language.messages import say
from grader.submission import read_file

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from grader.language.messages import Message

# No platform and no student's project nests deeper; a folder that does is listed, not entered.
DEEPEST: Final = 20
# The list of so many takes some 600 MB.
MOST_FILES: Final = 1_000_000
# How folders are called that hold those of students.
WRAPPINGS: Final = ("submissions", "submitted", "_export")
# Of one student; a data set of pictures is listed in part, behind the notebook.
MOST_OF_ONE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Item:
    """A file, or a folder that has to be spoken of; `parts` are the names on the way to it.

    `is_empty` says of a folder that nothing was handed in in it; `is_link` of a link, a pipe or a
    device. `problem` is why it cannot be opened, where that is known already. `raw` is what the zip
    calls it; outside a zip it is empty.
    """

    parts: tuple[str, ...]
    path: Path
    raw: str = ""
    is_folder: bool = False
    is_link: bool = False
    is_empty: bool = False
    problem: Message | None = None

    @property
    def is_file(self) -> bool:
        """Whether it is an ordinary file."""
        return not self.is_folder and not self.is_link

    @property
    def name(self) -> str:
        """Its own name, without the way to it."""
        return self.parts[-1]

    @property
    def shown(self) -> str:
        """Its name with the way to it."""
        return "/".join(self.parts)


@dataclass(frozen=True, slots=True)
class Listing:
    """What lies in a folder or a zip."""

    path: Path
    is_zip: bool
    items: tuple[Item, ...]

    @contextmanager
    def opened(self) -> Iterator[Callable[[Item], bytes]]:
        """What gives the bytes of its files, within bounds, or raises SubmissionUnreadable."""
        with ExitStack() as stack:
            archive = stack.enter_context(Archive(self.path)) if self.is_zip else None

            def read(item: Item) -> bytes:
                if item.problem is not None:
                    raise SubmissionUnreadable(item.problem)
                return archive.read(item.raw) if archive is not None else read_file(item.path)

            yield read


def listing_of(path: Path, apart: Collection[Path] = ()) -> Listing:
    """What lies at `path`, a folder or a zip, without what is `apart`; raises UsageError."""
    return _packed(path) if not path.is_dir() else _unpacked(path, apart)


def _packed(path: Path) -> Listing:
    with Archive(path) as archive:
        members = archive.members(MOST_FILES)
    times = Counter(member.name for member in members if not member.is_folder)
    items: dict[tuple[str, ...], Item] = {}
    for member in members:
        item = _item(path, member, times[member.name])
        known = items.get(item.parts)
        if not item.parts:
            continue
        if known is None or known.is_empty:
            items[item.parts] = item
    filled = {
        parts[:depth]
        for parts, item in items.items()
        if not item.is_empty
        for depth in range(1, len(parts))
    }
    kept = [item for parts, item in items.items() if not (item.is_empty and parts in filled)]
    tops = {item.parts[0] for item in kept}
    in_order = sorted(kept, key=_by_place)
    return Listing(path, is_zip=True, items=tuple(_within_bounds(in_order, tops)))


def _item(path: Path, member: Member, times: int) -> Item:
    parts = member.parts
    clutter = holds_clutter(parts, is_folder=member.is_folder)
    if clutter is not None:
        # What is left of it is a folder that nothing else may lie in.
        return Item(parts[:clutter], path, is_folder=True, is_empty=True, problem=only_leavings())
    if len(parts) > DEEPEST:
        return Item(parts[:DEEPEST], path, is_folder=True, problem=_too_deep())
    if member.is_folder:
        return Item(parts, path, is_folder=True, is_empty=True, problem=empty_folder())
    problem = say(
        "The zip holds {count} files of this name, so nobody can tell which one is meant. "
        "Ask for the notebook again.",
        count=times,
    )
    return Item(parts, path, member.raw, problem=problem if times > 1 else None)


def _unpacked(path: Path, apart: Collection[Path]) -> Listing:
    left_out = frozenset(os.path.abspath(one) for one in apart)  # noqa: PTH100 - links stay
    tops = [entry for entry in _entries(path) if not is_clutter(entry, is_folder=True)]
    return Listing(path, is_zip=False, items=tuple(_within_bounds(_walk(path, (), left_out), tops)))


def _entries(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - names, not paths
    except OSError:
        return []


def _within_bounds(items: Iterable[Item], tops: Collection[str]) -> Iterator[Item]:
    """The items, but not too many of one student; those that lie flat come first.

    Who hands in a hundred thousand files hands in no more than is looked at, and holds up nobody.
    """
    count: Counter[tuple[str, ...]] = Counter()
    for item in items:
        holds_students = len(tops) == 1 or item.parts[0].casefold().endswith(WRAPPINGS)
        own = item.parts[: 2 if holds_students else 1]
        if len(item.parts) > len(own):
            count[own] += 1
        if count[own] <= MOST_OF_ONE:
            yield item
        elif count[own] == MOST_OF_ONE + 1:
            yield Item((*own, "…"), item.path, is_folder=True, problem=_too_many())


def _by_place(item: Item) -> tuple[int, tuple[str, ...]]:
    return len(item.parts), item.parts


def _walk(folder: Path, way: tuple[str, ...], apart: frozenset[str]) -> Iterator[Item]:
    """What lies in a folder, its files before its folders."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield _closed(folder, way, error)
        return
    inner = []
    found = False
    for entry in entries:
        name, is_folder = readable(entry.name), entry.is_dir(follow_symlinks=False)
        if is_clutter(name, is_folder=is_folder) or os.path.abspath(entry.path) in apart:  # noqa: PTH100
            continue
        found = True
        if is_folder:
            inner.append((Path(entry.path), (*way, name)))
        else:
            is_link = not entry.is_file(follow_symlinks=False)
            yield Item((*way, name), Path(entry.path), is_link=is_link)
    for place, parts in inner:
        if len(parts) >= DEEPEST:
            yield Item(parts, place, is_folder=True, problem=_too_deep())
        else:
            yield from _walk(place, parts, apart)
    if not found and way:
        reason = only_leavings() if entries else empty_folder()
        yield Item(way, folder, is_folder=True, is_empty=True, problem=reason)


def _closed(folder: Path, way: tuple[str, ...], error: OSError) -> Item:
    reason = say(
        "The folder cannot be opened: {reason}. Check its permissions.",
        reason=error.strerror or type(error).__name__,
    )
    return Item(way or (readable(folder.name),), folder, is_folder=True, problem=reason)


def empty_folder() -> Message:
    """Why an empty folder has no mark."""
    return say("The folder is empty: nothing was handed in. Ask for the notebook.")


def only_leavings() -> Message:
    """Why a folder has no mark that holds nothing but what programs leave behind."""
    return say(
        "The folder holds only hidden files that programs leave behind: nothing was handed in. Ask "
        "for the notebook."
    )


def _too_many() -> Message:
    return say(
        "There are more than {limit} files in this folder; no more were looked at. Ask for the "
        "notebook by itself.",
        limit=MOST_OF_ONE,
    )


def _too_deep() -> Message:
    return say(
        "This folder lies more than {limit} folders deep and was not entered. Ask for the "
        "notebook by itself.",
        limit=DEEPEST,
    )
