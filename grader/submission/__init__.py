"""Reads one notebook as a student's work: opens it safely, cleans it, finds its step cells."""

from grader.submission.handout import Handout, read_handout, read_handouts
from grader.submission.reading import read_submission

__all__ = ["Handout", "read_handout", "read_handouts", "read_submission"]
