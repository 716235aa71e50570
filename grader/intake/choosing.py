"""Which of a student's notebooks counts."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from grader.intake.candidate import readable
from grader.messages import say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from grader.messages import Message
    from grader.models import Submission


@dataclass(frozen=True, slots=True)
class Chosen:
    """The notebook that stands for a student's work; `doubt` is why a person must confirm it."""

    submission: Submission
    doubt: Message | None = None


def choose(submissions: Sequence[Submission]) -> tuple[Chosen, ...]:
    """One submission for each student and assignment, in the given order of students.

    Of equal copies any counts. Of different notebooks the last one counts: without a doubt where a
    learning platform says which one that is; else the one changed last, with a doubt, for when a
    file was changed says little about which one the student meant.
    """
    by_owner = sorted(submissions, key=lambda s: (s.student, s.assignment))
    return tuple(
        _choose_one(tuple(rivals))
        for _, rivals in groupby(by_owner, key=lambda s: (s.student, s.assignment))
    )


def _choose_one(rivals: Sequence[Submission]) -> Chosen:
    for told in (_by_attempt, _by_time):
        if (last := told(rivals)) is not None:
            return Chosen(last)
    newest = max(rivals, key=lambda s: (_changed_at(s.path), s.path.name))
    if len({rival.sha256 for rival in rivals}) == 1:
        return Chosen(newest)
    return Chosen(
        newest,
        say(
            "{student} handed in {count} different notebooks for {assignment}: {files}. "
            "The one changed last, {newest}, was graded; remove the others to confirm it.",
            student=newest.student,
            count=len(rivals),
            assignment=newest.assignment,
            files=", ".join(sorted(readable(rival.path.name) for rival in rivals)),
            newest=readable(newest.path.name),
        ),
    )


def _by_attempt(rivals: Sequence[Submission]) -> Submission | None:
    numbers = [rival.attempt for rival in rivals if rival.attempt is not None]
    if len(set(numbers)) < len(rivals):
        return None
    return max(rivals, key=lambda rival: rival.attempt or 0)


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
