"""Everything that lies in a folder or a zip of hand-ins, by name, and how to read it.

A folder and a zip are listed alike, so that what is handed in means the same in both.
"""

from __future__ import annotations

import os
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grader.errors import SubmissionUnreadable, UsageError
from grader.intake.archives import Archive, Member, is_clutter
from grader.intake.candidate import readable
from grader.messages import say
from grader.submission import read_file

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from grader.messages import Message

# No platform and no student's project nests deeper; a folder that does is listed, not entered.
DEEPEST: Final = 20
# A class of a thousand with a hundred files each. The list of so many takes some 100 MB.
MOST_FILES: Final = 100_000


@dataclass(frozen=True, slots=True)
class Item:
    """A file, or a folder that has to be spoken of; `parts` are the names on the way to it.

    `is_link` says that it is neither: a link, a pipe, a device. `problem` is why it cannot be
    opened, where that is known already. `raw` is what the zip calls
    it; outside a zip it is empty.
    """

    parts: tuple[str, ...]
    path: Path
    raw: str = ""
    is_folder: bool = False
    is_link: bool = False
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
    filled = {
        member.parts[:depth]
        for member in members
        if not member.is_folder
        for depth in range(1, len(member.parts))
    }
    items = {
        member.parts: _item(path, member, times[member.name])
        for member in members
        if not member.is_folder or member.parts not in filled
    }
    return Listing(path, is_zip=True, items=_without_clutter(items.values()))


def _item(path: Path, member: Member, times: int) -> Item:
    item = Item(member.parts, path, member.raw, is_folder=member.is_folder)
    if member.is_folder:
        return replace(item, problem=empty_folder())
    if times > 1:
        return replace(
            item,
            problem=say(
                "The zip holds {count} files of this name, so nobody can tell which one is meant. "
                "Ask for the notebook again.",
                count=times,
            ),
        )
    return item


def _without_clutter(items: Collection[Item]) -> tuple[Item, ...]:
    """The items that somebody meant to hand in; a folder of nothing else is an empty one."""
    kept = {item.parts: item for item in items if not any(map(is_clutter, item.parts))}
    filled = {parts[:depth] for parts in kept for depth in range(1, len(parts) + 1)}
    for item in items:
        depth = next((n for n, part in enumerate(item.parts) if is_clutter(part)), 0)
        folder = item.parts[:depth]
        if folder and folder not in filled:
            kept[folder] = Item(folder, item.path, is_folder=True, problem=only_leavings())
    return tuple(kept[parts] for parts in sorted(kept))


def _unpacked(path: Path, apart: Collection[Path]) -> Listing:
    left_out = frozenset(os.path.abspath(one) for one in apart)  # noqa: PTH100 - links stay
    items: list[Item] = []
    for item in _walk(path, (), left_out):
        items.append(item)
        if len(items) > MOST_FILES:
            raise UsageError(
                say(
                    "{path} holds more than {limit} files. Grade the folders in it one by one.",
                    path=readable(str(path)),
                    limit=MOST_FILES,
                )
            )
    return Listing(path, is_zip=False, items=tuple(items))


def _walk(folder: Path, way: tuple[str, ...], apart: frozenset[str]) -> Iterator[Item]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield _closed(folder, way, error)
        return
    found = False
    for entry in entries:
        name = readable(entry.name)
        if is_clutter(name) or os.path.abspath(entry.path) in apart:  # noqa: PTH100
            continue
        found = True
        if not entry.is_dir(follow_symlinks=False):
            is_link = not entry.is_file(follow_symlinks=False)
            yield Item((*way, name), Path(entry.path), is_link=is_link)
        elif len(way) + 1 >= DEEPEST:
            yield Item((*way, name), Path(entry.path), is_folder=True, problem=_too_deep())
        else:
            yield from _walk(Path(entry.path), (*way, name), apart)
    if not found and way:
        reason = only_leavings() if entries else empty_folder()
        yield Item(way, folder, is_folder=True, problem=reason)


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


def _too_deep() -> Message:
    return say(
        "This folder lies more than {limit} folders deep and was not entered. Ask for the "
        "notebook by itself.",
        limit=DEEPEST,
    )
