from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.execution.planning import assigned_names, candidate_names, plan_run
from grader.models import CODE_STEPS, Cell, CellKind, Plan, Step, Submission
from tests.notebooks import EXACT_LINE


def cell(number: int, source: str, kind: CellKind = CellKind.CODE) -> Cell:
    return Cell(number, kind, source)


def submission(
    *cells: Cell, steps: dict[Step, tuple[int, ...]], given: frozenset[int] = frozenset()
) -> Submission:
    return Submission(
        "anna", "01_exact_line", "en", Path("anna.ipynb"), "0" * 64, cells, steps, given=given
    )


def plan(found: Submission) -> Plan:
    return plan_run(found, seed=7, epochs=100, formula="-3 * X")


LESSON = submission(
    cell(1, "import torch"),
    cell(2, "# The data", CellKind.MARKDOWN),
    *(cell(number, EXACT_LINE.of(step)) for number, step in enumerate(CODE_STEPS, 3)),
    cell(8, "losses[-1]"),
    cell(9, "  \n"),
    steps={step: (number,) for number, step in enumerate(CODE_STEPS, 3)},
    given=frozenset({1, 8}),
)


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("X = 1", ["X"]),
        ("X, y = 1, 2", ["X", "y"]),
        ("[X, *rest] = cards", ["X", "rest"]),
        ("X = y = 1", ["X", "y"]),
        ("X: float = 1", ["X"]),
        ("X += 1", ["X"]),
        ("(X := 1)", ["X"]),
        ("print(X := 1)", ["X"]),
        ("for epoch in range(3):\n    loss = 1", ["epoch", "loss"]),
        ("with torch.no_grad() as guard:\n    w = 1", ["guard", "w"]),
        ("if True:\n    X = 1\nelse:\n    y = 2", ["X", "y"]),
        ("def model(x):\n    inside = x\n    return inside", ["model"]),
        ("async def model(x): ...", ["model"]),
        ("class Line(nn.Module):\n    size = 1\nmodel = Line()", ["model"]),
        ("model = lambda x: (inside := x)", ["model"]),
        ("X = [card for card in range(5)]", ["X"]),
        ("model.weight = 1\nlosses[0] = 2", []),
        ("del X", []),
        ("X == 1", []),
        ("", []),
    ],
)
def test_the_names_are_those_that_the_cells_own_statements_bind(
    source: str, names: list[str]
) -> None:
    assert list(assigned_names(source)) == names


@pytest.mark.parametrize("source", ["X = ", "X = 1\n  y = 2", "X = '\0'", "(" * 5000 + ")" * 5000])
def test_a_cell_that_is_no_python_names_nothing(source: str) -> None:
    assert list(assigned_names(source)) == []


@given(st.text())
def test_no_source_breaks_the_search_for_names(source: str) -> None:
    list(assigned_names(source))


def test_each_role_may_be_played_by_any_name_of_its_step() -> None:
    cells = [cell(1, "inputs = 1\nanswers = 2\ninputs = 3"), cell(2, "net = 4")]
    found = candidate_names(cells, {Step.DATA: (1,), Step.MODEL: (2,)})
    assert found["X"] == found["y"] == ("inputs", "answers")
    assert found["model"] == ("net",)
    assert found["loss_fn"] == ()


def test_the_names_of_a_split_step_come_from_all_its_cells() -> None:
    cells = [cell(1, "inputs = 1"), cell(2, "answers = 2")]
    assert candidate_names(cells, {Step.DATA: (1, 2)})["y"] == ("inputs", "answers")


def test_code_that_says_something_is_run_in_the_order_of_the_notebook() -> None:
    assert [c.number for c in plan(LESSON).cells] == [1, 3, 4, 5, 6, 7, 8]


def test_a_step_is_observed_after_the_last_of_its_cells() -> None:
    split = submission(
        *(cell(number, "pass") for number in range(1, 5)),
        steps={Step.DATA: (1, 2), Step.MODEL: (3,), Step.LOSS: (3,), Step.TRAIN: (4, 2)},
    )
    planned = plan(split)
    assert planned.steps == {
        1: (Step.DATA,),
        2: (Step.DATA, Step.TRAIN),
        3: (Step.MODEL, Step.LOSS),
        4: (Step.TRAIN,),
    }
    assert {number: planned.complete_after(number) for number in range(1, 5)} == {
        1: (),
        2: (Step.DATA,),
        3: (Step.MODEL, Step.LOSS),
        4: (Step.TRAIN,),
    }


def test_the_transfer_runs_the_students_cells_up_to_the_last_step() -> None:
    transfer = plan(LESSON).transfer
    assert transfer is not None
    assert [c.number for c in transfer.cells] == [3, 4, 5, 6, 7]
    assert transfer.formula == "-3 * X"


def test_a_students_own_cell_between_the_steps_is_part_of_the_transfer() -> None:
    own = submission(
        cell(1, "scale = 2"), cell(2, EXACT_LINE.data), cell(3, "x"), steps={Step.TRAIN: (2,)}
    )
    transfer = plan(own).transfer
    assert transfer is not None
    assert [c.number for c in transfer.cells] == [1, 2]


def test_without_a_training_step_there_is_nothing_to_transfer() -> None:
    assert plan(submission(cell(1, "X = 1"), steps={Step.DATA: (1,)})).transfer is None


def test_the_same_notebook_is_probed_with_the_same_numbers() -> None:
    assert plan(LESSON) == plan(LESSON)
    assert 0 <= plan(LESSON).probe_seed < 2**32


SHOWING = "def progress():\n    print(losses[-1])\n\n\nprogress()"


def test_a_cell_that_only_shows_is_not_run() -> None:
    shown = replace(LESSON, cells=(*LESSON.cells, cell(10, SHOWING)), looks=frozenset({8, 10}))
    assert [one.number for one in plan(shown).cells] == [1, 3, 4, 5, 6, 7]


def test_a_cell_that_shows_is_run_where_another_one_needs_what_it_defines() -> None:
    cells = (*LESSON.cells, cell(10, SHOWING), cell(11, "progress()"))
    needed = replace(LESSON, cells=cells, looks=frozenset({8, 10}))
    assert [one.number for one in plan(needed).cells] == [1, 3, 4, 5, 6, 7, 8, 10, 11]


def test_the_pictures_of_the_steps_own_cells_are_for_show_and_in_one_run_only() -> None:
    assert plan(LESSON).shown == {3, 4, 5, 6, 7}
    hidden = plan_run(LESSON, seed=7, epochs=100, formula="-3 * X", stand_ins=frozenset({2}))
    assert hidden.shown == frozenset()
