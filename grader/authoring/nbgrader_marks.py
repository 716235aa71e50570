"""What nbgrader needs to know about a handout's cells, so that a class can collect with it.

Form: nbgrader's cell metadata, version 3. A step's cell is a solution that is marked by hand, with
the step's points: they come from this grader. The exam's text, which students leave as it is, is a
task with the points of the result. Everything else is read only. There are no checksums: nbgrader
adds them itself as it generates its own version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from grader.models import Step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbformat import NotebookNode

    Points = Mapping[Step, float]

VERSION: Final = 3
# The cell that says what is looked at in the end: a convention of the handouts.
RESULT: Final = f"goal-{Step.RESULT.value}"


def mark_for_nbgrader(cell: NotebookNode, step: Step | None, points: Points) -> None:
    """Give a handout's cell its nbgrader metadata; a step whose points are not known has none."""
    worth = points.get(step) if step is not None else None
    if cell.id == RESULT and cell.cell_type == "markdown":
        worth = points.get(Step.RESULT)
    is_task = step is None and worth is not None
    cell.metadata["nbgrader"] = {
        "schema_version": VERSION,
        "grade_id": cell.id,
        "cell_type": cell.cell_type,
        "grade": step is not None and worth is not None,
        "solution": step is not None,
        "locked": step is None,
        "task": is_task,
    } | ({"points": worth} if worth is not None else {})
