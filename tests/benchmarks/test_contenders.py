from __future__ import annotations

import ast
from pathlib import Path

import pytest

from benchmarks.assertions import step_tests
from benchmarks.class_of import LESSONS, class_of
from benchmarks.contenders.nbgrader import as_nbgrader
from benchmarks.contenders.otter import as_otter

COURSE = Path(__file__).parents[2]


@pytest.mark.parametrize("lesson", LESSONS)
def test_in_nbgraders_notebook_a_test_stands_behind_each_step(lesson: str) -> None:
    [work] = class_of(COURSE, lesson, 1)
    tests = step_tests(COURSE, lesson)
    cells = as_nbgrader(work.notebook, tests).cells
    marked = [cell.metadata.nbgrader for cell in cells if "nbgrader" in cell.metadata]
    steps = [str(test.step) for test in tests]
    assert [m.grade_id for m in marked if m.grade] == [f"test-{step}" for step in steps]
    assert [m.grade_id for m in marked if m.solution] == steps[:-1]
    assert sum(m.get("points", 0) for m in marked) == 100


def test_a_work_itself_is_left_as_it_is() -> None:
    [work] = class_of(COURSE, LESSONS[0], 1)
    as_nbgrader(work.notebook, step_tests(COURSE, LESSONS[0]))
    assert all("nbgrader" not in cell.metadata for cell in work.notebook.cells)


@pytest.mark.parametrize("lesson", LESSONS)
def test_otters_test_files_take_what_their_assertions_need(lesson: str) -> None:
    for test in step_tests(COURSE, lesson):
        tree = ast.parse(as_otter(test))
        [function] = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        assert [argument.arg for argument in function.args.args] == list(test.names)
