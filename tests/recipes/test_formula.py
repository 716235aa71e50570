from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from grader.recipes.formula import FUNCTIONS, answers_by
from grader.recorder import rehearsing
from tests.curve_factory import RECIPE

X = np.array([[0.5], [2.0]])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_known_here_and_in_the_kernel(name: str) -> None:
    torch = pytest.importorskip("torch")
    theirs = rehearsing.AnotherTarget(f"{name}(X)")(torch.tensor(X), torch.tensor(X))
    np.testing.assert_allclose(answers_by(f"{name}(X)", X), theirs)


def test_a_number_stands_for_every_card() -> None:
    assert answers_by("2", X).tolist() == [[2.0], [2.0]]
    assert answers_by("pi * X / pi", X).tolist() == X.tolist()


@pytest.mark.parametrize("formula", ["sin(", "sine(X)", "1 / (X - X)", "X[:2]", "log(-X - 9)"])
def test_a_formula_that_gives_no_answers_is_refused(formula: str) -> None:
    table = RECIPE.model_dump() | {"formula": formula}
    with pytest.raises(ValidationError, match="formula"):
        type(RECIPE).model_validate(table)
