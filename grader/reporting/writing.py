"""Writes the reports of a submission, of a class and of all classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.language.catalogues import default_language, known_language, translator
from grader.reporting.classroom import Tally, class_page, plain_class_page, tally
from grader.reporting.filenames import class_path, file_stem, report_path
from grader.reporting.files import write_whole
from grader.reporting.grades import grades_csv
from grader.reporting.pages import render
from grader.reporting.result import Result, read_json, result_of, write_json
from grader.reporting.student import student_page

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from grader.language.messages import Message
    from grader.models import AssignmentInfo, CheckResult, GradedSubmission, Verdict


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A file that no mark on a page is given for: whose and what it is, and why."""

    name: str
    reason: Message


@dataclass(frozen=True, slots=True)
class ClassEntry:
    """An assignment in the list of all of them."""

    assignment: AssignmentInfo
    href: str
    tally: Tally


def write_report(
    graded: GradedSubmission,
    out: Path,
    language: str | None = None,
) -> Path:
    """Write a student's page and JSON result below `out`; return the page.

    The language is the submission's own unless one is given.
    """
    tongue = _tongue(graded, language)
    path = report_path(out, graded.assignment.id, graded.submission.student)
    write_whole(path, student_html(graded, tongue))
    # Behind the page: whoever finds the result finds the page that belongs to it.
    write_json(_result(graded, tongue), path.with_suffix(".json"))
    return path


def is_reported(graded: GradedSubmission, out: Path, language: str | None = None) -> bool:
    """Whether there is a page of the student below `out` that says this mark."""
    path = report_path(out, graded.assignment.id, graded.submission.student)
    written = read_json(path.with_suffix(".json")) if path.is_file() else None
    now = _result(graded, _tongue(graded, language))
    return written is not None and written.same_mark_as(now)


def _result(graded: GradedSubmission, language: str) -> Result:
    return result_of(
        graded, translator(language, _catalogues(graded.assignment, language)), language
    )


def student_html(graded: GradedSubmission, language: str | None = None) -> str:
    """A student's page, in the submission's own language unless one is given."""
    tongue = _tongue(graded, language)
    catalogues, title = _catalogues(graded.assignment, tongue), graded.assignment.title(tongue)
    page = student_page(graded)
    return render(
        "student.html.j2", tongue, catalogues, page=page, title=title, right=None, open=()
    )


def preview_html(
    graded: GradedSubmission,
    right: int,
    left_open: Sequence[CheckResult],
    language: str | None = None,
) -> str:
    """A student's page before anything is handed in: so many steps are right, and no points.

    `left_open` are the checks that could not be made.
    """
    tongue = _tongue(graded, language)
    catalogues, title = _catalogues(graded.assignment, tongue), graded.assignment.title(tongue)
    page = student_page(graded)
    return render(
        "student.html.j2",
        tongue,
        catalogues,
        page=page,
        title=title,
        right=right,
        open=tuple(left_open),
    )


def look_html(
    lines: Sequence[tuple[Message, int, Verdict | None]],
    language: str,
    catalogues: Sequence[Path],
    *,
    title: str,
) -> str:
    """A few lines, each with its indent and perhaps a verdict's colour, for below a cell."""
    return render("look.html.j2", language, tuple(catalogues), lines=tuple(lines), title=title)


def write_class(
    assignment: AssignmentInfo,
    graded: Sequence[GradedSubmission],
    out: Path,
    language: str | None = None,
    *,
    missing: Sequence[str] = (),
    plain: bool = False,
) -> Path:
    """Write the page of a class and its grades.csv below `out`; return the page.

    `missing` are students on the class list who handed in nothing. A plain page has the table of
    marks and no pictures.
    """
    path = class_path(out, assignment.id)
    html = class_html(assignment, graded, language, missing=missing, plain=plain)
    table = grades_csv(graded, assignment.id, missing)
    # With the mark at its beginning, Excel reads the table as UTF-8.
    write_whole(path.with_name("grades.csv"), table, encoding="utf-8-sig")
    return write_whole(path, html)


def class_html(
    assignment: AssignmentInfo,
    graded: Sequence[GradedSubmission],
    language: str | None = None,
    *,
    missing: Sequence[str] = (),
    plain: bool = False,
) -> str:
    """The page of a class, as `write_class` writes it."""
    tongue = language or default_language()
    page = (plain_class_page if plain else class_page)(assignment, graded)
    title, catalogues = assignment.title(tongue), _catalogues(assignment, tongue)
    return render(
        "class.html.j2", tongue, catalogues, page=page, title=title, missing=tuple(missing)
    )


def write_overview(
    classes: Sequence[tuple[AssignmentInfo, Sequence[GradedSubmission]]],
    out: Path,
    language: str | None = None,
    unplaced: Sequence[Unplaced] = (),
) -> Path:
    """Write the list of all assignments, and of files that belong to none; return the page."""
    tongue = language or default_language()
    entries = tuple(
        ClassEntry(
            assignment, f"{file_stem(assignment.id)}/index.html", tally([g.mark for g in graded])
        )
        for assignment, graded in classes
    )
    text = render("overview.html.j2", tongue, (), entries=entries, tongue=tongue, unplaced=unplaced)
    return write_whole(out / "index.html", text)


def _tongue(graded: GradedSubmission, language: str | None) -> str:
    return language or known_language(graded.submission.language) or default_language()


def _catalogues(assignment: AssignmentInfo, language: str) -> tuple[Path, ...]:
    """What the assignment brings to translate its own sentences with."""
    own = assignment.catalogues.get(language)
    return () if own is None else (own,)
