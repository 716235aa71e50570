"""What a class gets wrong most often, with what one of the students wrote, but not who."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.reporting.code import anonymous, lines_around
from grader.reporting.filenames import file_stem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.language.messages import Message
    from grader.models import Diagnosis, GradedSubmission, Step
    from grader.reporting.code import CodeLine


@dataclass(frozen=True, slots=True)
class Link:
    """A student, and the file name of the student's page."""

    student: str
    href: str


@dataclass(frozen=True, slots=True)
class Mistake:
    """A diagnosis and the students who have it; `message` is how the first was told.

    `example` is what one of them wrote, without comments, texts and names.
    """

    id: str
    step: Step
    message: Message
    students: tuple[Link, ...]
    share: float
    example: tuple[CodeLine, ...]


def link_to(student: str) -> Link:
    """The link to a student's page from the page of the class."""
    return Link(student, f"{file_stem(student)}.html")


def common_mistakes(graded: Sequence[GradedSubmission]) -> tuple[Mistake, ...]:
    """Every diagnosis of a class, the most common first."""
    having: dict[str, list[GradedSubmission]] = {}
    for one in graded:
        for name in {d.id for d in one.mark.diagnoses}:
            having.setdefault(name, []).append(one)
    by_count = sorted(having.items(), key=lambda item: (-len(item[1]), item[0]))
    return tuple(_mistake(name, those, len(graded)) for name, those in by_count)


def _mistake(name: str, those: Sequence[GradedSubmission], everybody: int) -> Mistake:
    first = _named(name, those[0])
    return Mistake(
        id=name,
        step=first.step,
        message=first.message,
        students=tuple(link_to(one.submission.student) for one in those),
        share=len(those) / everybody,
        example=next(filter(None, (_example(_named(name, one), one) for one in those)), ()),
    )


def _named(name: str, graded: GradedSubmission) -> Diagnosis:
    return next(d for d in graded.mark.diagnoses if d.id == name)


def _example(diagnosis: Diagnosis, graded: GradedSubmission) -> tuple[CodeLine, ...]:
    """The diagnosed lines, unless they name their writer or nothing was written."""
    cells = {cell.number: cell.source for cell in graded.submission.cells}
    untouched = diagnosis.step in graded.submission.unchanged
    if diagnosis.line is None or diagnosis.cell not in cells or untouched:
        return ()
    source = anonymous(cells[diagnosis.cell])
    if _words(source) & _words(graded.submission.student):
        return ()
    return _without_empty_edges(lines_around(source, diagnosis.line))


def _without_empty_edges(lines: tuple[CodeLine, ...]) -> tuple[CodeLine, ...]:
    """The lines but for empty ones before and after: a comment was there, or nothing."""
    told = [place for place, line in enumerate(lines) if line.marked or line.html.striptags()]
    return lines[told[0] : told[-1] + 1] if told else ()


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]{2,}", text.casefold()))
