from __future__ import annotations

import collections
import functools
import gc
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

from grader.recorder.copies import copy_of

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


@pytest.mark.parametrize(("mode", "line"), [("w", "asked"), ("wb", b"asked")])
def test_what_was_closed_does_not_keep_a_copy_from_its_answer(
    tmp_path: Path, mode: str, line: str | bytes
) -> None:
    with (tmp_path / "log").open(mode) as file:
        file.write(line)
    copied = copy_of(Line({"log": file}))
    copied.held["log"].write(line)
    assert file.closed
    assert (tmp_path / "log").read_text() == "asked"


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


class Closing(Line):
    """A model that closes its file when it goes."""

    def __del__(self) -> None:
        self.held.close()


class Log:
    def __init__(self, file: Any) -> None:
        self.file = file

    def __del__(self) -> None:
        self.file.close()


class Half(Line):
    """It goes while it is being copied: what it holds cannot be."""

    def __setstate__(self, state: object) -> None:
        raise TypeError("no copies")

    def __del__(self) -> None:
        self.held.close()


@pytest.mark.parametrize(
    "make",
    [Closing, Half, lambda file: Line(Log(file)), lambda file: Line([{"log": Log(file)}])],
    ids=["the model", "one half made", "what it holds", "what a list of it holds"],
)
def test_no_copy_closes_what_it_shares(make: Any, tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as file:
        model = make(file)
        copy_of(model)
        copy_of([model])
        gc.collect()
        assert not file.closed
        del model


def test_an_optimizer_and_a_loss_do_not_clean_up_when_their_copies_go() -> None:
    gone: list[str] = []
    ending = {"__del__": lambda _: gone.append("gone")}
    linear = nn.Linear(1, 1)
    loss_fn = type("Loss", (nn.MSELoss,), ending)()
    optimizer = type("Own", (torch.optim.SGD,), ending)(linear.parameters(), lr=0.1)
    weight = type("Weight", (nn.Parameter,), ending)(torch.ones(1))
    copy_of([loss_fn, optimizer, weight])
    gc.collect()
    assert gone == []
    del loss_fn
    gc.collect()
    assert gone == ["gone"]


def test_what_a_finalizer_watches_over_is_not_its_copy() -> None:
    gone: list[str] = []
    model = Line()
    model.held = weakref.finalize(model, gone.append, "gone")
    copy_of(model)
    gc.collect()
    assert gone == []
    assert model.held.detach() is not None


MADE: list[Any] = []


class Noted:
    """A class that has a list of all that were made, and gives out the first one for ever."""

    def __new__(cls, *_: Any) -> Any:
        if not any(type(each) is cls for each in MADE):
            owner: Any = next(c for c in cls.__mro__[2:] if c.__module__ == "builtins")
            MADE.append(owner.__new__(cls))
        return next(each for each in MADE if type(each) is cls)

    def __init__(self, *args: Any) -> None:
        MADE.append(None)
        super().__init__(*args)


class Single(Noted, Line):
    pass


class Items(Noted, list[Any]):
    pass


class Table(Noted, dict[Any, Any]):
    pass


class Rows(Noted, set[Any]):
    pass


class Trouble(Noted, ValueError):
    pass


@pytest.mark.parametrize("kind", [Single, Items, Table, Rows, Trouble])
def test_the_notebooks_way_of_making_objects_makes_no_copy(kind: type) -> None:
    MADE.clear()
    value = kind()
    count = len(MADE)
    copied = copy_of(value)
    assert type(copied) is kind
    assert copied is not value
    assert len(MADE) == count


def test_a_single_model_is_copied_with_its_numbers() -> None:
    MADE.clear()
    model = Single()
    weight = model.linear.weight
    copied = copy_of(model)
    with torch.no_grad():
        copied.linear.weight.fill_(7)
    assert model.linear.weight is weight
    assert weight.item() != 7


def test_tuples_with_a_way_of_their_own_to_be_made_are_copied() -> None:
    class Pair(tuple[Any, ...]):
        __slots__ = ()

        def __new__(cls, one: Any, other: Any) -> Any:
            MADE.append(one)
            return super().__new__(cls, (one, other))

    MADE.clear()
    held = Pair([1], [2])
    copied = copy_of(held)
    assert (type(copied), copied, len(MADE)) == (Pair, held, 1)
    assert copied[0] is not held[0]


def test_a_parameter_of_the_notebooks_own_kind_is_made_without_its_code() -> None:
    def new(cls: Any, data: Any, *_: object) -> Any:
        MADE.append(data)
        return nn.Parameter.__new__(cls, data)

    new.__module__ = "__main__"
    kind: Any = type("Weight", (nn.Parameter,), {"__new__": new})
    model = Line()
    model.linear.weight = kind(torch.ones(1, 1))
    MADE.clear()
    copied = copy_of(model)
    assert MADE == []
    assert type(copied.linear.weight) is kind
    assert copied.linear.weight is not model.linear.weight
    copied(INPUTS).sum().backward()
    assert copied.linear.weight.grad is not None
    assert all(p.grad is None for p in model.parameters())


def test_a_lazy_layers_copy_answers_again_and_again_and_leaves_it_untouched() -> None:
    layer = torch.nn.LazyLinear(1)
    copy = copy_of(layer)
    assert [copy(torch.ones(2, 1)).shape for _ in range(2)] == [(2, 1), (2, 1)]
    assert type(layer) is torch.nn.LazyLinear
    assert layer(torch.ones(3, 1)).shape == layer(torch.ones(3, 1)).shape == (3, 1)


def test_an_optimizers_copy_has_what_its_class_adds_and_no_function_of_the_original() -> None:
    class Diary(torch.optim.SGD):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            self.pages: list[int] = [1]

    model = Line()
    optimizer = Diary(model.parameters(), 0.1)
    torch.optim.lr_scheduler.StepLR(optimizer, 10)  # which puts a step of its own on the object
    copied = copy_of(optimizer)
    assert copied.pages == [1]
    assert copied.pages is not optimizer.pages
    before = [p.detach().clone() for p in model.parameters()]
    for group in copied.param_groups:
        for p in group["params"]:
            p.grad = torch.ones_like(p)
    copied.step()
    assert all(torch.equal(p, was) for p, was in zip(model.parameters(), before, strict=True))
