from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from grader.kernels.inside.untouched import Variables

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
