"""From a notebook to a mark: the straight line for one submission, and the same for a class."""

from grader.grading.classroom import grade_class
from grader.grading.lesson import Lesson, open_lesson
from grader.grading.submission import grade_submission

__all__ = ["Lesson", "grade_class", "grade_submission", "open_lesson"]
