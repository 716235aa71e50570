from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.evidence import Evidence
from grader.judging.stopping import stopped_steps
from grader.models import (
    Cell,
    CellError,
    CellKind,
    CellRun,
    Execution,
    Isolation,
    Outcome,
    Step,
    Submission,
)
from grader.recipes.recipe import ROLES

if TYPE_CHECKING:
    from collections.abc import Mapping

WHOLE = """X = torch.arange(5.0).view(-1, 1)
y = 2 * X + 1
model = nn.Linear(1, 1)
loss_fn = nn.MSELoss
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
losses = []
for epoch in range(100):
    loss = loss_fn(model(X), y)
    loss.backward()"""
TOGETHER = dict.fromkeys((Step.DATA, Step.MODEL, Step.LOSS, Step.OPTIMIZER, Step.TRAIN), (1,))


def stopped(
    source: str, began: int | None, steps: Mapping[Step, tuple[int, ...]] = TOGETHER
) -> set[Step]:
    cells = (Cell(1, CellKind.CODE, source),)
    error = CellError(1, "TypeError", "no", "", began, began)
    execution = Execution(Outcome.RAISED, (CellRun(1, error=error),), (), Isolation("none"), 1.0)
    submission = Submission("anna", "01", "en", Path("a"), "", cells, steps)
    return set(stopped_steps(submission, execution, Evidence(()), ROLES))


def test_what_was_done_above_the_line_is_not_ended_by_it() -> None:
    assert stopped(WHOLE, 9) == {Step.TRAIN}
    assert stopped(WHOLE, 4) == {Step.LOSS, Step.OPTIMIZER, Step.TRAIN}


@pytest.mark.parametrize("began", [None, 1, 2])
def test_what_was_not_done_or_is_not_known_to_be_is_ended(began: int | None) -> None:
    assert stopped(WHOLE, began) == set(TOGETHER)


def test_a_step_in_a_cell_of_its_own_is_ended_wherever_it_stops() -> None:
    assert stopped("model = nn.Linear(1, 1)\nmodel(3)", 2, {Step.MODEL: (1,)}) == {Step.MODEL}


def test_a_name_that_is_given_once_more_where_it_stops_is_not_done() -> None:
    again = WHOLE.replace("losses = []", "model = nn.Linear(X, y)")
    assert stopped(again, 6) == {Step.MODEL, Step.TRAIN}


def test_names_inside_of_functions_are_theirs() -> None:
    source = "def show(model):\n    loss_fn = 3\nshow(1)"
    assert stopped(source, 3) == set(TOGETHER)
