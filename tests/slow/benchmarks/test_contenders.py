from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.assertions import step_tests
from benchmarks.class_of import LESSONS, class_of
from benchmarks.contenders.nbgrader import as_nbgrader

COURSE = Path(__file__).parents[3]


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_assertions_hold_for_the_reference(lesson: str, tmp_path: Path) -> None:
    [work] = class_of(COURSE, lesson, 1)
    cells = as_nbgrader(work.notebook, step_tests(COURSE, lesson)).cells
    program = "\n\n".join(cell.source for cell in cells if cell.cell_type == "code")
    path = tmp_path / "notebook.py"
    path.write_text("import matplotlib; matplotlib.use('agg')\n" + program, encoding="utf-8")
    subprocess.run([sys.executable, "-W", "ignore", path], check=True, stdout=subprocess.DEVNULL)
