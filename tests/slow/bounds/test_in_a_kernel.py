"""What a kernel says to keep whoever hears it busy is heard in no time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.models import Outcome
from tests.kernels.running import execute

if TYPE_CHECKING:
    from grader.execution.runner import NotebookRunner

BUSY = """
class Busy(Exception):
    def _render_traceback_(self):
        return {traceback}
raise Busy("a")
"""


@pytest.mark.parametrize(
    "traceback",
    ['["<ipython-input" * 200_000]', '["Cell In[1], line " * 200_000]', '["x" * 50_000_000]'],
    ids=["older", "newer", "long"],
)
def test_a_traceback_that_was_made_up_ends_no_later_than_any(
    runner: NotebookRunner, traceback: str
) -> None:
    # The first took a quarter of an hour, three times.
    run = execute(runner, BUSY.format(traceback=traceback), "6 * 7", timeout_s=20)
    assert run.outcome is Outcome.RAISED
    assert run.error is not None
    assert (run.error.name, run.error.value) == ("Busy", "a")
    assert run.runs[-1].outputs[0].content == "42"
    assert run.duration_s < 60
