"""The database of submissions, evidence, marks and overrides, of a course or of one class."""

from grader.gradebook.entries import (
    WHOLE,
    Change,
    Entry,
    GivenOverride,
    Handle,
    Maker,
    Student,
    Work,
)
from grader.gradebook.packing import EXECUTION, GRADED
from grader.gradebook.store import Gradebook

__all__ = [
    "EXECUTION",
    "GRADED",
    "WHOLE",
    "Change",
    "Entry",
    "GivenOverride",
    "Gradebook",
    "Handle",
    "Maker",
    "Student",
    "Work",
]
