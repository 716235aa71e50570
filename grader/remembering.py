"""Remembers what pure functions made of large values, for as long as these values live."""

from __future__ import annotations

from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Final, TypeVar
from weakref import finalize

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
V = TypeVar("V")

# A class shares most of its cells, which are shorter than this. Nobody fills the memory with more.
_SHORT: Final = 4_000
_TEXTS: Final = 512


def remembered(function: Callable[[V], T]) -> Callable[[V], T]:
    """The same function, asked only once about the same object, which it tells apart by identity.

    For evidence: frozen, too large to be compared, and too large to be kept after it was judged.
    """
    known: dict[int, T] = {}

    @wraps(function)
    def ask(value: V) -> T:
        key = id(value)
        if key not in known:
            known[key] = function(value)
            finalize(value, known.pop, key, None).atexit = False
        return known[key]

    return ask


def remembered_if_short(function: Callable[[str], T]) -> Callable[[str], T]:
    """The same function of a text, asked only once about the same text unless it is long."""
    known = lru_cache(_TEXTS)(function)

    @wraps(function)
    def ask(text: str) -> T:
        return known(text) if len(text) <= _SHORT else function(text)

    return ask
