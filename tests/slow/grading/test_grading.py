from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.course.assignment import load_assignment
from grader.grading import grade_class, grade_submission, open_lesson
from grader.intake import Candidate
from grader.judging.figures.run import figures_of_run
from grader.models import CODE_STEPS, GradedSubmission, Outcome, Step, Verdict
from grader.submission import read_submission
from tests.notebooks import EXACT_LINE, STUBS, lesson, save

if TYPE_CHECKING:
    from grader.execution.runner import NotebookRunner
    from grader.grading import Lesson

ROOT = Path(__file__).parent.parent.parent.parent
NO_ZERO_GRAD = EXACT_LINE.train.replace("    optimizer.zero_grad()\n", "")


@pytest.fixture(scope="module")
def exact_line() -> Lesson:
    name = "01_exact_line"
    return open_lesson(load_assignment(ROOT / "assignments" / name, ROOT / "solutions" / name))


def graded(
    exact_line: Lesson, runner: NotebookRunner, folder: Path, **steps: str
) -> GradedSubmission:
    path = save(lesson(EXACT_LINE, **steps), folder / "anna.ipynb")
    read = read_submission(path, "anna", exact_line.handouts, "01_exact_line")
    return grade_submission(read, exact_line, runner)


def right(found: GradedSubmission) -> list[Step]:
    return [mark.step for mark in found.mark.steps if mark.verdict is Verdict.PASSED]


def test_the_reference_gets_a_hundred_points(exact_line: Lesson, runner: NotebookRunner) -> None:
    found = grade_submission(exact_line.references["en"], exact_line, runner)
    assert found.mark.points == found.mark.max_points == 100
    assert not found.mark.withheld
    assert found.outcome is Outcome.COMPLETED
    assert len(found.figures.losses) == 100
    assert found.figures.learned is not None
    assert found.figures.by_epoch
    assert (len(found.figures.path), found.figures.updates) == (101, 100)
    assert found.figures.path[0] == found.figures.start
    assert found.figures.path[-1].w == pytest.approx(found.figures.learned.w, abs=1e-5)
    assert not any(mark.followed_through for mark in found.mark.steps)


@pytest.mark.parametrize(
    ("wrong", "steps"),
    [
        ({"data": EXACT_LINE.data.replace("+ 1", "")}, [Step.DATA]),
        ({"data": "X = torch.arange(5).view(-1, 1)\ny = 2 * X + 1"}, [Step.DATA]),
        ({"model": "model = nn.linear(1, 1)"}, [Step.MODEL]),
        ({"data": STUBS.data}, [Step.DATA]),
        (
            {"data": EXACT_LINE.data.replace("+ 1", ""), "train": NO_ZERO_GRAD},
            [Step.DATA, Step.TRAIN],
        ),
        ({"optimizer": EXACT_LINE.optimizer.replace("0.01", "1.0")}, [Step.OPTIMIZER]),
    ],
    ids=[
        "y = 2x",
        "integers",
        "a typo in the model",
        "no data",
        "y = 2x, no zero_grad",
        "lr = 1",
    ],
)
def test_a_wrong_step_does_not_drag_the_later_ones_down(
    exact_line: Lesson,
    runner: NotebookRunner,
    tmp_path: Path,
    wrong: dict[str, str],
    steps: list[Step],
) -> None:
    found = graded(exact_line, runner, tmp_path, **wrong)
    assert [step for step in CODE_STEPS if step not in right(found)] == steps
    assert not found.mark.withheld


def test_a_step_judged_behind_the_references_cell_says_so(
    exact_line: Lesson, runner: NotebookRunner, tmp_path: Path
) -> None:
    renamed = {
        "model": "net = nn.linear(1, 1)",
        "optimizer": "optimizer = torch.optim.SGD(net.parameters(), lr=0.01)",
        "train": EXACT_LINE.train.replace("model(X)", "net(X)"),
    }
    found = graded(exact_line, runner, tmp_path, **renamed)
    assert [step for step in Step if step not in right(found)] == [Step.MODEL]
    followed = {mark.step for mark in found.mark.steps if mark.followed_through}
    assert followed >= {Step.OPTIMIZER, Step.TRAIN}
    assert Step.MODEL not in followed


