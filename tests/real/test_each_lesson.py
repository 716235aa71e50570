"""Every lesson once, whole: real notebooks, in a real kernel, in the best room that there is here.

All else that starts kernels is in tests/slow.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

from grader.authoring.audit import REFERENCE
from grader.authoring.bank import Entry, build
from grader.course.assignment import load_assignment
from grader.grading import grade_submission, open_lesson
from grader.isolation.tiers import ROOM
from grader.models import Outcome, Step, Verdict
from grader.submission import read_submission
from tests.notebooks import save

if TYPE_CHECKING:
    from grader.execution.runner import NotebookRunner
    from grader.models import GradedSubmission, Isolation

ROOT = Path(__file__).parents[2]
LESSONS = sorted(path.parent.name for path in ROOT.glob("assignments/*/assignment.toml"))
each_lesson = pytest.mark.parametrize("name", LESSONS)

NO_ZERO_GRAD = Entry(name="anna", about="", edit={Step.TRAIN: [("optimizer.zero_grad()", "pass")]})
# Behind it nothing can run, so that a second run has to show what the later steps are worth.
RAISES = Entry(name="anna", about="", write={Step.DATA: "1 / 0"})


def graded(name: str, entry: Entry, runner: NotebookRunner, folder: Path) -> GradedSubmission:
    """What this variant of the Chinese reference gets."""
    solutions = ROOT / "solutions" / name
    lesson = open_lesson(load_assignment(ROOT / "assignments" / name, solutions))
    reference = nbformat.read(solutions / "reference.zh.ipynb", as_version=4)
    path = save(build(entry, reference), folder / "anna.ipynb")
    return grade_submission(read_submission(path, "anna", lesson.handouts, name), lesson, runner)


def verdicts(found: GradedSubmission) -> dict[Step, Verdict]:
    return {mark.step: mark.verdict for mark in found.mark.steps}


@each_lesson
def test_a_right_notebook_gets_all_points(
    name: str, runner: NotebookRunner, tmp_path: Path
) -> None:
    found = graded(name, REFERENCE, runner, tmp_path)
    assert (found.mark.points, found.mark.withheld) == (100, False)
    assert (found.outcome, found.mark.diagnoses) == (Outcome.COMPLETED, ())


@each_lesson
def test_a_mistake_is_named_and_costs_no_step_before_it(
    name: str, runner: NotebookRunner, tmp_path: Path
) -> None:
    found = graded(name, NO_ZERO_GRAD, runner, tmp_path)
    assert [diagnosis.id for diagnosis in found.mark.diagnoses] == ["zero_grad_missing"]
    right = [step for step, verdict in verdicts(found).items() if verdict is Verdict.PASSED]
    assert right[:4] == [Step.DATA, Step.MODEL, Step.LOSS, Step.OPTIMIZER]
    assert verdicts(found)[Step.TRAIN] is Verdict.FAILED


@each_lesson
def test_a_step_that_raises_costs_itself_alone(
    name: str, runner: NotebookRunner, tmp_path: Path
) -> None:
    found = graded(name, RAISES, runner, tmp_path)
    assert found.outcome is Outcome.RAISED
    wrong = [step for step, verdict in verdicts(found).items() if verdict is not Verdict.PASSED]
    assert wrong == [Step.DATA]


@pytest.mark.environment
def test_they_run_in_a_room(runner: NotebookRunner, sealed: Isolation) -> None:
    assert runner.isolation == sealed
    assert sealed.tier == ROOM
