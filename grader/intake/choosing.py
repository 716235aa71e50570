"""Which of a student's notebooks counts."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from grader.intake.candidate import readable
from grader.language.messages import say
from grader.models import CODE_STEPS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from grader.language.messages import Message
    from grader.models import Submission


@dataclass(frozen=True, slots=True)
class Settled:
    """What a person said: which notebook counts, by its hash, among which ones."""

    sha256: str
    among: frozenset[str]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The notebook that stands for a student's work.

    `doubt` is why a person must confirm it, `remark` why it was taken without one.
    """

    submission: Submission
    doubt: Message | None = None
    remark: Message | None = None


def choose(
    submissions: Sequence[Submission], settled: Mapping[tuple[str, str], Settled] | None = None
) -> tuple[Chosen, ...]:
    """One submission for each student and assignment, in the given order of students.

    Of equal copies any counts. Of different notebooks that one counts which a person chose, as long
    as no other has come since; else one that was worked on before one that nobody touched; else the
    last one: without a doubt where a learning platform says which one that is (and a remark, for
    Canvas hands out several files of one attempt), with a doubt where only the files' times do, for
    these say little about which one the student meant.
    """
    by_owner = sorted(submissions, key=lambda s: (s.student, s.assignment))
    return tuple(
        _choose_one(tuple(rivals), (settled or {}).get(owner))
        for owner, rivals in groupby(by_owner, key=lambda s: (s.student, s.assignment))
    )


def _choose_one(rivals: Sequence[Submission], settled: Settled | None) -> Chosen:
    if settled is not None and {rival.sha256 for rival in rivals} <= settled.among:
        for rival in rivals:
            if rival.sha256 == settled.sha256:
                return Chosen(rival)
    worked_on = [rival for rival in rivals if not _is_untouched(rival)]
    if worked_on and len(worked_on) < len(rivals):
        chosen = _last_of(worked_on)
        untouched = [rival for rival in rivals if rival not in worked_on]
        return Chosen(chosen.submission, chosen.doubt, chosen.remark or _passed_over(untouched))
    return _last_of(rivals)


def _last_of(rivals: Sequence[Submission]) -> Chosen:
    if (last := _by_attempt(rivals)) is not None:
        return Chosen(last, remark=_uploaded_before(last, rivals))
    if (last := _by_time(rivals)) is not None:
        return Chosen(last)
    newest = max(rivals, key=lambda s: (_changed_at(s.path), s.path.name))
    if doubt := _several_students(newest, rivals):
        return Chosen(newest, doubt)
    if len({rival.sha256 for rival in rivals}) == 1:
        return Chosen(newest)
    names = names_of([rival.path for rival in rivals])
    return Chosen(
        newest,
        say(
            "{student} handed in {count} different notebooks for {assignment}: {files}. "
            "The one changed last, {newest}, was graded; say which one counts with "
            "`grader choose`, or in `grader review`.",
            student=newest.student,
            count=len(rivals),
            assignment=newest.assignment,
            files=", ".join(sorted(names)),
            newest=names[rivals.index(newest)],
        ),
    )


def names_of(paths: Sequence[Path]) -> tuple[str, ...]:
    """What files are called when they are told apart: their names, or as much of the way to them
    as they do not share.
    """
    names = [readable(path.name) for path in paths]
    if len(set(names)) == len(names):
        return tuple(names)
    shared = os.path.commonpath([path.parent for path in paths])
    return tuple(readable(os.path.relpath(path, shared)) for path in paths)


def _is_untouched(submission: Submission) -> bool:
    steps = [step for step in CODE_STEPS if step in submission.steps]
    return bool(steps) and submission.unchanged.issuperset(steps)


def _passed_over(untouched: Sequence[Submission]) -> Message:
    return say(
        "Handed in as well, as it was handed out: {files}. The notebook that was worked on counts.",
        files=", ".join(names_of([one.path for one in untouched])),
    )


def _uploaded_before(last: Submission, rivals: Sequence[Submission]) -> Message | None:
    others = [rival for rival in rivals if rival.sha256 != last.sha256]
    if not others:
        return None
    names = names_of([*(other.path for other in others), last.path])
    return say(
        "Handed in as well: {files}. The one that was uploaded last, {newest}, counts.",
        files=", ".join(names[:-1]),
        newest=names[-1],
    )


def _several_students(newest: Submission, copies: Sequence[Submission]) -> Message | None:
    """A doubt where notebooks lie in folders side by side: those may be several students'."""
    folders = {_folder_below(copy.student, copy.path) for copy in copies}
    if len(folders) == 1 or "" in folders:
        return None
    return say(
        "{student} has notebooks for {assignment} in several folders: {folders}. If these are "
        "students, and {student} is their class, grade the folder {student} by itself; if not, say "
        "which notebook counts with `grader choose`, or in `grader review`.",
        student=newest.student,
        assignment=newest.assignment,
        folders=", ".join(sorted(folders)),
    )


def _folder_below(student: str, path: Path) -> str:
    """The folder in a student's own folder that a file lies in; "" if it lies in none."""
    parts = tuple(map(readable, path.parts[:-1]))
    below = parts[parts.index(student) + 1 :] if student in parts else ()
    return below[0] if below else ""


def _by_attempt(rivals: Sequence[Submission]) -> Submission | None:
    """The last upload of one file: Canvas calls a second one `homework-1.ipynb`.

    Several files of different names came together in one attempt, and nothing tells which counts.
    """
    numbers = [rival.attempt for rival in rivals if rival.attempt is not None]
    names = {_uploaded_as(rival) for rival in rivals}
    if len(set(numbers)) < len(rivals) or len(names) > 1:
        return None
    return max(rivals, key=lambda rival: rival.attempt or 0)


def _uploaded_as(rival: Submission) -> str:
    """What a student called a file that was uploaded to Canvas, whichever upload of it this is."""
    own = readable(rival.path.name).partition(f"_{rival.attempt}_")[2]
    return re.sub(r"(?:-\d+)?(\.[^.]*)?$", r"\1", own, count=1).casefold()


def _by_time(rivals: Sequence[Submission]) -> Submission | None:
    moments = [rival.handed_in_at for rival in rivals if rival.handed_in_at is not None]
    if len(set(moments)) < len(rivals):
        return None
    return next(rival for rival in rivals if rival.handed_in_at == max(moments))


def _changed_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0  # inside a zip
