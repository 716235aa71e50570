from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from IPython.core.interactiveshell import InteractiveShell

from grader.recorder.steady import ENDS, shortened, steady

if TYPE_CHECKING:
    import pytest


def deep(depth: int) -> None:
    if depth == 0:
        raise ValueError
    deep(depth - 1)


def length(depth: int) -> int:
    try:
        deep(depth)
    except ValueError as error:
        trace, count = shortened(error.__traceback__), 0
        while trace is not None:
            trace, count = trace.tb_next, count + 1
        return count
    raise AssertionError


def test_of_a_very_long_traceback_only_the_ends_are_drawn() -> None:
    assert length(500) == 2 * ENDS


def test_others_stay_as_they_are() -> None:
    assert length(5) == 7


def test_a_compiled_model_is_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "compile", torch.compile)
    monkeypatch.setattr(torch.nn.Module, "compile", torch.nn.Module.compile)
    steady(InteractiveShell())  # type: ignore[no-untyped-call]
    model = torch.nn.Linear(1, 1)
    assert torch.compile(model, mode="default") is model
    assert torch.compile(dynamic=True)(model) is model
    model.compile()
