"""A drop box takes one lesson: which one, and what lies in it that is another's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from grader.language.messages import say
from grader.submission import OtherLesson

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from grader.grading.handed_in import HandedIn
    from grader.intake import Candidate
    from grader.language.messages import Message


@dataclass(frozen=True, slots=True)
class Opened:
    """A candidate that was opened: what it holds, or why no mark can be given for it.

    `elsewhere` says that it is another lesson's, so that it counts for nothing here; `likely` is
    the lesson that it was probably handed in for, where nothing says so for certain.
    """

    candidate: Candidate
    handed_in: HandedIn | None = None
    reason: Message | None = None
    elsewhere: bool = False
    likely: str | None = None


def sorted_into_boxes(opened: Sequence[Opened]) -> tuple[Opened, ...]:
    """The same, each for the lesson of its drop box: what is another lesson's counts for nothing.

    A platform's download is of one drop box: that of the lesson which most students handed in.
    Where no lesson is that of most, nobody can tell, and all of the download is withheld. What
    cannot be read is likely of the only lesson that anybody handed in, if there is but one.
    """
    lessons = _lesson_of_each_download(opened)
    everywhere = {one.handed_in.work.assignment for one in opened if one.handed_in is not None}
    only = everywhere.pop() if len(everywhere) == 1 else None
    return tuple(_in_its_box(one, lessons, only) for one in opened)


def _in_its_box(one: Opened, lessons: Mapping[Path, str | None], only: str | None) -> Opened:
    candidate, handed_in = one.candidate, one.handed_in
    if candidate.drop_box is not None or one.elsewhere:
        return one
    is_download = candidate.download in lessons
    lesson = lessons.get(candidate.download) if candidate.download is not None else None
    if handed_in is None:
        return replace(one, candidate=replace(candidate, drop_box=lesson), likely=only)
    if not is_download or handed_in.work.assignment == lesson:
        return one
    if lesson is None:
        return replace(one, handed_in=None, reason=_nobody_can_tell(candidate), elsewhere=True)
    reason = OtherLesson(handed_in.work.assignment, lesson).message
    return replace(one, handed_in=None, reason=reason, elsewhere=True)


def _lesson_of_each_download(opened: Iterable[Opened]) -> dict[Path, str | None]:
    """The lesson that more than half of a download's students handed in; None for no such one."""
    students: dict[Path, dict[str, set[str]]] = {}
    for one in opened:
        if one.candidate.download is not None and one.handed_in is not None:
            by_lesson = students.setdefault(one.candidate.download, {})
            by_lesson.setdefault(one.handed_in.work.assignment, set()).add(one.candidate.student)
    return {download: _most_common(by_lesson) for download, by_lesson in students.items()}


def _most_common(students: Mapping[str, set[str]]) -> str | None:
    everyone = set[str]().union(*students.values())
    return next((id_ for id_, who in students.items() if 2 * len(who) > len(everyone)), None)


def _nobody_can_tell(candidate: Candidate) -> Message:
    return say(
        "{download} holds notebooks for several lessons, and none that most students handed in: "
        "nobody can tell which one was collected. Say so with --assignment.",
        download=candidate.download.name if candidate.download is not None else "",
    )
