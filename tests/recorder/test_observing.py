from __future__ import annotations

import sqlite3
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

from grader.recorder.observing import observe
from grader.recorder.recording import Recorder
from grader.recorder.rehearsing import transfer_run

TRAIN = """
model, losses = Line(opened()), []
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for _ in range(3):
    loss = nn.functional.mse_loss(model(X), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""
CLOSE = "model.log.close()"


class Line(nn.Module):
    """It asks a database, and cannot do without it."""

    def __init__(self, log: sqlite3.Connection) -> None:
        super().__init__()
        self.log = log
        self.linear = nn.Linear(1, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.log.execute("select 1")
        answer: torch.Tensor = self.linear(x)
        return answer


class Shell(SimpleNamespace):
    """As much of IPython's shell as training once more needs."""

    def run_cell(self, source: str, **_: Any) -> Any:
        exec(source, self.user_ns)  # noqa: S102
        return SimpleNamespace(error_before_exec=None, error_in_exec=None)

    def transform_cell(self, source: str) -> str:
        return source


@pytest.fixture
def recorder() -> Recorder:
    X = torch.arange(4.0).view(-1, 1)
    user_ns = {"torch": torch, "nn": nn, "Line": Line, "X": X, "y": 2 * X}
    shell = Shell(
        user_ns=user_ns | {"opened": lambda: sqlite3.connect(":memory:")},
        events=SimpleNamespace(callbacks={"post_execute": []}),
        showtraceback=None,
        display_formatter=SimpleNamespace(formatters={}),
    )
    return Recorder(shell, numbers={}, steps={1: ["train"]}, names={}, shown=None)


def trained(recorder: Recorder) -> None:
    recorder.shell.run_cell(TRAIN)
    observe(recorder, ["train"], 1)


def result(recorder: Recorder) -> Any:
    return observe(recorder, ["result"], 1)[0]["model"]["probe"]


def test_a_model_that_closed_its_database_at_the_end_answered_after_the_training(
    recorder: Recorder,
) -> None:
    trained(recorder)
    before = result(recorder)
    recorder.shell.run_cell(CLOSE)
    assert before["outputs"]
    assert result(recorder) == before


def test_a_model_that_was_changed_since_then_did_not_answer(recorder: Recorder) -> None:
    trained(recorder)
    recorder.shell.run_cell(CLOSE)
    with torch.no_grad():
        recorder.shell.user_ns["model"].linear.weight.fill_(2.0)
    assert "ProgrammingError: Cannot operate on a closed database" in result(recorder)["error"]


def test_another_model_with_the_same_numbers_did_not_answer(recorder: Recorder) -> None:
    trained(recorder)
    recorder.shell.run_cell(CLOSE)
    recorder.shell.run_cell(
        "old, model = model, Line(model.log); model.load_state_dict(old.state_dict())"
    )
    assert "error" in result(recorder)


def test_on_other_answers_a_model_may_close_its_database_at_the_end_as_well(
    recorder: Recorder,
) -> None:
    trained(recorder)
    recorder.shell.run_cell(CLOSE)
    cells = [(1, TRAIN, False), (2, CLOSE, False)]
    again = transfer_run(recorder, cells, "1 - X", 1)
    assert again["model"]["probe"]["outputs"]
