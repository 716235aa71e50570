"""Reads one notebook as a student's work: opens it safely, cleans it, finds its step cells."""

from grader.submission.handout import Handout, read_handout, read_handouts
from grader.submission.opening import read_file
from grader.submission.privacy import without_personal_data
from grader.submission.reading import parse_submission, read_submission

__all__ = [
    "Handout",
    "parse_submission",
    "read_file",
    "read_handout",
    "read_handouts",
    "read_submission",
    "without_personal_data",
]
