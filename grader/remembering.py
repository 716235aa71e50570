"""Remembers the results of pure functions of large values, for as long as these values live."""

from __future__ import annotations

from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Final, TypeVar, TypeVarTuple
from weakref import finalize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

# A class shares most of its cells, which are shorter than this. Longer ones would fill the memory.
_SHORT: Final = 4_000
_TEXTS: Final = 512


def remembered(function: Callable[[*Ts], T]) -> Callable[[*Ts], T]:
    """The same function, called only once for the same objects, which it tells apart by identity.

    For evidence: frozen, too large to be compared, and too large to be kept when it was judged.
    """
    known: dict[tuple[int, ...], T] = {}

    @wraps(function)
    def ask(*things: *Ts) -> T:
        key = tuple(id(thing) for thing in things)
        if key not in known:
            known[key] = function(*things)
            _when_one_goes(things, lambda: known.pop(key, None))
        return known[key]

    return ask


def _when_one_goes(things: Iterable[object], forget: Callable[[], object]) -> None:
    """Call `forget` when the first of the things is gone, and release the others.

    A recipe lives as long as a class is graded: results kept until its end would pile up.
    """
    waiting: list[finalize[..., object]] = []

    def end() -> None:
        forget()
        for each in waiting:
            each.detach()

    for thing in things:
        waiting.append(finalize(thing, end))
        waiting[-1].atexit = False


def remembered_if_short(function: Callable[[str], T]) -> Callable[[str], T]:
    """The same function of a text, called only once for the same text unless it is long."""
    known = lru_cache(_TEXTS)(function)

    @wraps(function)
    def ask(text: str) -> T:
        return known(text) if len(text) <= _SHORT else function(text)

    return ask
