"""Pages that cannot be drawn: one student's numbers, or a fault of ours, never stop the others'.

Whoever's page breaks is withheld with the reason, and gets a page that says no more than that.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from grader.errors import GraderError
from grader.language.catalogues import translator
from grader.language.messages import say
from grader.models import Figures, Mark
from grader.reporting.result import result_of
from grader.reporting.writing import (
    class_html,
    is_reported,
    student_html,
    write_class,
    write_report,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from grader.models import AssignmentInfo, GradedSubmission

    OnFault = Callable[[str, Exception], None]

# No values: a gradebook keeps it, and it is known again by being the same.
UNDRAWN: Final = say(
    "The grader broke while it drew the page of this work. The notebook was run and judged."
)
# A full disk or a folder that may not be written to concerns everybody, and has its own words.
NOT_OF_ONE: Final = (OSError, GraderError)


def is_undrawn(graded: GradedSubmission) -> bool:
    """Whether nothing but the page is why the mark is withheld."""
    return graded.mark.withheld_reason == UNDRAWN


def if_drawn(graded: GradedSubmission) -> GradedSubmission:
    """The mark as it is once the page can be drawn."""
    if not is_undrawn(graded):
        return graded
    return replace(graded, mark=replace(graded.mark, withheld_reason=None))


def without_page(graded: GradedSubmission) -> GradedSubmission:
    """The mark with nothing that a page could break on, withheld unless a person has decided."""
    mark = graded.mark
    reason = mark.withheld_reason or (UNDRAWN if mark.override is None else None)
    return replace(
        graded,
        submission=replace(
            graded.submission, cells=(), steps={}, remarks=() if reason is not None else (UNDRAWN,)
        ),
        mark=Mark(
            (),
            withheld_reason=reason,
            override=mark.override,
            lateness=None,
            comment=mark.comment,
        ),
        figures=Figures(),
        execution=None,
        duration_s=0.0,
    )


def write_some_report(
    graded: GradedSubmission, out: Path, language: str | None, on_fault: OnFault
) -> GradedSubmission:
    """Write a student's page, or one that says that there is none; gives what the page says."""
    try:
        write_report(graded, out, language)
    except NOT_OF_ONE:
        raise
    except Exception as error:
        return write_no_report(graded, out, language, error, on_fault)
    return graded


def write_no_report(
    graded: GradedSubmission,
    out: Path,
    language: str | None,
    error: Exception,
    on_fault: OnFault,
) -> GradedSubmission:
    """Write the page of somebody whose own page broke with `error`; gives what it says."""
    on_fault(_called(graded), error)
    told = without_page(graded)
    write_report(told, out, language)
    return told


def presentable(
    graded: GradedSubmission, language: str, on_fault: OnFault, *, page: bool
) -> GradedSubmission:
    """The mark, or as much of it as can be told in a result and, where one is wanted, on a page."""
    try:
        own = graded.assignment.catalogues.get(language)
        result_of(graded, translator(language, () if own is None else (own,)), language)
        if page:
            student_html(graded)
    except NOT_OF_ONE:
        raise
    except Exception as error:
        on_fault(_called(graded), error)
        return without_page(graded)
    return graded


def says_already(graded: GradedSubmission, out: Path, language: str | None) -> bool:
    """Whether there is a page that says this mark; what cannot be compared is written again."""
    try:
        return is_reported(graded, out, language)
    except NOT_OF_ONE:
        raise
    except Exception:
        return False


def write_some_class(
    assignment: AssignmentInfo,
    graded: Sequence[GradedSubmission],
    out: Path,
    language: str | None,
    on_fault: OnFault,
    *,
    missing: Sequence[str] = (),
) -> tuple[GradedSubmission, ...]:
    """Write the page of a class, whatever is in it; gives what it says of everyone.

    Whoever breaks it alone is withheld there and on a page of one's own. Where they break it
    together, it has the marks and no pictures.
    """
    told = tuple(graded)
    try:
        write_class(assignment, told, out, language, missing=missing)
    except NOT_OF_ONE:
        raise
    except Exception as error:
        on_fault(assignment.id, error)
        told = tuple(_if_drawable(one, out, language, on_fault) for one in told)
        try:
            write_class(assignment, told, out, language, missing=missing)
        except NOT_OF_ONE:
            raise
        except Exception as again:
            on_fault(assignment.id, again)
            write_class(assignment, told, out, language, missing=missing, plain=True)
    return told


def _if_drawable(
    graded: GradedSubmission, out: Path, language: str | None, on_fault: OnFault
) -> GradedSubmission:
    try:
        class_html(graded.assignment, [graded], language)
    except NOT_OF_ONE:
        raise
    except Exception as error:
        return write_no_report(graded, out, language, error, on_fault)
    return graded


def _called(graded: GradedSubmission) -> str:
    return f"{graded.assignment.id}, {graded.submission.student}"
