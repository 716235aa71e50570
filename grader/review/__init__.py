"""The local web page on which instructors go through a class: look, change, comment, release."""

from grader.review.app import review_app
from grader.review.desk import Desk, Filter
from grader.review.guard import Keys

__all__ = ["Desk", "Filter", "Keys", "review_app"]
