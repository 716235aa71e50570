"""What is written down while a notebook trains: values, gradients, losses, events, each bounded."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import torch
from torch.nn.parameter import UninitializedParameter

from .tape import Tape
from .tensors import (
    RowIndex,
    batch_record,
    flat,
    gradient_of,
    graph,
    lies_of,
    listed,
    met_by_leaves,
    plain,
    same,
    same_list,
    same_tensor,
    told,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST_EVENTS = 3000
MOST_CHANGES_BY_HAND = 100
MOST_SNAPSHOTS = 1000  # of one small tensor; a large one gets fewer
MOST_SNAPSHOT_VALUES = 100_000  # of one large tensor, all its snapshots together
MOST_SNAPSHOTS_TOGETHER = 500_000  # values of all tensors: models that are made anew get fewer
MOST_GRADIENT_VALUES = 20_000
MOST_COMPARED_AS_LIST = 16  # numbers; more are faster compared as a tensor
MOST_WATCHED = 64  # tensors
MOST_BATCH_VALUES = 60_000
MOST_ANSWERS = 256  # of the model, the latest; one gradient may come from many


class Watched:
    """One trained tensor and the values that it took, each with the tick of its discovery.

    `left` is the gradient as the latest backward() left it, None if it left none; `by_hand` are the
    ticks at which a change was seen that no optimizer had made; `room` is how many numbers all its
    values together may come to, at most.
    """

    def __init__(self, tensor: torch.Tensor, room: int = MOST_SNAPSHOT_VALUES) -> None:
        self.tensor = tensor
        self.small = tensor.numel() <= MOST_COMPARED_AS_LIST
        self.seen: Any = None
        self.by_hand: deque[int] = deque(maxlen=MOST_CHANGES_BY_HAND)
        size = max(1, tensor.numel())
        self.values = Tape(min(MOST_SNAPSHOTS, min(room, MOST_SNAPSHOT_VALUES) // size))
        self.room = self.values.most * 2 * size
        few = min(MOST_SNAPSHOTS, MOST_GRADIENT_VALUES // size)
        self.gradients, self.altered = Tape(few), Tape(few)
        self.left: Any = None

    def look(self, tick: int) -> bool:
        """Note the value if it changed since the last look (also through `.data`); say whether."""
        before = self.seen
        now: Any = listed(self.tensor) if self.small else plain(self.tensor).detach()
        if before is not None and (same_list if self.small else same_tensor)(before, now):
            return False
        self.seen = now if self.small else now.clone()
        self.values.append((tick, flat(now) if self.small else now.detach().clone()))
        return before is not None

    def leave(self, gradient: torch.Tensor | None) -> None:
        """Remember the gradient that was just computed."""
        if gradient is None:
            self.left = None
        else:
            self.left = listed(gradient) if self.small else plain(gradient).detach().clone()

    def look_at_gradient(self, tick: int) -> None:
        """Note the gradient that was used, and whether it differs from the one that was left."""
        gradient = gradient_of(self.tensor)
        if gradient is None:
            return
        now: Any = listed(gradient) if self.small else plain(gradient)
        used = flat(now) if self.small else now.detach().clone()
        self.gradients.append((tick, used))
        if self.left is None:
            self.altered.append((tick, [], used))
        elif not (same_list if self.small else same_tensor)(self.left, now):
            self.altered.append((tick, flat(self.left) if self.small else self.left, used))


class Training:
    """Everything that was seen of one pass through the notebook."""

    def __init__(self) -> None:
        self.tick = 0
        self.watched: list[Watched] = []
        self.known: set[int] = set()
        self.kinds: list[str] = []
        self.cells: list[int] = []
        self.lines: list[int] = []
        self.counts: dict[str, int] = {}
        self.losses = Tape(2 * MOST_SNAPSHOTS)
        self.batches: list[torch.Tensor | list[int]] = []
        self.known_rows: dict[tuple[int, ...], int] = {}
        self.index: RowIndex | None = None
        self.exam: RowIndex | None = None
        self.examples: tuple[torch.Tensor, RowIndex] | None = None
        self.examined: set[int] = set()
        self.exams: dict[int, set[int]] = {}  # the exam's rows in a set of cards, by its number
        self.leaked: set[int] = set()
        self.bypassed = 0
        self.batch_values = 0
        self.answers: dict[Any, int] = {}
        self.latest: list[int] = []
        self.gathered: list[int] = []
        self.backwards = Tape(4 * MOST_SNAPSHOTS)
        self.updates = Tape(4 * MOST_SNAPSHOTS)
        self.input: torch.Tensor | None = None
        self.first_input: torch.Tensor | None = None
        self.target: torch.Tensor | None = None
        self.models: dict[int, torch.nn.Module] = {}
        self.optimizers: dict[int, tuple[Any, list[torch.Tensor]]] = {}
        self.steps: list[tuple[int, int]] = []

    def watch(self, tensors: Iterable[torch.Tensor]) -> None:
        """Start following these tensors, if they are new."""
        for tensor in tensors:
            # Watched tensors are kept alive, so that their ids stay theirs.
            if id(tensor) in self.known or isinstance(tensor, UninitializedParameter):
                continue
            if len(self.watched) < MOST_WATCHED:
                self.known.add(id(tensor))
                room = MOST_SNAPSHOTS_TOGETHER - sum(each.room for each in self.watched)
                self.watched.append(Watched(tensor, room))
                # What it is now, it was before what happens in this tick.
                self.watched[-1].look(max(0, self.tick - 1))

    def moved(self, tensor: torch.Tensor) -> bool:
        """Whether this tensor was seen to change."""
        return any(w.tensor is tensor and w.values.count > 1 for w in self.watched)

    def knows(self, model: torch.nn.Module) -> bool:
        """Whether this is a model that was called before."""
        return id(model) in self.models  # which keeps it alive, so that its id stays its

    def meet(self, model: torch.nn.Module, parameters: Iterable[torch.Tensor]) -> None:
        """Start following the numbers of a model that is called for the first time."""
        if len(self.models) < MOST_WATCHED:
            self.models[id(model)] = model
        self.watch(parameters)

    def look(self, *, optimizer: bool = False) -> None:
        """Note every watched value that changed, and whether no optimizer changed it."""
        by_hand = not optimizer and self.updates.count > 0
        for watched in self.watched:
            if watched.look(self.tick) and by_hand:
                watched.by_hand.append(self.tick)

    def look_between_updates(self) -> None:
        """Look where updates are made by hand; an optimizer's are seen as it steps."""
        if not self.updates.count:
            self.look()

    def event(self, kind: str, cell: int, line: int) -> None:
        """Note that something happened, and where in the notebook."""
        self.tick += 1
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if len(self.kinds) < MOST_EVENTS:
            self.kinds.append(kind)
            self.cells.append(cell)
            self.lines.append(line)

    def show(self, inputs: torch.Tensor, answer: Any) -> None:
        """Remember which cards the model was shown, each set once, and the node of its answer."""
        self.input = inputs
        self.first_input = inputs if self.first_input is None else self.first_input
        self.answers[answer] = self._number_of(inputs)
        if len(self.answers) > MOST_ANSWERS:
            del self.answers[next(iter(self.answers))]

    def examine(self, inputs: torch.Tensor) -> None:
        """Remember which cards of the exam the model was asked about since its last update."""
        if self.exam is not None:
            self.examined.update(row for row in self.exam.rows(inputs) or () if row >= 0)

    def _number_of(self, inputs: torch.Tensor) -> int:
        """The number of a set of cards, -1 where there is no room for another one."""
        rows = self.index.rows(inputs) if self.index is not None else None
        if rows is not None:
            number = self._number_of_rows(tuple(rows))
            if self.exam is not None and min(rows) < 0:
                self.exams[number] = {row for row in self.exam.rows(inputs) or () if row >= 0}
            return number
        for number, known in enumerate(self.batches):
            if isinstance(known, torch.Tensor) and same(known, inputs):
                return number
        self.batch_values += inputs.numel()
        if self.batch_values > MOST_BATCH_VALUES:
            return -1
        self.batches.append(inputs.detach().clone())
        return len(self.batches) - 1

    def _number_of_rows(self, rows: tuple[int, ...]) -> int:
        if rows not in self.known_rows:
            self.batch_values += len(rows)
            if self.batch_values > MOST_BATCH_VALUES:
                return -1
            self.known_rows[rows] = len(self.batches)
            self.batches.append(list(rows))
        return self.known_rows[rows]

    def leave_gradients(self) -> None:
        """A backward pass is over: remember what it left."""
        for watched in self.watched:
            watched.leave(gradient_of(watched.tensor))

    def look_at_gradients(self) -> None:
        """A step is over: note what it used."""
        for watched in self.watched:
            watched.look_at_gradient(self.tick)

    def leave_computed(self, tensors: Sequence[torch.Tensor], gradients: Sequence[Any]) -> None:
        """Gradients were returned as values, and may be put in place by hand."""
        for watched in self.watched:
            for tensor, gradient in zip(tensors, gradients, strict=False):
                if tensor is watched.tensor:
                    watched.leave(gradient)

    def backward(self, loss: torch.Tensor, examples: torch.Tensor | None = None) -> None:
        """A gradient is computed, from the cards behind the answers that `loss` is made of.

        Where no module ever answered, they are looked for among all `examples`, in what the loss
        was computed from.
        """
        if not self.answers:
            self.latest = self._met(loss, examples)
        elif len(self.batches) == 1 and self.batch_values <= MOST_BATCH_VALUES:
            self.latest = [0]  # with a single set of examples there is no question
        else:
            numbers = (self.answers.get(node) for node in graph(loss))
            self.latest = sorted({number for number in numbers if number is not None})
        self.leaked.update(row for number in self.latest for row in self.exams.get(number, ()))
        self.gathered += [number for number in self.latest if number not in self.gathered]
        self.backwards.append((self.tick, self.latest))
        self.bypassed += self._bypasses(loss)

    def _met(self, loss: torch.Tensor, examples: torch.Tensor | None) -> list[int]:
        """The numbers of the sets of cards that a loss met the trained numbers with."""
        if examples is None or not examples.ndim or not len(examples):
            return []
        if self.examples is None or self.examples[0] is not examples:
            self.examples = (examples, RowIndex(examples))
        known = self.examples[1]
        met = [inputs for inputs in met_by_leaves(loss) if known.holds(inputs)]
        return sorted({self._number_of(inputs) for inputs in met})

    def _bypasses(self, loss: torch.Tensor) -> bool:
        """Whether a loss hangs on a trained number other than by the model's answers."""
        beyond = graph(loss, until=self.answers)
        return any(id(getattr(node, "variable", None)) in self.known for node in beyond)

    def step(self, optimizer: Any, owned: list[torch.Tensor]) -> None:
        """An optimizer is about to move the tensors that it owns: it is recognised by its id."""
        self.optimizers.pop(id(optimizer), None)  # the latest comes last
        self.optimizers[id(optimizer)] = optimizer, owned  # kept alive, so that its id stays its
        if len(self.steps) < MOST_EVENTS:
            self.steps.append((self.tick, id(optimizer)))

    def stepped(self, optimizer: Any) -> int:
        """How late an optimizer stepped for the last time, among all; 0 if it never did."""
        return (
            1 + list(self.optimizers).index(id(optimizer))
            if id(optimizer) in self.optimizers
            else 0
        )

    def update(self) -> None:
        """An optimizer has moved its parameters, by the gradients since its last move."""
        self.examined.clear()
        self.updates.append((self.tick, self.gathered or self.latest))
        self.gathered = []

    def changed_by_hand(self, parameters: Sequence[torch.Tensor]) -> bool:
        """Whether one of these tensors changed without an optimizer, after one had begun."""
        begun = self._begun(parameters)
        return any(tick > begun for tick in self._by_hand(parameters))

    def _by_hand(self, parameters: Sequence[torch.Tensor]) -> list[int]:
        watched = [w for w in self.watched if any(w.tensor is p for p in parameters)]
        return sorted({tick for each in watched for tick in each.by_hand})

    def _own_steps(self, parameters: Sequence[torch.Tensor]) -> list[int]:
        """The ticks of steps by optimizers that hold one of these tensors."""
        own = {
            key
            for key, (_, owned) in self.optimizers.items()
            if any(tensor is p for tensor in owned for p in parameters)
        }
        return [tick for tick, key in self.steps if key in own]

    def _begun(self, parameters: Sequence[torch.Tensor]) -> int:
        """The tick at which these numbers were last reset, to be trained again.

        A change between any two steps, or after the last one, is not a reset.
        """
        steps, before, begun = self._own_steps(parameters), -1, -1
        for tick in self._by_hand(parameters):
            since = sum(before < step < tick for step in steps)
            if since != 1 and sum(step >= tick for step in steps) > 1:
                begun = tick
            before = tick
        return begun

    def _beside(self, parameters: Sequence[torch.Tensor]) -> set[int]:
        """The ticks of what was tried before or alongside the training of these numbers.

        That is what leads up to the steps of other models' optimizers, or to the numbers being
        reset; nothing if no optimizer holds these numbers.
        """
        own = set(self._own_steps(parameters))
        others = {tick for tick, _ in self.steps} - own if own else set()
        begun = self._begun(parameters)
        beside: set[int] = set()
        round_: set[int] = set()
        for tick, kind in enumerate(self.kinds, start=1):
            round_.add(tick)
            if kind == "S":
                if tick in others or tick < begun:
                    beside |= round_
                round_ = set()
        return beside

    def lies(self) -> list[str]:
        """What watched tensors of the notebook's own classes say of themselves in its own words."""
        return [lie for each in self.watched for lie in lies_of(each.tensor)]

    def untrained(self, parameters: Sequence[torch.Tensor]) -> bool:
        """Whether one of these tensors never changed while it was watched."""
        return any(
            all(w.tensor is not p or w.values.count < 2 for w in self.watched) for p in parameters
        )

    def record(self, parameters: Sequence[torch.Tensor]) -> dict[str, Any]:
        """All of it as plain data; `parameters` are the model's, in its own order.

        What was tried alongside their training is recorded in lower case, and does not count.
        """
        beside = self._beside(parameters)
        kinds = [k.lower() if tick in beside else k for tick, k in enumerate(self.kinds, start=1)]
        counts = dict(self.counts)
        for tick in beside:
            kind = self.kinds[tick - 1]
            counts[kind] -= 1
            counts[kind.lower()] = counts.get(kind.lower(), 0) + 1

        def counted(tape: Tape) -> list[Any]:
            return [item for item in tape.items() if item[0] not in beside]

        order = [
            next((i for i, w in enumerate(self.watched) if w.tensor is p), None) for p in parameters
        ]
        return {
            "parameters": order,
            "models": len(self.models),
            "examined": len(self.examined),
            "leaked": len(self.leaked),
            "bypassed": self.bypassed,
            "trained": [
                {
                    "shape": list(w.tensor.shape),
                    "changes": w.values.count,
                    "values": told(w.values.items()),
                    "gradients": told(counted(w.gradients)),
                    "altered": told(counted(w.altered)),
                }
                for w in self.watched
            ],
            "events": "".join(kinds),
            "event_cells": self.cells,
            "event_lines": self.lines,
            "counts": {kind: count for kind, count in counts.items() if count},
            "losses": counted(self.losses),
            "batches": [batch_record(b) for b in self.batches],
            "backwards": counted(self.backwards),
            "updates": counted(self.updates),
        }
