from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.judging.absent import absent, not_found
from grader.models import CODE_STEPS, Cell, CellKind, Step, Submission

if TYPE_CHECKING:
    from collections.abc import Mapping

ALL: dict[Step, tuple[int, ...]] = {step: (place,) for place, step in enumerate(CODE_STEPS, 1)}


def said(model: str, texts: Mapping[Step, int] | None = None, *, found: bool = True) -> str:
    steps = {s: n for s, n in ALL.items() if found or s is not Step.MODEL}
    cells = (Cell(2, CellKind.CODE, model),)
    notebook = Submission("a", "b", "en", Path(), "0", cells, steps, texts=texts or {})
    assert (not_found(notebook, Step.MODEL) is None) is found
    return str(absent(notebook).get(Step.MODEL, ""))


@pytest.mark.parametrize("source", ["model = 1", "model = ...\nmodel = 1", "a = 1\nmodel = ..."])
def test_nothing_is_said_of_work_that_is_there_or_was_never_begun(source: str) -> None:
    assert said(source) == ""


def test_a_stubs_line_below_the_work_undoes_it() -> None:
    assert said("model = 1\nmodel = ...  # TODO").startswith("Line 2 of cell 2 sets `model`")


def test_a_cell_that_became_text_is_not_a_cell_that_waits_for_code() -> None:
    assert "is in cell 7, which is text" in said("", {Step.MODEL: 7}, found=False)


def test_a_step_without_any_cell_was_not_found() -> None:
    assert said("", found=False) == "No cell of this step was found in the notebook."
