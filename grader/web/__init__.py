"""The local web page on which instructors go through a class: look, change, comment, release."""

from grader.web.app import review_app, serve
from grader.web.desk import Desk, Filter
from grader.web.guard import Keys

__all__ = ["Desk", "Filter", "Keys", "review_app", "serve"]
