from __future__ import annotations

import copy
import functools
from collections import OrderedDict, defaultdict, deque
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
import torch

from grader.recorder.untouched import MOST_ITEMS_IN_ALL, MOST_VISITED, Variables

if TYPE_CHECKING:
    from collections.abc import Callable


def test_names_that_were_set_changed_or_deleted_are_as_they_were() -> None:
    namespace: dict[str, Any] = {"calls": 1, "last": "a", "kept": 3}
    variables = Variables(namespace)
    namespace.update(calls=2, new=1)
    del namespace["last"]
    variables.put_back()
    assert namespace == {"calls": 1, "last": "a", "kept": 3}


def test_containers_hold_what_they_held_and_are_the_same_ones() -> None:
    namespace: dict[str, Any] = {
        "losses": [1.0],
        "seen": {"a": 1},
        "rows": {1},
        "latest": deque([1], maxlen=3),
    }
    before, objects = str(namespace), list(namespace.values())
    variables = Variables(namespace)
    namespace["losses"].append(2.0)
    namespace["seen"].update(a=2, b=3)
    namespace["rows"].add(2)
    namespace["latest"].extend([2, 3, 4])
    variables.put_back()
    assert str(namespace) == before
    assert all(one is other for one, other in zip(namespace.values(), objects, strict=True))


def test_what_a_function_keeps_is_as_it_was() -> None:
    def counting() -> Callable[[], None]:
        values: list[int] = []

        def loss_fn() -> None:
            values.append(1)
            loss_fn.__dict__["calls"] = len(values)

        loss_fn.__dict__["values"] = values
        return loss_fn

    loss_fn = counting()
    variables = Variables({"loss_fn": loss_fn})
    loss_fn()
    variables.put_back()
    assert loss_fn.__dict__ == {"values": []}


def test_ipythons_own_names_are_let_be() -> None:
    namespace: dict[str, Any] = {"In": ["a"], "_i": "a"}
    variables = Variables(namespace)
    namespace["In"].append("b")
    namespace["_i"] = "b"
    variables.put_back()
    assert namespace == {"In": ["a", "b"], "_i": "b"}


class Keeper:
    """What a student's class may keep, for itself and for its objects."""

    calls = 0
    seen: ClassVar[list[float]] = []

    def __init__(self) -> None:
        self.own: dict[str, list[float]] = {"loss": []}
        self.count = 0

    def __call__(self, value: float, kept: list[float] = []) -> None:  # noqa: B006
        Keeper.calls += 1
        self.count += 1
        setattr(self, f"at_{value}", 1)
        for each in (self.seen, self.own["loss"], kept):
            each.append(value)


def nested(place: Any, *path: Any) -> Callable[[], None]:
    def loss_fn() -> None:
        found = place
        for key in path:
            found = found[key]
        found.append(1.0)

    return loss_fn


@pytest.mark.parametrize(
    ("place", "path"),
    [
        ({"loss": []}, ["loss"]),
        ([[], []], [1]),
        ({"runs": [{"loss": [0.5]}]}, ["runs", 0, "loss"]),
        (([],), [0]),
        (defaultdict(list), ["loss"]),
        (OrderedDict(a=[]), ["a"]),
        ({"latest": deque([1, 2], maxlen=2)}, ["latest"]),
    ],
)
def test_what_containers_in_containers_hold_is_as_it_was(place: Any, path: list[Any]) -> None:
    before = copy.deepcopy(place)
    variables = Variables({"history": place})
    nested(place, *path)()
    assert place != before
    variables.put_back()
    assert place == before


def test_what_an_object_and_its_class_keep_is_as_it_was() -> None:
    keeper = Keeper()
    keeper(1.0)
    own = keeper.own["loss"]
    variables = Variables({"parts": [keeper]})
    keeper(2.0)
    variables.put_back()
    assert (keeper.count, Keeper.calls, Keeper.seen) == (1, 1, [1.0])
    assert keeper.own["loss"] is own
    assert own == [1.0]
    assert sorted(vars(keeper)) == ["at_1.0", "count", "own"]
    assert Keeper.__call__.__defaults__ == ([1.0],)


def test_a_count_that_a_function_keeps_to_itself_is_as_it_was() -> None:
    def counting() -> Callable[[], int]:
        count = 0

        def loss_fn() -> int:
            nonlocal count
            count += 1
            return count

        return loss_fn

    loss_fn = counting()
    variables = Variables({"loss_fn": functools.partial(loss_fn)})
    loss_fn()
    variables.put_back()
    assert loss_fn() == 1


def test_what_the_parts_and_hooks_of_a_model_keep_is_as_it_was() -> None:
    answers: list[Any] = []
    model = torch.nn.Sequential(torch.nn.Linear(1, 1))
    model[0].register_forward_hook(lambda _, __, answer: answers.append(answer))
    variables = Variables({"model": model})
    weight = model[0].weight
    model(torch.ones(1, 1))
    variables.put_back()
    assert answers == []
    assert model[0].weight is weight


def test_an_own_kind_of_list_is_put_back_without_its_own_ways() -> None:
    class Losses(list[float]):
        def clear(self) -> None:
            raise RuntimeError("never")

        def __iter__(self) -> Any:
            raise RuntimeError("never")

    losses = Losses([1.0])
    variables = Variables({"losses": losses})
    losses.append(2.0)
    variables.put_back()
    assert len(losses) == 1


def test_no_more_is_looked_at_than_there_is_room_for() -> None:
    deep: list[Any] = []
    innermost = deep
    for _ in range(5 * MOST_VISITED):
        deep = [deep]
    wide = [[0.0] * 1000 for _ in range(1000)]
    variables = Variables({"deep": deep, "wide": wide, "losses": [], "huge": [0] * 100_000})
    assert len(variables.contents) <= MOST_VISITED
    assert sum(len(before) for _, _, before in variables.contents) <= MOST_ITEMS_IN_ALL
    assert innermost == []
