"""Candidates from what a learning platform hands out: a zip, or the folder it was unpacked to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from grader.intake.archives import members_of, read_member
from grader.intake.candidate import Candidate, readable
from grader.intake.folders import NBGRADER_FOLDER, is_notebook
from grader.intake.gradescope import METADATA, told_by
from grader.intake.platforms import Told, recognise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class _Download:
    """Files by their names, with what makes a candidate of one."""

    path: Path
    raw: Mapping[str, str]
    is_zip: bool

    def read(self, name: str) -> bytes:
        if self.is_zip:
            return read_member(self.path, self.raw[name])
        return (self.path / name).read_bytes()

    def candidate(self, told: Told) -> Candidate:
        return Candidate(
            student=readable(told.owner),
            path=self.path if self.is_zip else self.path / told.name,
            member=self.raw[told.name] if self.is_zip else None,
            handed_in_at=told.handed_in_at,
            attempt=told.attempt,
            marked_late=told.marked_late,
            known=told.known,
        )


def candidates_in_zip(path: Path) -> Iterator[Candidate]:
    """The notebooks in a zip; raises UsageError where it is none.

    Where no platform's names are recognised, its folders are read as those on a disk.
    """
    members = {member.name: member.raw for member in members_of(path)}
    download = _Download(path, members, is_zip=True)
    told = _told(download)
    if told is not None:
        yield from map(download.candidate, _work_of_each(told))
        return
    for name, raw in _laid_out(members, path.stem).items():
        student, assignment = _owner(name)
        yield Candidate(readable(student), path, assignment and readable(assignment), member=raw)


def candidates_in_download(folder: Path) -> tuple[Candidate, ...] | None:
    """The notebooks in a platform's unpacked zip; None if the folder is something else."""
    if not _may_be_download(folder):
        return None
    names = [
        path.relative_to(folder).as_posix()
        for path in sorted(folder.rglob("*"))
        # A link is a student's work that cannot be read: it is listed, not left out.
        if (path.is_file() or path.is_symlink()) and not path.name.startswith(".")
    ]
    download = _Download(folder, {name: name for name in names}, is_zip=False)
    told = _told(download)
    if told is None:
        return None
    return tuple(map(download.candidate, _work_of_each(told)))


def _may_be_download(folder: Path) -> bool:
    """Whether the uppermost names look like it: other folders may be very large."""
    try:
        entries = [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
    except OSError:
        return False
    if any((place / METADATA).is_file() for place in (folder, *entries)):
        return True
    telling = [e.name for e in entries if e.is_dir() or is_notebook(e.name)]
    return bool(telling) and recognise(telling, all_of_them=True) is not None


def _told(download: _Download) -> tuple[Told, ...] | None:
    names = list(download.raw)
    metadata = next((n for n in names if PurePosixPath(n).name == METADATA), None)
    if metadata is not None:
        return told_by(download.read(metadata), [n for n in names if n != metadata])
    return recognise(names)


def _work_of_each(told: Sequence[Told]) -> Iterator[Told]:
    """The notebooks of each student; of one who handed in none the first file, to be listed."""
    by_owner: dict[str, list[Told]] = {}
    for one in told:
        by_owner.setdefault(one.owner, []).append(one)
    for own in by_owner.values():
        yield from [one for one in own if is_notebook(one.name)] or own[:1]


def _laid_out(members: Mapping[str, str], stem: str) -> dict[str, str]:
    """The notebooks, by their place below the folder that everything lies in."""
    names = {name: raw for name, raw in members.items() if is_notebook(name)}
    below = f"{NBGRADER_FOLDER}/"
    submitted = {name: raw for name, raw in names.items() if below in f"/{name}"}
    if submitted:
        return {name.partition(below)[2]: raw for name, raw in submitted.items()}
    parts = [PurePosixPath(name).parts for name in names]
    firsts = {part[0] for part in parts if len(part) > 1}
    if len(firsts) != 1 or any(len(part) == 1 for part in parts):
        return names
    (first,) = firsts
    # One folder is a student's, unless it is called like the zip, or holds several folders.
    holds_students = all(len(p) > 2 for p in parts) and len({p[1] for p in parts}) > 1
    if first != stem and not holds_students:
        return names
    return {name.removeprefix(f"{first}/"): raw for name, raw in names.items()}


def _owner(name: str) -> tuple[str, str | None]:
    parts = PurePosixPath(name).parts
    if len(parts) == 1:
        return PurePosixPath(name).stem, None
    return parts[0], parts[1] if len(parts) > 2 else None
