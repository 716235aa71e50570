"""Reads one notebook as a student's work: opens it safely, cleans it, finds its step cells."""

from grader.submission.cleaning import clean
from grader.submission.finding import Found, find_steps
from grader.submission.handout import (
    Handout,
    own_marks,
    read_handout,
    read_handouts,
    template_of,
    trimmed,
)
from grader.submission.notebook import MarkedCell
from grader.submission.opening import read_file
from grader.submission.packages import others_imported
from grader.submission.privacy import without_personal_data
from grader.submission.reading import parse_submission, read_submission
from grader.submission.text import looks_like_notebook
