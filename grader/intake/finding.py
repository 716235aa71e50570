"""From the paths that somebody named to candidates: every file is one, or beside one."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from grader.errors import SubmissionUnreadable, UsageError
from grader.intake.candidate import Candidate, readable
from grader.intake.layout import (
    Layout,
    Owned,
    is_notebook,
    layout_of,
    may_be_work,
    nbgraders,
    plain,
)
from grader.intake.listing import Item, Listing, listing_of
from grader.intake.nbgrader import TIMESTAMP, way_below_submitted
from grader.language.messages import say
from grader.submission import looks_like_notebook

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from pathlib import Path

    from grader.language.messages import Message

# So many of a student's other files are spoken of one by one, and so many notebooks graded.
_MOST_NAMED: Final = 20
_MOST_NOTEBOOKS: Final = 50


@dataclass(frozen=True, slots=True)
class HandIns:
    """What was handed in; `notes` say how it was understood, where that is not plain."""

    candidates: tuple[Candidate, ...]
    notes: tuple[Message, ...] = ()


def find_candidates(paths: Sequence[Path]) -> tuple[Candidate, ...]:
    """The candidates under `paths`, as `find_hand_ins` finds them."""
    return find_hand_ins(paths).candidates


def find_hand_ins(
    paths: Sequence[Path],
    *,
    students: Collection[str] = (),
    lessons: Collection[str] = (),
    apart: Collection[Path] = (),
) -> HandIns:
    """What was handed in under `paths`, by student; raises UsageError where there is nothing.

    A path is a notebook, a folder of `<student>.ipynb`, `<student>/*.ipynb` or
    `submitted/<student>/<assignment>/*.ipynb`, or a learning platform's zip, or such a zip
    unpacked. Each file is a candidate or beside one: what cannot be opened (a link, a locked or
    empty folder, a picture) is a candidate whose reading says why. `students` and `lessons` are
    those that are known, and `apart` what lies in a folder without being handed in.
    """
    found: dict[tuple[str, str | None, str], Candidate] = {}
    notes: list[Message] = []
    left_out: list[str] = []
    for path in paths:
        try:
            taken = _taken(path, students, lessons, apart)
        except UsageError as error:
            if len(paths) == 1 or not os.path.lexists(path):
                raise
            taken = _Taken(Layout(()), (Candidate(path.stem, path, problem=error.message),))
        notes += taken.layout.notes
        left_out += taken.left_out
        for candidate in taken.candidates:
            place = os.path.abspath(candidate.path)  # noqa: PTH100 - links stay
            found.setdefault((place, candidate.member, candidate.student), candidate)
    if not found:
        raise UsageError(_nothing(paths, left_out))
    in_order = sorted(found.values(), key=lambda c: (c.student, c.assignment or "", c.shown))
    return HandIns(tuple(in_order), tuple(notes))


@dataclass(frozen=True, slots=True)
class _Taken:
    """What one path gave; `left_out` are the names of files that are like no hand-in."""

    layout: Layout
    candidates: tuple[Candidate, ...]
    left_out: tuple[str, ...] = ()


def _taken(
    path: Path, students: Collection[str], lessons: Collection[str], apart: Collection[Path]
) -> _Taken:
    if not os.path.lexists(path):
        raise UsageError(say("{path} does not exist.", path=readable(str(path))))
    if not path.is_dir() and path.suffix.casefold() != ".zip":
        return _single(path, lessons)
    listing = listing_of(path, apart)
    with listing.opened() as read:
        layout = layout_of(listing, read, students=students, lessons=lessons)
        if _is_like_no_hand_in(layout) and not any(
            _holds_notebook(one.item, read) for one in layout.owned
        ):
            return _Taken(layout, (), tuple(one.item.shown for one in layout.owned))
        candidates = _candidates(layout.owned, listing, read, lessons)
        if layout.platform is not None:
            candidates = (replace(one, download=path) for one in candidates)
        return _Taken(layout, tuple(candidates))


def _is_like_no_hand_in(layout: Layout) -> bool:
    """Whether there are but some files, none of them in a student's folder, and none like work."""
    return layout.platform is None and not any(
        len(one.item.parts) > 1 or not one.item.is_file or may_be_work(one.item.name)
        for one in layout.owned
    )


