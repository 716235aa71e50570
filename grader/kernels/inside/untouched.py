"""Leaves a notebook's variables as they were, whatever its own objects do while they are asked."""

from __future__ import annotations

import collections
import copy
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping

CONTAINERS = (list, dict, set, collections.deque)
MOST_ITEMS = 10_000
# IPython's own; they come and go as it likes.
NOT_THEIRS = ("In", "Out")


class Variables:
    """What the names of a namespace stand for, and what the containers among that hold.

    A loss that is a function may well write each of its values into a list of the notebook's, and
    is not to find there what it said to us.
    """

    def __init__(self, namespace: MutableMapping[str, Any]) -> None:
        self.namespace = namespace
        self.names = {name: namespace[name] for name in theirs(namespace)}
        found = {id(each): each for value in self.names.values() for each in held(value)}
        self.contents = [(each, copy.copy(each)) for each in found.values()]

    def put_back(self) -> None:
        """Let everything be as it was found."""
        for name in theirs(self.namespace):
            if name not in self.names:
                del self.namespace[name]
        for name, value in self.names.items():
            if self.namespace.get(name) is not value:
                self.namespace[name] = value
        for container, before in self.contents:
            if not same(container, before):
                container.clear()
                (container.extend if hasattr(container, "extend") else container.update)(before)


def theirs(namespace: MutableMapping[str, Any]) -> list[str]:
    """The names that are the notebook's own."""
    return [name for name in namespace if name[:1] != "_" and name not in NOT_THEIRS]


def held(value: Any) -> Iterator[Any]:
    """The value, if it is a container, and the containers that a function of theirs holds."""
    if type(value) in CONTAINERS:
        if len(value) <= MOST_ITEMS:
            yield value
    elif isinstance(value, types.FunctionType):
        for cell in value.__closure__ or ():
            try:
                inside = cell.cell_contents
            except ValueError:  # nothing is in it yet
                continue
            if type(inside) in CONTAINERS and len(inside) <= MOST_ITEMS:
                yield inside
        yield vars(value)


def same(one: Any, other: Any) -> bool:
    """Whether two containers hold the very same things."""
    if len(one) != len(other):
        return False
    if isinstance(one, dict):
        return all(key in other and other[key] is value for key, value in one.items())
    if isinstance(one, set):
        return bool(one == other)
    return all(a is b for a, b in zip(one, other, strict=True))
