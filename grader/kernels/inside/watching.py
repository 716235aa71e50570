"""What is written down while a notebook trains: values, gradients, losses, events, each bounded."""

from __future__ import annotations

import contextlib
import hashlib
from collections import deque
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_VALUES = 4096  # of one tensor
MOST_EVENTS = 3000
MOST_SNAPSHOTS = 1000  # of one small tensor; a large one gets fewer, for the same number of values
MOST_WATCHED = 64  # tensors
MOST_BATCH_VALUES = 60_000
MOST_ANSWERS = 256  # of the model, the latest; one gradient may come from many


def tensor_record(value: Any) -> dict[str, Any] | None:
    """Shape, dtype and values of a tensor (or of anything that can be seen as one)."""
    if not isinstance(value, torch.Tensor):
        if isinstance(value, (list, tuple, np.ndarray)):
            with contextlib.suppress(Exception):
                record = tensor_record(torch.as_tensor(np.asarray(value, dtype=float)))
                return None if record is None else {**record, "type": type(value).__name__}
        return None
    flat = value.detach().cpu().reshape(-1)
    return {
        "type": "Tensor",
        "shape": list(value.shape),
        "dtype": str(value.dtype).removeprefix("torch."),
        "values": flat[:MOST_VALUES].to(torch.float64).tolist(),
        "requires_grad": bool(value.requires_grad),
        "digest": hashlib.sha256(flat.contiguous().view(torch.uint8).numpy().tobytes()).hexdigest()
        if flat.numel()
        else "",
    }


