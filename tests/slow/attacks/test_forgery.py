"""Notebooks that lie about their training: none gains a point, and a person is told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

from grader.authoring.bank import Entry, Insertion, build
from grader.course.assignment import load_assignment
from grader.grading import Lesson, grade_submission, open_lesson
from grader.models import Step, Verdict
from grader.submission import read_submission

if TYPE_CHECKING:
    from grader.execution.runner import NotebookRunner
    from grader.models import GradedSubmission

ROOT = Path(__file__).parents[3]
SOLUTIONS = ROOT / "solutions" / "01_exact_line"

PASTED = """
epochs = 100
losses = [33 * 0.94**epoch for epoch in range(epochs)]
with torch.no_grad():
    model.weight.fill_(2.05)
    model.bias.fill_(0.86)
"""
# What is honestly earned: the steps before the training are right, and a loop that does ask for the
# gradient of something on all cards a hundred times has gone through them a hundred times.
EARNED, LOOPED = 60.0, 5.0

CHEATS = {
    "numbers pasted, losses invented": (PASTED, ""),
    "a loop of steps that do nothing, numbers pasted": (
        PASTED + "for _ in range(epochs):\n    optimizer.zero_grad()\n    optimizer.step()\n",
        "",
    ),
    "a loop over a loss that says what it should": (
        """
epochs = 100
losses = []
for epoch in range(epochs):
    loss = (model(X) * 0).sum() + 33 * 0.94**epoch
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
with torch.no_grad():
    model.weight.fill_(2.05)
    model.bias.fill_(0.86)
""",
        "",
    ),
    "SGD.step patched to jump to the answer": (
        """
def step(self, closure=None):
    with torch.no_grad():
        for p in self.param_groups[0]["params"]:
            p.copy_(torch.full_like(p, 2.0 if p.dim() == 2 else 1.0))
torch.optim.SGD.step = step
epochs, losses = 100, []
for epoch in range(epochs):
    optimizer.zero_grad()
    loss = loss_fn(model(X), y)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
""",
        "can reach",
    ),
    "MSELoss patched to say zero": (
        """
torch.nn.MSELoss.forward = lambda self, guess, answer: (guess * 0).sum()
epochs, losses = 100, []
for epoch in range(epochs):
    optimizer.zero_grad()
    loss = loss_fn(model(X), y)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
""",
        "can reach",
    ),
    "Tensor.backward and allclose patched": (
        "torch.Tensor.backward = lambda *_, **__: None\n"
        "torch.allclose = lambda *_, **__: True\n" + PASTED,
        "can reach",
    ),
    "Tensor.item patched to invent losses": (
        "torch.Tensor.item = lambda self: 0.01\n" + PASTED,
        "can reach",
    ),
    "the recorder thrown away": (
        "import sys\nsys.modules.pop('inside', None)\n" + PASTED,
        "The recorder gave",
    ),
    "the recorder replaced by one that says nothing": (
        "import sys, types\nsys.modules['inside'] = types.SimpleNamespace(answer=lambda _: None)\n"
        + PASTED,
        "The recorder gave",
    ),
    "the recorder's tape rewritten": (
        """
import sys
tape = sys.modules["inside"].recorder.training
tape.watch(list(model.parameters()))
tape.look()
for epoch in range(100):
    for kind in "FZBS":
        tape.event(kind, 0, 0)
    with torch.no_grad():
        model.weight += (2.05 - model.weight) * 0.1
        model.bias += (0.86 - model.bias) * 0.1
    tape.update()
"""
        + PASTED,
        "",
    ),
    "a record of its own under the recorder's type": (
        """
from IPython.display import display
record = '{"token": "0", "record": {"kind": "train"}}'
display({"application/vnd.grader.evidence": record, "text/plain": ""}, raw=True)
"""
        + PASTED,
        "in the recorder's name",
    ),
    "every record sent twice": (
        """
publisher = get_ipython().display_pub
publish = publisher.publish
def twice(*args, **kwargs):
    publish(*args, **kwargs)
    publish(*args, **kwargs)
publisher.publish = twice
"""
        + PASTED,
        "The recorder gave",
    ),
    "json that always says the same": (
        "import json\njson.dumps = lambda *_, **__: '{}'\n" + PASTED,
        "",
    ),
    "hooks taken out, then numbers pasted": (
        """
import torch.nn.modules.module as module
module._global_forward_pre_hooks.clear()
module._global_forward_hooks.clear()
import torch.optim.optimizer as stepping
stepping._global_optimizer_pre_hooks.clear()
stepping._global_optimizer_post_hooks.clear()
"""
        + PASTED,
        "",
    ),
}

# Their loops go through the cards and keep true losses; what they lead to was not learned.
GRADIENTS = {
    "one gradient made up, so that its step lands on the answer": """
