from __future__ import annotations

import collections
import functools
import itertools
import logging
import sqlite3
import threading
import weakref
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, parametrize

from grader.kernels.inside.copies import copy_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

INPUTS = torch.arange(4.0).view(-1, 1)


class Line(nn.Module):
    """A line that holds something besides."""

    def __init__(self, held: Any = None) -> None:
        super().__init__()
        self.linear = nn.Linear(1, 1)
        self.held = held

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        answer: torch.Tensor = self.linear(x)
        return answer


class Uncopied(Line):
    def __deepcopy__(self, memo: object) -> Line:
        raise TypeError("no copies")


class Unpacked(Line):
    def __reduce_ex__(self, _: object) -> str:
        raise TypeError("no pickles")


class Wrapped:
    def __init__(self, inside: Any) -> None:
        self.inside = inside

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inside, name)

    def __call__(self, x: torch.Tensor) -> Any:
        return self.inside(x)


class Slotted:
    __slots__ = ("held", "lock")

    def __init__(self) -> None:
        self.lock, self.held = threading.Lock(), [1]


class Colour(Enum):
    RED = 1


@dataclass
class Settings:
    rate: float = 0.01
    lock: Any = field(default_factory=threading.Lock)


def numbered() -> Iterator[int]:
    yield from itertools.count()


def answer_of(model: Line) -> torch.Tensor:
    answer: torch.Tensor = model(INPUTS)
    return answer


HELD = {
    "an answer with its graph": lambda: answer_of(Line()),
    "answers with their graphs": lambda: [(INPUTS, answer_of(Line())) for _ in range(3)],
    "a node of a graph": lambda: answer_of(Line()).grad_fn,
    "a lock": threading.Lock,
    "a condition": threading.Condition,
    "a thread": lambda: threading.Thread(target=print),
    "a generator": numbered,
    "an iterator": lambda: iter([1, 2]),
    "a lambda": lambda: lambda: 0,
    "a module of Python's": lambda: threading,
    "a class": lambda: Line,
    "a logger": lambda: logging.getLogger("line"),
    "a database": lambda: sqlite3.connect(":memory:"),
    "a random generator": torch.Generator,
    "a weak reference": lambda: weakref.ref(Colour),
    "settings": Settings,
    "slots": Slotted,
    "a partial function": lambda: functools.partial(print, threading.Lock()),
    "one of an enumeration": lambda: Colour.RED,
    "a loader on its way": lambda: iter(torch.utils.data.DataLoader([1, 2])),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("held", HELD.values(), ids=HELD)
def test_a_model_is_copied_whatever_it_holds(held: Any) -> None:
    model = Line(held())
    copied = copy_of(model)
    assert copied is not model
    assert torch.equal(copied(INPUTS), model(INPUTS))
    with torch.no_grad():
        copied.linear.weight.fill_(7)
    assert model.linear.weight.item() != 7


def test_an_open_file_is_shared(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as file:
        assert copy_of(Line(file)).held is file


@pytest.mark.parametrize("kind", [Uncopied, Unpacked])
def test_a_module_that_will_not_be_copied_is_as_good_as_any_other(kind: type[Line]) -> None:
    model = kind()
    copied = copy_of(model)
    assert torch.equal(copied(INPUTS), model(INPUTS))


def test_a_wrapper_that_passes_on_what_it_does_not_know_is_copied_with_what_it_wraps() -> None:
    model = Wrapped(Line())
    copied = copy_of(model)
    assert copied.inside is not model.inside
    assert torch.equal(copied(INPUTS), model(INPUTS))


def test_an_optimizer_moves_the_copy_of_its_model() -> None:
    model = Line(threading.Lock())
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0, momentum=0.9)
    model(INPUTS).sum().backward()
    optimizer.step()
    before = model.linear.weight.item()
    copied, same = copy_of([model, optimizer])
    moved = same.param_groups[0]["params"]
    assert all(p is q for p, q in zip(copied.parameters(), moved, strict=True))
    copied(INPUTS).sum().backward()
    same.step()
    assert copied.linear.weight.item() != before == model.linear.weight.item()
    assert same.state[copied.linear.weight]["momentum_buffer"] is not None


def test_what_is_held_twice_or_by_itself_is_copied_once() -> None:
    model = Line()
    model.held = [model, INPUTS, INPUTS]
    copied = copy_of(model)
    assert copied.held[0] is copied
    assert copied.held[1] is copied.held[2] is not INPUTS


def test_the_kinds_of_containers_stay_what_they_are() -> None:
    pair = collections.namedtuple("pair", "a b")
    held = [
        *({"a": [1]}, (1, [2]), {1, 2}, frozenset({3}), pair(1, [2])),
        *(collections.OrderedDict(a=1), collections.defaultdict(list, a=[1])),
        *(collections.deque([1, 2], maxlen=2), collections.Counter("aab"), np.ones(3)),
    ]
    copied = copy_of(held)
    assert [type(each) for each in copied] == [type(each) for each in held]
    assert str(copied) == str(held)
    copied[0]["a"].append(9)
    assert held[0]["a"] == [1]  # type: ignore[index]


def test_a_bound_method_is_that_of_the_copy() -> None:
    model = Line()
    model.held = model.forward
    copied = copy_of(model)
    assert copied.held.__self__ is copied


def test_parametrized_layers_are_copied() -> None:
    for model in (
        parametrizations.weight_norm(nn.Linear(1, 1)),
        parametrize.register_parametrization(nn.Linear(1, 1), "weight", nn.Identity()),
    ):
        model(INPUTS)
        assert torch.equal(copy_of(model)(INPUTS), model(INPUTS))


def test_a_generator_of_random_numbers_goes_its_own_way() -> None:
    model = Line(torch.Generator().manual_seed(1))
    copied = copy_of(model)
    drawn = torch.rand(1, generator=copied.held)
    assert torch.rand(1, generator=model.held) == drawn


def test_a_parameter_with_something_odd_about_it_stays_a_parameter() -> None:
    model = Line()
    model.linear.weight.held = threading.Lock()  # type: ignore[attr-defined]
    copied = copy_of(model)
    assert [type(p) for p in copied.parameters()] == [nn.Parameter, nn.Parameter]
    assert copied.linear.weight is not model.linear.weight


def test_endless_nesting_comes_to_an_end() -> None:
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    assert isinstance(copy_of(deep), list)


@pytest.mark.parametrize("way", ["__deepcopy__", "__reduce_ex__"])
def test_what_a_notebook_would_pass_off_as_a_copy_is_none(way: str) -> None:
    def another(*_: object) -> Any:
        return nn.MSELoss() if way == "__deepcopy__" else (nn.MSELoss, ())

    another.__module__ = "__main__"
    wrong = type("Wrong", (nn.L1Loss,), {way: another})()
    assert type(copy_of(wrong)) is type(wrong)
    assert copy_of(wrong)(INPUTS, INPUTS + 2).item() == 2
