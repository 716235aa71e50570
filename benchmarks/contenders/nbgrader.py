"""nbgrader: `autograde` and `generate_feedback` in a course as its manual describes one."""

from __future__ import annotations

import copy
import json
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import nbformat

from benchmarks.assertions import StepTest, step_tests
from benchmarks.class_of import read_reference
from benchmarks.metering import Command

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from nbformat import NotebookNode

    from benchmarks.class_of import Work
    from benchmarks.environments import Environment


@dataclass(frozen=True, slots=True)
class Nbgrader:
    """Runs each notebook in a fresh kernel, one after the other, and writes HTML feedback."""

    course: Path
    environment: Environment
    name: str = "nbgrader"

    @property
    def about(self) -> str:
        """Both commands."""
        version = self.environment.version("nbgrader")
        return f"nbgrader {version}, `autograde` and `generate_feedback`"

    def prepare(self, works: Sequence[Work], folder: Path) -> tuple[Command, ...]:
        """A course with the released assignment and the class's submissions."""
        lesson = works[0].lesson
        tests = step_tests(self.course, lesson)
        source = as_nbgrader(read_reference(self.course, lesson, "zh"), tests)
        _write(source, folder / "source" / lesson / f"{lesson}.ipynb")
        config = f'c = get_config()\nc.CourseDirectory.course_id = "{lesson}"\n'
        (folder / "nbgrader_config.py").write_text(config, encoding="utf-8")
        variables = self.environment.variables()
        program = self.environment.program("nbgrader")
        subprocess.run(
            [program, "generate_assignment", lesson],
            cwd=folder,
            env=variables,
            check=True,
            capture_output=True,
        )
        for work in works:
            submitted = folder / "submitted" / work.student / lesson / f"{lesson}.ipynb"
            _write(as_nbgrader(work.notebook, tests), submitted)
        return tuple(
            Command((program, command, lesson), folder, variables)
            for command in ("autograde", "generate_feedback")
        )

    def finished(self, folder: Path) -> int:
        """Works with a feedback page."""
        return sum(1 for _ in folder.glob("feedback/*/*/*.html"))


def as_nbgrader(notebook: NotebookNode, tests: Sequence[StepTest]) -> NotebookNode:
    """The notebook with nbgrader's marks: steps' cells are answers, and tests stand behind them.

    A test comes behind the cell that shows what the step has made, whatever became of the step's
    own cell.
    """
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        if step := cell.metadata.get("grader", {}).get("step"):
            cell.metadata["nbgrader"] = _marks(step, solution=True)
    for test in tests:
        cell = nbformat.v4.new_code_cell(test.source, id=f"test-{test.step}")
        cell.metadata["nbgrader"] = _marks(f"test-{test.step}", points=test.points)
        [shown] = [n for n, c in enumerate(notebook.cells) if c.id == f"look-{test.step}"]
        notebook.cells.insert(shown + 1, cell)
    return notebook


def _marks(name: str, *, solution: bool = False, points: int | None = None) -> dict[str, object]:
    return {
        "schema_version": 3,
        "grade_id": name,
        "solution": solution,
        "grade": points is not None,
        "locked": not solution,
        "task": False,
        **({} if points is None else {"points": points}),
    }


def _write(notebook: NotebookNode, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
