"""From a notebook to a mark: the straight line for one submission, and the same for a class."""

from grader.course.lesson import Lesson, open_lesson
from grader.grading.classroom import grade_class
from grader.grading.deciding import points_of
from grader.grading.enrolling import missing_of, write_roster
from grader.grading.kept import mark_of, marks_of
from grader.grading.paging import settle_page
from grader.grading.provenance import code_digest
from grader.grading.regrading import Regraded, Regrading, regrade_class
from grader.grading.remote import RemoteMarker
from grader.grading.versions import Version, choose_version, versions_of
from grader.judging.notebook import grade_submission

__all__ = [
    "Lesson",
    "Regraded",
    "Regrading",
    "RemoteMarker",
    "Version",
    "choose_version",
    "code_digest",
    "grade_class",
    "grade_submission",
    "mark_of",
    "marks_of",
    "missing_of",
    "open_lesson",
    "points_of",
    "regrade_class",
    "settle_page",
    "versions_of",
    "write_roster",
]