def test_targets_that_spread_to_a_square_cost_the_data_step_alone(
    exact_line: Lesson, runner: NotebookRunner, tmp_path: Path
) -> None:
    square = "X = torch.arange(5.).view(-1, 1)\ny = 2 * X + torch.ones(5)"
    found = graded(exact_line, runner, tmp_path, data=square)
    assert [step for step in CODE_STEPS if step not in right(found)] == [Step.DATA]
    assert not found.mark.withheld


def test_an_untouched_handout_gets_nothing_and_is_not_withheld(
    exact_line: Lesson, runner: NotebookRunner, tmp_path: Path
) -> None:
    path = save(lesson(STUBS), tmp_path / "anna.ipynb")
    read = read_submission(path, "anna", exact_line.handouts, "01_exact_line")
    found = grade_submission(read, exact_line, runner)
    assert found.mark.points == 0
    assert not found.mark.withheld


def test_neither_a_broken_file_nor_a_fault_of_ours_stops_the_others(
    exact_line: Lesson, runner: NotebookRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for student in ("anna", "bert"):
        save(lesson(), tmp_path / f"{student}.ipynb")
    (tmp_path / "carl.ipynb").write_text("{", "utf-8")
    told: list[str] = []

    def failing_once(*_: object, **__: object) -> object:
        monkeypatch.setattr(place, figures_of_run)
        raise ZeroDivisionError("our own fault")

    place = "grader.judging.notebook.figures_of_run"
    monkeypatch.setattr(place, failing_once)
    students = ("anna", "bert", "carl")
    found = grade_class(
        [Candidate(student, tmp_path / f"{student}.ipynb") for student in students],
        assignments=[exact_line.assignment],
        runner=runner,
        on_graded=lambda one: told.append(one.submission.student),
    )
    assert [one.submission.student for one in found] == list(students)
    assert sorted(told) == list(students)
    assert [one.mark.withheld for one in found] == [True, False, True]
    assert "our own fault" in str(found[0].mark.withheld_reason)
    assert found[1].mark.points == 100
    assert found[2].outcome is Outcome.UNREADABLE


def test_two_different_notebooks_of_one_student_are_a_doubt_for_a_person(
    exact_line: Lesson, runner: NotebookRunner, tmp_path: Path
) -> None:
    first = save(lesson(), tmp_path / "anna" / "first.ipynb")
    second = save(lesson(train=NO_ZERO_GRAD), tmp_path / "anna" / "second.ipynb")
    (found,) = grade_class(
        [Candidate("anna", first), Candidate("anna", second)],
        assignments=[exact_line.assignment],
        runner=runner,
    )
    assert found.submission.student == "anna"
    assert found.mark.withheld


ASKING = {
    "data": "from grader import check, hint\n{code}\ncheck('data')",
    "model": "{code}\nprint(hint('model'))\ncheck()",
    "loss": "{code}\ncheck('loss', lesson='01_exact_line')",
    "optimizer": "{code}\ncheck()",
    "train": "check('data')\n{code}\ncheck(); hint()",
}


@pytest.mark.parametrize("wrong", [{}, {"train": NO_ZERO_GRAD}, {"loss": "loss_fn = nn.L1Loss()"}])
def test_a_students_own_looks_do_nothing_while_the_notebook_is_graded(
    exact_line: Lesson, runner: NotebookRunner, tmp_path: Path, wrong: dict[str, str]
) -> None:
    asked = {
        step: cell.format(code=wrong.get(step, EXACT_LINE.of(Step(step))))
        for step, cell in ASKING.items()
    }
    without = graded(exact_line, runner, tmp_path / "without", **wrong)
    found = graded(exact_line, runner, tmp_path / "with", **asked)

    def verdicts(of: GradedSubmission) -> dict[str, Verdict]:
        return {c.id: c.judgement.verdict for m in of.mark.steps for c in m.checks}

    assert verdicts(found) == verdicts(without)
    assert [d.id for d in found.mark.diagnoses] == [d.id for d in without.mark.diagnoses]
    assert found.mark.points == without.mark.points
    assert not found.mark.withheld
    assert found.outcome is Outcome.COMPLETED
    assert shown(found) == [*shown(without), "None\n"]


def shown(found: GradedSubmission) -> list[str]:
    """What all cells showed, in an order of its own."""
    assert found.execution is not None
    said = [o.content for run in found.execution.runs for o in run.outputs]
    return sorted(said, key="None\n".__eq__)
