"""The marks of a class as a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from grader.models import Step
from grader.reporting.printable import printable
from grader.reporting.wording import by_name, in_full

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.models import GradedSubmission

_FORMULA_BEGINS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


# The outcome of a student on the class list who handed in nothing.
MISSING: Final = "missing"


def grades_csv(
    graded: Sequence[GradedSubmission], assignment: str = "", missing: Sequence[str] = ()
) -> str:
    """One line per student; a withheld mark has no points, so that nobody imports a zero.

    Neither have those who are `missing`: they handed in nothing for the assignment.
    """
    reached = {mark.step for one in graded for mark in one.mark.steps}
    steps = [step for step in Step if step in reached]
    sheet = io.StringIO()
    rows = csv.writer(sheet)
    rows.writerow(["student", "assignment", "points", "max_points", "withheld", "outcome", *steps])
    for one in sorted(graded, key=lambda g: by_name(g.submission.student)):
        mark = one.mark
        counting = () if mark.withheld else mark.steps
        by_step = {step.step: in_full(step.points) for step in counting}
        rows.writerow(
            [
                harmless(one.submission.student),
                harmless(one.assignment.id),
                "" if mark.withheld else in_full(mark.points),
                in_full(mark.max_points),
                "true" if mark.withheld else "false",
                one.outcome,
                *(by_step.get(step, "") for step in steps),
            ]
        )
    for student in sorted(missing, key=by_name):
        blanks = [""] * len(steps)
        rows.writerow([harmless(student), harmless(assignment), "", "", "false", MISSING, *blanks])
    return sheet.getvalue()


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = printable(cell)
    return f"'{text}" if text.startswith(_FORMULA_BEGINS) else text