epochs, losses = 100, []
for epoch in range(epochs):
    optimizer.zero_grad()
    loss = loss_fn(model(X), y)
    loss.backward()
    if epoch == 0:
        with torch.no_grad():
            model.weight.grad.copy_((model.weight - 2.0) / 0.01)
            model.bias.grad.copy_((model.bias - 1.0) / 0.01)
    optimizer.step()
    losses.append(loss.item())
""",
    "a made-up gradient behind the back of its version count, in the last round": """
epochs, losses = 100, []
for epoch in range(epochs):
    optimizer.zero_grad()
    loss = loss_fn(model(X), y)
    loss.backward()
    if epoch == 99:
        model.weight.grad.data[:] = (model.weight.data - 2.0) / 0.01
        model.bias.grad.data[:] = (model.bias.data - 1.0) / 0.01
    optimizer.step()
    losses.append(loss.item())
""",
    "a made-up gradient before anything was computed": """
epochs, losses = 100, []
torch.ones(1, requires_grad=True).sum().backward()
model.weight.grad = (model.weight.data - 2.0) / 0.01
model.bias.grad = (model.bias.data - 1.0) / 0.01
optimizer.step()
for epoch in range(epochs):
    optimizer.zero_grad()
    loss = loss_fn(model(X), y)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
""",
    "a made-up gradient put in place by a hook of the optimizer": """
epochs, losses = 100, []
def jump(optimizer, args, kwargs):
    for p, goal in zip(optimizer.param_groups[0]["params"], (2.0, 1.0)):
        p.grad = (p.data - goal) / 0.01
handle = optimizer.register_step_pre_hook(jump)
for epoch in range(epochs):
    optimizer.zero_grad()
    loss = loss_fn(model(X), y)
    loss.backward()
    optimizer.step()
    handle.remove()
    losses.append(loss.item())
""",
}


@pytest.fixture(scope="module")
def exact_line() -> Lesson:
    return open_lesson(load_assignment(ROOT / "assignments" / "01_exact_line", SOLUTIONS))


@pytest.fixture(scope="module")
def reference() -> nbformat.NotebookNode:
    notebook: nbformat.NotebookNode = nbformat.read(SOLUTIONS / "reference.en.ipynb", 4)
    return notebook


def graded(
    entry: Entry,
    reference: nbformat.NotebookNode,
    exact_line: Lesson,
    runner: NotebookRunner,
    folder: Path,
) -> GradedSubmission:
    path = folder / "forger.ipynb"
    nbformat.write(build(entry, reference), path)
    submission = read_submission(path, "forger", exact_line.handouts)
    return grade_submission(submission, exact_line, runner)


@pytest.mark.parametrize(("train", "told"), CHEATS.values(), ids=CHEATS)
def test_a_forged_training_gains_nothing(
    train: str,
    told: str,
    reference: nbformat.NotebookNode,
    exact_line: Lesson,
    runner: NotebookRunner,
    tmp_path: Path,
) -> None:
    entry = Entry(name="forged", about="a training that never was", write={Step.TRAIN: train})
    result = graded(entry, reference, exact_line, runner, tmp_path)
    loops = "loss.backward()" in train and not told
    assert result.mark.points <= EARNED + (LOOPED if loops else 0)
    verdicts = {step.step: step.verdict for step in result.mark.steps}
    assert verdicts[Step.TRAIN] is not Verdict.PASSED
    assert verdicts[Step.RESULT] is not Verdict.PASSED
    if told:
        assert told in str(result.mark.withheld_reason)


@pytest.mark.parametrize("train", GRADIENTS.values(), ids=GRADIENTS)
def test_made_up_gradients_lead_to_no_result(
    train: str,
    reference: nbformat.NotebookNode,
    exact_line: Lesson,
    runner: NotebookRunner,
    tmp_path: Path,
) -> None:
    entry = Entry(name="jump", about="a step onto the answer", write={Step.TRAIN: train})
    result = graded(entry, reference, exact_line, runner, tmp_path)
    points = {c.id: c.points for step in result.mark.steps for c in step.checks}
    assert points["train.follows_descent"] == 0
    assert not any(points[name] for name in points if name.startswith("result."))


def test_numbers_set_at_the_end_of_an_honest_notebook_take_its_result_away(
    reference: nbformat.NotebookNode,
    exact_line: Lesson,
    runner: NotebookRunner,
    tmp_path: Path,
) -> None:
    pasted = "with torch.no_grad():\n    model.weight.fill_(2.0)\n    model.bias.fill_(1.0)"
    late = Insertion(source=pasted, after=Step.TRAIN)
    entry = Entry(name="late", about="numbers set at the end", insert=(late,))
    result = graded(entry, reference, exact_line, runner, tmp_path)
    failed = {c.id for s in result.mark.steps for c in s.checks if c.points == 0}
    assert failed == {"result.line", "result.loss"}
