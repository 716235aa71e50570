from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from grader.authoring.release import release
from grader.models import CODE_STEPS, Step
from grader.submission import read_handouts
from tests.authoring.test_release import reference

ROOT = Path(__file__).parent.parent.parent
HANDOUTS = sorted((ROOT / "assignments").glob("*/handout.*.ipynb"))
POINTS = dict.fromkeys(CODE_STEPS, 17.0) | {Step.RESULT: 15.0}
# The keys that version 3 of the form knows; any other is an error there.
KNOWN = {"schema_version", "grade_id", "cell_type", "grade", "solution", "locked", "task", "points"}


def marks(path: Path) -> list[tuple[str, dict[str, object]]]:
    notebook = nbformat.read(path, as_version=4)
    return [(cell.cell_type, dict(cell.metadata["nbgrader"])) for cell in notebook.cells]


@pytest.mark.parametrize("path", HANDOUTS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_cell_of_a_handout_has_a_form_that_nbgrader_knows(path: Path) -> None:
    found = marks(path)
    assert {key for _, mark in found for key in mark} <= KNOWN
    assert {mark["schema_version"] for _, mark in found} == {3}
    assert [kind for kind, _ in found] == [mark["cell_type"] for _, mark in found]
    assert len({mark["grade_id"] for _, mark in found}) == len(found)
    assert [m for _, m in found if not re.fullmatch(r"[A-Za-z0-9_-]+", str(m["grade_id"]))] == []
    assert [mark for kind, mark in found if mark["task"] and kind != "markdown"] == []


@pytest.mark.parametrize("path", HANDOUTS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_points_are_the_lessons(path: Path) -> None:
    points = {str(m["grade_id"]): m["points"] for _, m in marks(path) if "points" in m}
    assert sum(float(str(worth)) for worth in points.values()) == 100
    assert set(points) == {*(f"{step}-todo" for step in CODE_STEPS), "goal-result"}


def test_only_steps_are_solutions_and_all_else_is_locked() -> None:
    handout = release(reference(), points=POINTS)
    solutions = [cell.id for cell in handout.cells if cell.metadata.nbgrader.solution]
    assert solutions == [f"{step}-todo" for step in CODE_STEPS]
    assert all(
        c.metadata.nbgrader.locked is not c.metadata.nbgrader.solution for c in handout.cells
    )


def test_a_step_whose_points_are_not_known_yet_is_a_solution_without_a_grade() -> None:
    cell = next(cell for cell in release(reference()).cells if cell.id == "data-todo")
    assert (cell.metadata.nbgrader.grade, cell.metadata.nbgrader.solution) == (False, True)
    assert "points" not in cell.metadata.nbgrader


def test_our_own_reading_does_not_mind() -> None:
    (handout,) = [
        h for h in read_handouts(ROOT / "assignments" / "01_exact_line") if h.language == "en"
    ]
    assert {marked.step for marked in handout.cells if marked.step} == set(CODE_STEPS)
