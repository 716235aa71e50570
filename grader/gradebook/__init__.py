"""The database of submissions, evidence, marks and overrides, of a course or of one class."""

from grader.gradebook.entries import (
    WHOLE,
    Change,
    Choice,
    Decision,
    Entry,
    GivenOverride,
    Handle,
    Kind,
    Maker,
    NewMark,
    Review,
    Student,
    Work,
)
from grader.gradebook.packing import EXECUTION, GRADED
from grader.gradebook.store import Gradebook
