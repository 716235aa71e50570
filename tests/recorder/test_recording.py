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


class ByHand:
    """An optimizer that torch knows nothing of."""

    def __init__(self, numbers: Any, lr: float) -> None:
        self.numbers, self.lr = list(numbers), lr

    def step(self) -> None:
        with torch.no_grad():
            for number in self.numbers:
                number -= self.lr * number.grad

    def zero_grad(self) -> None:
        for number in self.numbers:
            number.grad = None


def test_the_steps_of_an_optimizer_of_ones_own_are_seen_like_torchs() -> None:
    model = nn.Linear(1, 1)
    optimizer = type("Fresh", (ByHand,), {})(model.parameters(), 0.1)
    recorder = Recorder(
        SimpleNamespace(user_ns={"model": model, "optimizer": optimizer}),
        numbers={},
        steps={3: ["train"]},
        names={},
        shown=(),
    )
    recorder.look_before_training()
    recorder.cell = 3
    model(torch.ones(2, 1)).mean().backward()
    optimizer.step()
    optimizer.zero_grad()
    record = recorder.training.record(list(model.parameters()))
    assert record["events"] == "SZ"
    assert [len(each["gradients"]) for each in record["trained"]] == [1, 1]
    assert [each["changes"] for each in record["trained"]] == [2, 2]


def test_a_step_that_is_called_on_the_class_fails_as_it_always_did() -> None:
    model = nn.Linear(1, 1)
    kind: Any = type("Fresh", (ByHand,), {})
    recorder = Recorder(SimpleNamespace(user_ns={}), numbers={}, steps={}, names={}, shown=())
    recorder.follow(kind(model.parameters(), 0.1))
    with pytest.raises(TypeError, match=r"step\(\) missing 1 required positional argument: 'self'"):
        kind.step()
