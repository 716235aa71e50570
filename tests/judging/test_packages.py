from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader.judging.packages import missing_packages, without_packages
from grader.models import (
    Cell,
    CellError,
    CellKind,
    CellRun,
    Execution,
    Isolation,
    Outcome,
    Submission,
)

NOTEBOOK = Submission("anna", "01_exact_line", "en", Path("anna.ipynb"), "0", (), {})


def ended(name: str, value: str) -> Execution:
    error = CellError(2, name, value, "")
    return Execution(Outcome.RAISED, (CellRun(2, error=error),), (), Isolation("none"), 0.0)


@pytest.mark.parametrize(
    ("name", "value", "missing"),
    [
        ("ModuleNotFoundError", "No module named 'wandb'", {"wandb": 2}),
        ("ModuleNotFoundError", "No module named 'torch.optimizer'", {}),
        ("ModuleNotFoundError", "No module named 'troch'", {}),
        ("NameError", "name 'wandb' is not defined", {}),
    ],
)
def test_packages_are_missing_and_neither_misspelt_nor_parts_of_others(
    name: str, value: str, missing: dict[str, int]
) -> None:
    assert missing_packages(ended(name, value)) == missing


def test_their_imports_are_left_out_and_all_others_stay() -> None:
    source = "import math, wandb as w; from wandb import *\nfrom wandb.a import (\n    b,\n)\nx = 1"
    notebook = replace(NOTEBOOK, cells=(Cell(1, CellKind.CODE, source),))
    changed, names = without_packages(notebook, {"wandb"})
    assert changed.cells[0].source == "import math; pass\npass\n\n\nx = 1"
    assert names == {"w", "*", "b"}
