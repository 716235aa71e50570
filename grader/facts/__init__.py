"""What is known of one run: a view of its evidence that checks, diagnosis and pages all read."""

from grader.facts.code import Code
from grader.facts.facts import Facts
