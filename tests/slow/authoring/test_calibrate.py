from __future__ import annotations

from pathlib import Path

import pytest

from grader.authoring.calibrate import (
    calibrate,
    require_fair_to_reference,
)
from grader.errors import AssignmentError
from grader.execution.runner import notebook_runner
from tests.authoring.test_calibrate import recipe_of

COURSE = Path(__file__).parents[3]

LESSONS = ("01_exact_line", "02_noisy_line")


def test_tolerances_that_the_reference_itself_misses_are_refused() -> None:
    folder, solutions = COURSE / "assignments" / LESSONS[0], COURSE / "solutions" / LESSONS[0]
    fair = calibrate(recipe_of(LESSONS[0]), draws=10_000)
    tight = fair.model_copy(update={"b": 1e-6})
    runner = notebook_runner()
    try:
        require_fair_to_reference(folder, solutions, fair, runner)
        with pytest.raises(AssignmentError, match=r"reference\.\w+\.ipynb does not meet"):
            require_fair_to_reference(folder, solutions, tight, runner)
    finally:
        runner.close()
