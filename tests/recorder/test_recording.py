from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

from grader.recorder.recording import Recorder


class Uncopied(nn.Linear):
    """A model that cannot be copied, not even piece by piece."""

    def __setstate__(self, state: object) -> None:
        raise TypeError("no copies")


def kept(model: nn.Module) -> Any:
    user_ns = {
        **{"X": torch.ones(4, 1), "y": torch.ones(4, 1), "model": model, "loss_fn": nn.MSELoss()},
        "optimizer": torch.optim.SGD(model.parameters(), lr=0.1),
    }
    recorder = Recorder(SimpleNamespace(user_ns=user_ns), numbers={}, steps={}, names={}, shown=())
    recorder.keep_copies()
    return recorder.copies


def test_copies_are_kept_for_the_plain_loop() -> None:
    model = nn.Linear(1, 1)
    copies, _ = kept(model)
    assert copies[2].weight is not model.weight


@pytest.mark.parametrize("kind", [Uncopied])
def test_no_plain_loop_is_run_on_the_students_own_numbers(kind: type[nn.Linear]) -> None:
    assert kept(kind(1, 1)) is None
