from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import AssignmentError
from grader.recipes.recipe import (
    Grid,
    LineRecipe,
    LineTolerances,
    read_table,
    recipe_beside,
    tolerances_beside,
)
from grader.replay import Line

if TYPE_CHECKING:
    from pathlib import Path

RECIPE = """\
w = 2.0
b = 1.0
epochs = 100
learning_rate = 0.01
inputs = { start = 0, stop = 5, step = 1 }
"""


def written(path: Path, text: str) -> str:
    path.write_text(text, "utf-8")
    return str(path.with_name("checks.py"))


def recipe(folder: Path, text: str) -> str:
    return written(folder / "assignment.toml", f"[recipe]\n{text}")


def test_a_recipe_is_read_from_beside_the_checks(tmp_path: Path) -> None:
    read = recipe_beside(recipe(tmp_path, RECIPE), LineRecipe)
    assert read.line == Line(2, 1)
    assert read.inputs.values().tolist() == [0, 1, 2, 3, 4]
    assert read.noise == 0


@given(count=st.integers(1, 200), start=st.integers(-50, 50), step=st.sampled_from([0.1, 0.2, 1]))
def test_a_grid_has_as_many_numbers_as_fit_before_its_end(
    count: int, start: int, step: float
) -> None:
    values = Grid(start=start, stop=start + count * step, step=step).values()
    assert len(values) == count
    assert values[-1] == pytest.approx(start + (count - 1) * step)


def test_an_error_names_the_file_and_every_wrong_key(tmp_path: Path) -> None:
    text = RECIPE.replace("100", "'many'").replace("w = 2.0", "slope = 2.0")
    with pytest.raises(AssignmentError) as error:
        recipe_beside(recipe(tmp_path, text), LineRecipe)
    for named in ("assignment.toml", "epochs", "slope", "w"):
        assert named in str(error.value)


@pytest.mark.parametrize(
    "changed",
    [
        ("step = 1", "step = 0"),
        ("step = 1", "step = -1"),
        ("stop = 5", "stop = 0"),
        ("epochs = 100", "epochs = 0"),
        ("epochs = 100", "epochs = -5"),
        ("learning_rate = 0.01", "learning_rate = 0"),
        ("w = 2.0", "w = nan"),
        ("b = 1.0", "b = 1.0\nnoise = -1"),
    ],
    ids=" for ".join,
)
def test_numbers_that_no_lesson_can_have_are_refused(
    tmp_path: Path, changed: tuple[str, str]
) -> None:
    with pytest.raises(AssignmentError):
        recipe_beside(recipe(tmp_path, RECIPE.replace(*changed)), LineRecipe)


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(AssignmentError, match=r"assignment\.toml"):
        recipe_beside(written(tmp_path / "assignment.toml", "format = 1"), LineRecipe)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(AssignmentError, match=r"tolerances\.toml is missing"):
        tolerances_beside(str(tmp_path / "checks.py"), LineTolerances)


@pytest.mark.parametrize("text", [b"w = ", b"\xff\xfe", b"w = 1\nw = 2"])
def test_a_file_that_is_no_toml_is_named(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "assignment.toml"
    path.write_bytes(text)
    with pytest.raises(AssignmentError, match=r"assignment\.toml is no valid TOML"):
        read_table(path)


def test_tolerances_are_read_from_beside_the_checks(tmp_path: Path) -> None:
    text = "false_fail = 1e-6\ndraws = 1000\nw = 0.25\nb = 0.75\nloss_ratio = 0.01"
    read = tolerances_beside(written(tmp_path / "tolerances.toml", text), LineTolerances)
    assert math.isclose(read.w, 0.25)
    assert math.isclose(read.b, 0.75)