class Tape:
    """The first and the last of a long series, with the count of all."""

    def __init__(self, most: int) -> None:
        self.most = max(1, most // 2)
        self.first: list[Any] = []
        self.last: deque[Any] = deque(maxlen=self.most)
        self.count = 0

    def append(self, item: Any) -> None:
        """Keep `item` if there is room, else in place of the oldest of the last ones."""
        self.count += 1
        (self.first if len(self.first) < self.most else self.last).append(item)

    def items(self) -> list[Any]:
        """What was kept, in order."""
        return [*self.first, *self.last]


class Watched:
    """One trained tensor and the values that it took, each with the tick of its discovery."""

    def __init__(self, tensor: torch.Tensor) -> None:
        self.tensor = tensor
        self.seen: torch.Tensor | None = None
        most = min(MOST_SNAPSHOTS, 20 * MOST_SNAPSHOTS // max(1, tensor.numel()))
        self.values = Tape(most)
        self.gradients = Tape(most)

    def look(self, tick: int) -> bool:
        """Note the value if it changed since the last look (also through `.data`); say whether."""
        now = self.tensor.detach()
        before = self.seen
        if before is not None and (same(now, before) or bool((now.isnan() & before.isnan()).all())):
            return False
        self.seen = now.clone()
        self.values.append((tick, self.seen.reshape(-1).tolist()))
        return before is not None

    def look_at_gradient(self, tick: int) -> None:
        """Note the gradient that is there."""
        if self.tensor.grad is not None:
            self.gradients.append((tick, self.tensor.grad.detach().reshape(-1).tolist()))


class Training:
    """Everything that was seen of one pass through the notebook."""

    def __init__(self) -> None:
        self.tick = 0
        self.watched: list[Watched] = []
        self.kinds: list[str] = []
        self.cells: list[int] = []
        self.lines: list[int] = []
        self.counts: dict[str, int] = {}
        self.losses = Tape(2 * MOST_SNAPSHOTS)
        self.batches: list[torch.Tensor] = []
        self.batch_values = 0
        self.answers: list[tuple[Any, int]] = []
        self.latest: list[int] = []
        self.gathered: list[int] = []
        self.backwards = Tape(4 * MOST_SNAPSHOTS)
        self.updates = Tape(4 * MOST_SNAPSHOTS)
        self.changed_by_hand = False
        self.input: torch.Tensor | None = None
        self.target: torch.Tensor | None = None
        self.models: list[torch.nn.Module] = []

    def watch(self, tensors: Sequence[torch.Tensor]) -> None:
        """Begin to follow these tensors, if they are new."""
        for tensor in tensors:
            known = any(w.tensor is tensor for w in self.watched)
            if not known and len(self.watched) < MOST_WATCHED:
                self.watched.append(Watched(tensor))

    def look(self, *, optimizer: bool = False) -> None:
        """Note every watched value that changed, and whether an optimizer changed it."""
        changed = [watched.look(self.tick) for watched in self.watched]
        if any(changed) and not optimizer and self.updates.count:
            self.changed_by_hand = True

    def event(self, kind: str, cell: int, line: int) -> None:
        """Note that something happened, and where in the notebook."""
        self.tick += 1
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if len(self.kinds) < MOST_EVENTS:
            self.kinds.append(kind)
            self.cells.append(cell)
            self.lines.append(line)

    def show(self, inputs: torch.Tensor, answer: Any) -> None:
        """Remember which cards the pupil was shown, each set once, and the node of its answer."""
        self.input = inputs
        number = next((n for n, known in enumerate(self.batches) if same(known, inputs)), None)
        if number is None:
            number = -1
            self.batch_values += inputs.numel()
            if self.batch_values <= MOST_BATCH_VALUES:
                number = len(self.batches)
                self.batches.append(inputs.detach().clone())
        self.answers.append((answer, number))
        del self.answers[:-MOST_ANSWERS]

    def backward(self, loss: torch.Tensor) -> None:
        """A gradient is computed, from the cards behind the answers that `loss` is made of."""
        behind = graph(loss)
        self.latest = list(dict.fromkeys(n for answer, n in self.answers if answer in behind))
        self.gathered += [number for number in self.latest if number not in self.gathered]
        self.backwards.append((self.tick, self.latest))

    def update(self) -> None:
        """An optimizer has moved its parameters, by the gradients since its last move."""
        self.updates.append((self.tick, self.gathered or self.latest))
        self.gathered = []
        self.look(optimizer=True)

    def untrained(self, parameters: Sequence[torch.Tensor]) -> bool:
        """Whether one of these tensors never changed while somebody was looking."""
        return any(
            all(w.tensor is not p or w.values.count < 2 for w in self.watched) for p in parameters
        )

    def record(self, parameters: Sequence[torch.Tensor]) -> dict[str, Any]:
        """All of it as plain data; `parameters` are the model's, in its own order."""
        order = [
            next((i for i, w in enumerate(self.watched) if w.tensor is p), None) for p in parameters
        ]
        return {
            "parameters": order,
            "models": len(self.models),
            "trained": [
                {
                    "shape": list(w.tensor.shape),
                    "changes": w.values.count,
                    "values": w.values.items(),
                    "gradients": w.gradients.items(),
                }
                for w in self.watched
            ],
            "events": "".join(self.kinds),
            "event_cells": self.cells,
            "event_lines": self.lines,
            "counts": self.counts,
            "losses": self.losses.items(),
            "batches": [tensor_record(b) for b in self.batches],
            "backwards": self.backwards.items(),
            "updates": self.updates.items(),
        }


def same(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether two batches hold the same values in the same shape."""
    return one is other or (one.shape == other.shape and torch.equal(one, other))


def leaves(loss: torch.Tensor) -> list[torch.Tensor]:
    """The trainable tensors that a loss was computed from, in the order of the graph."""
    return [node.variable for node in graph(loss) if hasattr(node, "variable")]


def graph(loss: torch.Tensor) -> dict[Any, None]:
    """The nodes that a loss was computed through, from its end; the first 2,000 of them."""
    known: dict[Any, None] = {}
    waiting: list[Any] = [loss.grad_fn]
    while waiting and len(known) < 2000:
        node = waiting.pop()
        if node is None or node in known:
            continue
        known[node] = None
        waiting.extend(parent for parent, _ in node.next_functions)
    return known
