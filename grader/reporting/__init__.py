"""The reports: a page and a JSON result for each student, a page for a class, one for all."""

from grader.reporting.filenames import class_path, file_stem, report_path
from grader.reporting.language import default_language, known_language, languages, translator
from grader.reporting.result import Result, result_of
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
    "Result",
    "Unplaced",
    "class_path",
    "default_language",
    "file_stem",
    "is_reported",
    "known_language",
    "languages",
    "look_html",
    "preview_html",
    "report_path",
    "result_of",
    "student_html",
    "translator",
    "write_class",
    "write_overview",
    "write_report",
]
