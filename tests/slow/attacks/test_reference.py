"""The reference runs beside a wrong notebook's own code, and no student comes to see it."""

from __future__ import annotations

import base64
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

from grader.course.assignment import load_assignment
from grader.exchange.github import runner_result
from grader.exchange.gradescope import results_json
from grader.grading import Lesson, grade_submission, open_lesson
from grader.language.messages import ENGLISH
from grader.reporting import write_report
from grader.submission import read_submission
from tests.notebooks import EXACT_LINE, StepTexts, lesson, save

if TYPE_CHECKING:
    from grader.execution.cells import Limits
    from grader.execution.runner import NotebookRunner
    from grader.models import Execution, GradedSubmission, Plan

ROOT = Path(__file__).parents[3]
NAME = "01_exact_line"
REMARK = "of the reference alone"
FOUND = "stolen" + " goods"
WRONG = StepTexts(
    data="X = torch.arange(5.).view(-1, 1)\ny = 2 * X",
    model="model = nn.Linear(1, 1, bias=False)",
    loss="loss_fn = nn.L1Loss()",
    optimizer="optimizer = torch.optim.SGD(model.parameters(), lr=1.0)",
    train=EXACT_LINE.train,
)
# The cards say whether the reference made them: as good as having read all of it.
LOOT = "loot = ' '.join(['stolen', 'goods']) if float(y[0]) == 1 else 'nothing'\n"

CHANNELS: dict[str, dict[str, str]] = {
    "an error's text": {"train": "raise RuntimeError(loot)"},
    "an error's name": {"train": "raise type(loot, (Exception,), {})('x')"},
    "the end of the program": {"train": "raise SystemExit(loot)"},
    "a traceback of one's own": {
        "train": "class Told(Exception):\n"
        "    def _render_traceback_(self): return [loot, 'Cell In[1], line 77']\n"
        "raise Told(loot)"
    },
    "all that is printed": {
        "train": "import sys, os, logging, warnings\nfrom IPython.display import HTML, display\n"
        "print(loot); print(loot, file=sys.stderr); os.write(1, loot.encode())\n"
        "display(HTML(loot)); logging.error(loot); warnings.warn(loot)\n" + EXACT_LINE.train
    },
    "what a model says when it is asked": {
        "model": "class Line(nn.Linear):\n"
        "    def forward(self, x):\n        raise ValueError(loot)\n"
        "model = Line(1, 1)"
    },
    "the name of a model's class that was never called": {"model": "model = type(loot, (), {})"},
    "the type of a model's numbers": {
        "model": "model = nn.Linear(1, 1)\n"
        "class Odd:\n    def __repr__(self): return loot\n    __str__ = __repr__\n"
        "class Number(nn.Parameter):\n    dtype = property(lambda self: Odd())\n"
        "model.weight = Number(model.weight.data)"
    },
    "what a loss says when it is asked": {"loss": "def loss_fn(a, b):\n    raise ValueError(loot)"},
    "the name of an optimizer's class": {
        "optimizer": "optimizer = type(loot, (torch.optim.SGD,), {})(model.parameters(), lr=0.01)"
    },
    "a text as learning rate": {
        "optimizer": "optimizer = torch.optim.SGD(model.parameters(), lr=0.01)\n"
        "optimizer.param_groups[0]['lr'] = loot"
    },
    "an error in the run with another line": {
        "train": EXACT_LINE.train + "\nimport builtins\n"
        "if hasattr(builtins, 'again'):\n    raise ValueError(loot)\nbuiltins.again = 1"
    },
    "the recorder's own troubles": {
        "train": EXACT_LINE.train + "\nimport sys\nwatching = sys.modules['inside'].recorder\n"
        "watching.faults.append(loot)\nwatching.replaced = lambda: [loot]"
    },
    "other names": {
        "train": "import sys\nwatching = sys.modules['inside'].recorder\n"
        "globals()[loot] = globals().pop('X')\nX = globals()[loot]\n"
        "watching.names = {role: (loot,) for role in watching.names}\n" + EXACT_LINE.train
    },
}


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Lesson:
    """The first lesson, with a remark in each cell of its references."""
    course = tmp_path_factory.mktemp("course")
    for folder in ("assignments", "solutions"):
        shutil.copytree(ROOT / folder / NAME, course / folder / NAME)
    for path in (course / "solutions" / NAME).glob("reference.*.ipynb"):
        notebook = nbformat.read(path, 4)
        for cell in notebook.cells:
            if cell.cell_type == "code" and cell.source.startswith("# ==="):
                header, _, rest = cell.source.partition("\n")
                cell.source = f'{header}\n"{REMARK}"\n{rest}'
        nbformat.write(notebook, path)
    return open_lesson(load_assignment(course / "assignments" / NAME, course / "solutions" / NAME))


