"""The reports: a page and a JSON result for each student, a page for a class, one for all."""

from grader.language.catalogues import default_language, known_language, languages, translator
from grader.reporting.filenames import class_path, file_stem, report_path
from grader.reporting.result import Result, result_of
from grader.reporting.undrawn import (
    NOT_OF_ONE,
    UNDRAWN,
    if_drawn,
    is_undrawn,
    presentable,
    says_already,
    without_page,
    write_some_class,
    write_some_report,
)
from grader.reporting.writing import (
    Unplaced,
    is_reported,
    look_html,
    preview_html,
    student_html,
    write_class,
    write_overview,
    write_report,
)

__all__ = [
    "NOT_OF_ONE",
    "UNDRAWN",
    "Result",
    "Unplaced",
    "class_path",
    "default_language",
    "file_stem",
    "if_drawn",
    "is_reported",
    "is_undrawn",
    "known_language",
    "languages",
    "look_html",
    "presentable",
    "preview_html",
    "report_path",
    "result_of",
    "says_already",
    "student_html",
    "translator",
    "without_page",
    "write_class",
    "write_overview",
    "write_report",
    "write_some_class",
    "write_some_report",
]