def _single(path: Path, lessons: Collection[str]) -> _Taken:
    """A file that somebody named, notebook or not: it was meant to be graded."""
    places = [path, path.with_name(TIMESTAMP)] if way_below_submitted(path) else [path]
    items = tuple(Item((readable(place.name),), place) for place in places)
    listing = Listing(path.parent, is_zip=False, items=items)
    with listing.opened() as read:
        if not is_notebook(path.name) and not _holds_notebook(items[0], read):
            raise UsageError(
                say(
                    "{path} is neither a notebook (.ipynb) nor a zip of them.",
                    path=readable(str(path)),
                )
            )
        layout = nbgraders(listing, read) or Layout(tuple(plain(items)))
        return _Taken(layout, tuple(_candidates(layout.owned, listing, read, lessons)))


def _candidates(
    owned: Sequence[Owned],
    listing: Listing,
    read: Callable[[Item], bytes],
    lessons: Collection[str],
) -> Iterator[Candidate]:
    """The notebooks of each student; of one who handed in none every file, to be listed."""
    by_owner: dict[tuple[str, str | None], list[Owned]] = {}
    for one in owned:
        account = one.told.known.account if one.told.known is not None else None
        by_owner.setdefault((one.told.owner, account), []).append(one)
    for own in by_owner.values():
        disguised = {
            one.item.parts
            for one in own
            if not is_notebook(one.item.name) and _holds_notebook(one.item, read)
        }
        work = [o for o in own if is_notebook(o.item.name) or o.item.parts in disguised]
        others = [o for o in own if o not in work and not o.told.is_note and not o.item.is_empty]
        beside = _named([one.item for one in others]) if work else ()
        listed = work or others[:_MOST_NAMED] or own[:1]
        if len(work) > _MOST_NOTEBOOKS:
            listed = [replace(work[0], item=_too_many_notebooks(work))]
        for one in listed:
            yield _candidate(one, listing, beside, lessons, renamed=one.item.parts in disguised)


def _candidate(
    one: Owned,
    listing: Listing,
    beside: tuple[str, ...],
    lessons: Collection[str],
    *,
    renamed: bool,
) -> Candidate:
    item, told = one.item, one.told
    problem = item.problem
    if told.is_note:
        problem = say(
            "Nothing was uploaded: there is only what was typed into the platform ({file}). Ask "
            "for the notebook as a file.",
            file=item.name,
        )
    certain = one.drop_box and one.assignment in lessons
    remark = say(
        "The file was called {file}; it is a notebook, and was read as one.", file=item.name
    )
    return Candidate(
        student=told.owner,
        path=listing.path if listing.is_zip else item.path,
        assignment=one.assignment,
        member=(item.raw or item.shown) if listing.is_zip else None,
        handed_in_at=told.handed_in_at,
        attempt=told.attempt,
        marked_late=told.marked_late,
        known=told.known,
        drop_box=one.assignment if certain else None,
        remark=remark if renamed else None,
        problem=problem,
        beside=beside,
    )


def _too_many_notebooks(work: Sequence[Owned]) -> Item:
    problem = say(
        "There are {count} notebooks of this student; at most {limit} are looked at. Ask for the "
        "one that counts.",
        count=len(work),
        limit=_MOST_NOTEBOOKS,
    )
    return replace(work[0].item, problem=problem)


def _holds_notebook(item: Item, read: Callable[[Item], bytes]) -> bool:
    if item.is_folder:
        return False
    try:
        return looks_like_notebook(read(item))
    except SubmissionUnreadable:
        return False


def _named(items: Sequence[Item]) -> tuple[str, ...]:
    names = [f"{item.shown}/" if item.is_folder else item.shown for item in items]
    more = len(names) - _MOST_NAMED
    return (*names[:_MOST_NAMED], f"… (+{more})") if more > 0 else tuple(names)


def _nothing(paths: Sequence[Path], left_out: Sequence[str]) -> Message:
    where = ", ".join(readable(str(path)) for path in paths)
    if left_out:
        return say(
            "No notebook in {paths}, which holds only: {files}. Looked for <student>.ipynb, "
            "<student>/*.ipynb, submitted/<student>/<assignment>/*.ipynb, and what learning "
            "platforms name.",
            paths=where,
            files=", ".join(left_out[:_MOST_NAMED]),
        )
    return say(
        "No notebook in {paths}. Looked for <student>.ipynb, <student>/*.ipynb, "
        "submitted/<student>/<assignment>/*.ipynb, and what learning platforms name.",
        paths=where,
    )