def graded(marked: Lesson, runner: NotebookRunner, folder: Path, **steps: str) -> GradedSubmission:
    path = save(lesson(replace(WRONG, **steps)), folder / "mallory.ipynb")
    return grade_submission(read_submission(path, "mallory", marked.handouts, NAME), marked, runner)


def all_that_is_told(found: GradedSubmission, folder: Path) -> str:
    """Whatever a student gets to read, and a terminal to show."""
    write_report(found, folder)
    pages = [path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()]
    github = base64.b64decode(runner_result(found, ENGLISH, "en")).decode()
    reason = str(found.mark.withheld_reason)
    return "\n".join([*pages, github, results_json(found, ENGLISH, "en").decode(), reason])


@pytest.mark.parametrize("channel", CHANNELS.values(), ids=CHANNELS)
def test_what_is_found_in_a_run_with_the_reference_is_told_nowhere(
    channel: dict[str, str], marked: Lesson, runner: NotebookRunner, tmp_path: Path
) -> None:
    steps = {step: LOOT + code for step, code in channel.items()}
    found = graded(marked, runner, tmp_path / "in", **steps)
    assert any(mark.followed_through for mark in found.mark.steps)
    assert FOUND not in all_that_is_told(found, tmp_path / "out")


LOOKING = """
import gc, linecache, sys
shell, remark = get_ipython(), " ".join(["of", "the", "reference", "alone"])
packed = "".join(["e", "J", "x"])
def lists():
    return [each for each in gc.get_objects() if isinstance(each, (list, tuple))
            and any(isinstance(item, str) and remark in item for item in each)]
places = {
    "In": lambda: [In, _ih, _i, _ii, _iii],
    "the history": lambda: list(shell.history_manager.get_range()),
    "the history as typed": lambda: shell.history_manager.input_hist_raw,
    "files": lambda: list(linecache.cache.items()),
    "the latest cell": lambda: shell.last_execution_result.info.raw_cell,
    "variables": lambda: [repr(v) for n, v in globals().items() if n not in ("remark", "packed")],
    "the recorder": lambda: vars(sys.modules["inside"].recorder),
    "the request": lambda: shell.parent_header,
    "lists": lambda: [each for each in lists() if remark not in (each[0], each[-1])],
}
told = []
for place, look in places.items():
    try:
        seen = str(look())
    except Exception as error:
        seen = ""
    if remark in seen or packed in seen:
        told.append(place)
raise RuntimeError(str(told))
"""


class Overheard:
    """A runner, and everything that it came to know."""

    def __init__(self, runner: NotebookRunner) -> None:
        self.runner = runner
        self.plans: list[Plan] = []
        self.executions: list[Execution] = []

    def run(self, plan: Plan, limits: Limits) -> Execution:
        self.plans.append(plan)
        self.executions.append(self.runner.run(plan, limits))
        return self.executions[-1]


def test_the_references_text_lies_nowhere_in_the_kernel(
    marked: Lesson, runner: NotebookRunner, tmp_path: Path
) -> None:
    overheard = Overheard(runner)
    path = save(lesson(replace(WRONG, train=LOOKING)), tmp_path / "mallory.ipynb")
    submission = read_submission(path, "mallory", marked.handouts, NAME)
    grade_submission(submission, marked, overheard)
    said = [execution.error.value for execution in overheard.executions if execution.error]
    assert len(said) == 5
    assert [REMARK in repr(plan) for plan in overheard.plans] == [False, True, True, True, True]
    assert set(said) == {"[]"}
    assert not any(run.outputs for each in overheard.executions[1:] for run in each.runs)
