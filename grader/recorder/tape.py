"""A long series of which only both ends are kept."""

from __future__ import annotations

from collections import deque
from typing import Any


class Tape:
    """The first and the last of a long series, with the count of all."""

    def __init__(self, most: int) -> None:
        self.most = max(1, most // 2)
        self.first: list[Any] = []
        self.last: deque[Any] = deque(maxlen=self.most)
        self.count = 0

    def append(self, item: Any) -> None:
        """Keep `item` if there is room, else instead of the oldest of the last ones."""
        self.count += 1
        (self.first if len(self.first) < self.most else self.last).append(item)

    def items(self) -> list[Any]:
        """What was kept, in order."""
        return [*self.first, *self.last]
