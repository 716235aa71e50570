"""What the names of a notebook stand for: where a value, or a part of it, comes from.

Read from the syntax alone: a batch comes from the cards that its loader was made of.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from grader.syntax import nodes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence, Set

_MOST_LINKS: Final = 20
_NAMED: Final = (ast.Name, ast.Attribute)
# What deals several sets of cards side by side, one row of each at a time.
_SIDE_BY_SIDE: Final = ("zip", "TensorDataset")


@dataclass(frozen=True, slots=True)
class Part:
    """What stands at one place of what is unpacked or dealt out."""

    whole: ast.expr | Part
    place: int


Behind = ast.expr | Part


@dataclass(frozen=True, slots=True)
class Bound:
    """The expression behind each name of a cell, or the part of one.

    Loaders may be made in other cells: `anywhere`. Results have names that cells give at their
    outermost level: `given`.
    """

    values: Mapping[str, Behind]
    anywhere: Mapping[str, Behind]
    given: Set[str]

    @staticmethod
    def in_cells(sources: Sequence[str], given: Set[str]) -> Mapping[str, Bound]:
        """What the names of each cell stand for, by its source."""
        each = {source: dict(_bindings(source)) for source in sources}
        anywhere = {name: value for own in each.values() for name, value in own.items()}
        return {source: Bound(own, {**anywhere, **own}, given) for source, own in each.items()}

    def root(self, value: Behind) -> str | None:
        """The result that an expression such as X.to(device), or a batch, begins with."""
        found = None
        for _ in range(_MOST_LINKS):
            match value:
                case ast.Name(id=name):
                    found = name if name in self.given or found is None else found
                    if not self._leads_on(name):
                        break
                    value = self.values[name]
                case Part(whole=whole, place=place):
                    dealt = self._dealt(whole, place)
                    if dealt is None:
                        break
                    value = dealt
                case (
                    ast.Call(func=ast.Attribute(value=inner))
                    | ast.Attribute(value=inner)
                    | ast.Subscript(value=inner)
                    | ast.Call(args=[inner])
                ):
                    value = inner
                case _:
                    break
        return found

    def _leads_on(self, name: str) -> bool:
        """Whether a name stands for another's value, or for some of its rows."""
        behind = self.values.get(name)
        return isinstance(behind, ast.Call) or (
            isinstance(behind, (ast.Subscript, ast.Name, Part)) and name not in self.given
        )

    def _dealt(self, value: Behind, place: int) -> ast.expr | None:
        """What stands at this place of all that a loader, a data set, zip or a tuple deals."""
        for _ in range(_MOST_LINKS):
            match value:
                case ast.Tuple(elts=dealt):
                    return dealt[place] if place < len(dealt) else None
                case ast.Call(func=called, args=dealt) if _last_name(called) in _SIDE_BY_SIDE:
                    return dealt[place] if place < len(dealt) else None
                case ast.Name(id=name) if name in self.anywhere:
                    value = self.anywhere[name]
                case ast.Call(args=[first, *_]):
                    value = first
                case ast.Call(keywords=[ast.keyword(value=first), *_]):
                    value = first
                case _:
                    return None
        return None


def _last_name(called: ast.expr) -> str:
    return ast.unparse(called).rpartition(".")[2] if isinstance(called, _NAMED) else ""


def _bindings(source: str) -> Iterator[tuple[str, Behind]]:
    for node in nodes(source):
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    yield from _unpacked(target, value)
            case ast.For(
                target=ast.Tuple(elts=[_, target]),
                iter=ast.Call(func=ast.Name(id="enumerate"), args=[dealing, *_]),
            ):
                yield from _unpacked(target, dealing)
            case ast.For(target=target, iter=dealing):
                yield from _unpacked(target, dealing)


def _unpacked(target: ast.expr, value: Behind) -> Iterator[tuple[str, Behind]]:
    """The names of a target, with the value or their place in it."""
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple):
        for place, inner in enumerate(target.elts):
            yield from _unpacked(inner, Part(value, place))
