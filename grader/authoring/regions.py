"""The solution regions of a reference's cell, and the stubs that take their places in the handout.

    ### BEGIN SOLUTION
    X = torch.arange(0, 5)
    ### STUB
    # X = ...  # TODO: the five cards
    ### END SOLUTION

The stub is commented out so that the reference runs; the handout keeps it alone, without the "# ".
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from grader.language.messages import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.language.messages import Message

_MARKS = _BEGIN, _STUB, _END = "### BEGIN SOLUTION", "### STUB", "### END SOLUTION"
_COMMENT = "# "


def has_regions(source: str) -> bool:
    """Whether any mark of a region stands in the cell."""
    return any(line.strip() in _MARKS for line in source.splitlines())


def fault(source: str) -> Message | None:
    """What keeps the cell from having a clear stub, and what to do about it; None where it has."""
    if not has_regions(source):
        return say(
            "there is no solution. Put it between {begin} and {end}.", begin=_BEGIN, end=_END
        )
    passed = _END
    for line, following in pairwise([*map(str.strip, source.splitlines()), _END]):
        if line in _MARKS:
            if line != _due(passed):
                return say(
                    "{mark} stands where {due} is due. A region goes {begin}, {stub}, {end}, "
                    "and holds no other.",
                    mark=line,
                    due=_due(passed),
                    begin=_BEGIN,
                    stub=_STUB,
                    end=_END,
                )
            if line == _STUB and following in {"", _END}:
                return say("the stub is empty. Write after {stub} what students get.", stub=_STUB)
            passed = line
        elif passed == _STUB and not line.startswith(_COMMENT):
            return say('a line of the stub does not begin with "# ": {line}. Add it.', line=line)
    if passed != _END:
        return say("{due} is missing. Close the region with it.", due=_due(passed))
    return None


def stubbed(source: str) -> str:
    """The cell's source with each region replaced by its stub; `source` has no fault."""
    lines = _kept(source, _STUB)
    return "\n".join(line.replace(_COMMENT, "", 1) if inside else line for line, inside in lines)


def solved(source: str) -> str:
    """The cell's source with each region replaced by its solution; `source` has no fault."""
    return "\n".join(line for line, _ in _kept(source, _BEGIN))


def _kept(source: str, part: str) -> Iterator[tuple[str, bool]]:
    """The lines outside the regions and those of one part inside, and whether they are inside."""
    passed = _END
    for line in source.splitlines():
        if line.strip() in _MARKS:
            passed = line.strip()
        elif passed in {_END, part}:
            yield line, passed == part


def _due(passed: str) -> str:
    """The mark that comes after the one passed last."""
    return _MARKS[(_MARKS.index(passed) + 1) % len(_MARKS)]
