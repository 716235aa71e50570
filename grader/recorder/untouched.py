"""Leaves a notebook's variables as they were, whatever its own objects do while they are asked."""

from __future__ import annotations

import collections
import contextlib
import functools
import operator
import types
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from .copies import students

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, MutableMapping

# The first of them whose kind a container is can copy, empty and fill it.
CONTAINERS: tuple[Any, ...] = (list, collections.OrderedDict, dict, set, collections.deque)
NOTHING_INSIDE = (
    *(int, float, complex, str, bytes, type(None), types.ModuleType),
    *(torch.Tensor, torch.dtype, np.ndarray, np.generic),
)
PLAIN = frozenset((*NOTHING_INSIDE, bool))
# Of a library's modules these lead to what is the notebook's.
HELD_BY_MODULES = ("_modules", "_forward_hooks", "_forward_pre_hooks")
MOST_ITEMS = 10_000  # of one container
MOST_ITEMS_IN_ALL = 50_000
MOST_VISITED = 3000
# What Python itself writes into a class.
OF_PYTHON = ("__dict__", "__weakref__", "__doc__", "__module__", "__annotations__")
# IPython's own; they come and go as it likes.
NOT_THEIRS = ("In", "Out")


class Variables:
    """What the names of a namespace stand for, and what is held by all that can be reached there.

    A loss may well write each of its values into a list of the notebook's, of its class's, or of
    an object that it knows, and is not to find there what it said to us.
    """

    def __init__(self, namespace: MutableMapping[str, Any]) -> None:
        self.namespace = namespace
        self.names = {name: namespace[name] for name in theirs(namespace)}
        self.contents: list[tuple[Any, Any, Any]] = []
        self.classes: list[tuple[type, dict[str, Any]]] = []
        self.cells: list[tuple[types.CellType, Any]] = []
        self._look_around()

    def put_back(self) -> None:
        """Let everything be as it was found."""
        for name in theirs(self.namespace):
            if name not in self.names:
                del self.namespace[name]
        for name, value in self.names.items():
            if self.namespace.get(name) is not value:
                self.namespace[name] = value
        for kind, container, before in self.contents:
            if not same(kind, container, before):
                kind.clear(container)
                (kind.extend if hasattr(kind, "extend") else kind.update)(container, before)
        for cell, content in self.cells:
            cell.cell_contents = content
        for owner, attributes in self.classes:
            with contextlib.suppress(Exception):
                _put_back_class(owner, attributes)

    # ---- looking around ------------------------------------------------------------------------

    def _look_around(self) -> None:
        """Breadth first, so that one endless object does not keep us from the others."""
        self.room = MOST_ITEMS_IN_ALL
        waiting = collections.deque(self.names.values())
        seen: set[int] = set()
        while waiting and len(seen) < MOST_VISITED:
            value = waiting.popleft()
            if type(value) in PLAIN or id(value) in seen:
                continue
            seen.add(id(value))
            with contextlib.suppress(Exception):  # an object may lie about itself
                waiting.extend(each for each in self._inside(value) if type(each) not in PLAIN)

    def _inside(self, value: Any) -> Iterable[Any]:
        for kind in CONTAINERS:
            if isinstance(value, kind):
                return self._container(kind, value)
        if isinstance(value, NOTHING_INSIDE):
            return ()
        if isinstance(value, (tuple, frozenset)):
            return value if len(value) <= MOST_ITEMS else ()
        if isinstance(value, types.FunctionType):
            return self._function(value)
        if isinstance(value, types.MethodType):
            return (value.__self__, value.__func__)
        if isinstance(value, (staticmethod, classmethod)):
            return (value.__func__,)
        if isinstance(value, property):
            return (value.fget, value.fset)
        if isinstance(value, functools.partial):
            return (value.func, value.args, value.keywords)
        if isinstance(value, type):
            return self._class(value)
        return self._instance(value)

    def _container(self, kind: Any, value: Any) -> Iterator[Any]:
        size = kind.__len__(value)
        if size <= min(MOST_ITEMS, self.room):
            self.room -= size
            mapping = issubclass(kind, dict)
            before = dict(kind.items(value)) if mapping else list(kind.__iter__(value))
            self.contents.append((kind, value, before))
            yield from before.values() if isinstance(before, dict) else before
        if type(value) is not kind:
            yield from self._instance(value)

    def _function(self, value: types.FunctionType) -> Iterator[Any]:
        for cell in value.__closure__ or ():
            with contextlib.suppress(ValueError):  # nothing is in it yet
                content = cell.cell_contents
                self.cells.append((cell, content))
                yield content
        yield from value.__defaults__ or ()
        yield from (value.__kwdefaults__ or {}).values()
        yield value.__dict__

    def _class(self, value: type) -> Iterator[Any]:
        for owner in value.__mro__:
            if students(owner):
                attributes = dict(vars(owner))
                self.classes.append((owner, attributes))
                yield from (each for name, each in attributes.items() if name not in OF_PYTHON)

    def _instance(self, value: Any) -> Iterator[Any]:
        if students(type(value)):
            yield type(value)
            yield object.__getattribute__(value, "__dict__")
        elif isinstance(value, torch.nn.Module):
            attributes = vars(value)
            yield from (attributes.get(name) for name in HELD_BY_MODULES)


def _put_back_class(owner: type, attributes: dict[str, Any]) -> None:
    now = dict(vars(owner))
    for name in now.keys() - attributes.keys():
        type.__delattr__(owner, name)
    for name, value in attributes.items():
        if now.get(name) is not value:
            type.__setattr__(owner, name, value)


def theirs(namespace: MutableMapping[str, Any]) -> list[str]:
    """The names that are the notebook's own."""
    return [name for name in namespace if name[:1] != "_" and name not in NOT_THEIRS]


def same(kind: Any, one: Any, other: Any) -> bool:
    """Whether two containers hold the very same things."""
    if kind.__len__(one) != len(other):
        return False
    if issubclass(kind, dict):
        return all(
            a is b and c is d for (a, c), (b, d) in zip(kind.items(one), other.items(), strict=True)
        )
    if kind is set:
        return bool(set(other) == one)
    return all(map(operator.is_, kind.__iter__(one), other))
