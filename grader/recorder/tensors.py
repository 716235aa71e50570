"""Tensors as plain data: their numbers, what tells two apart, and where they are in a data set."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

MOST_VALUES = 4096  # of one tensor, as a list
FEWEST_PACKED = 512  # numbers; more of them are packed, a fifth as long as a list
MOST_PACKED = 150_000
MOST_VIEWS = 4  # of a tensor on top of each other, as in w[0].view(1, 1).T
# Whatever a notebook's own class makes of a tensor, its numbers are read past it.
PLAIN = frozenset((torch.Tensor, torch.nn.Parameter))
READ = ("tolist", "item", "numpy", "detach", "data", "grad", "__getattribute__")
_BASE: Any = torch._C.TensorBase
_DETACH, _TO_LIST, _GRADIENT = _BASE.detach, _BASE.tolist, _BASE.grad.__get__


def plain(tensor: torch.Tensor) -> torch.Tensor:
    """The tensor itself, or what a notebook's own class is wrapped around."""
    if type(tensor) in PLAIN:
        return tensor
    with torch._C.DisableTorchFunctionSubclass():
        detached: torch.Tensor = _DETACH(tensor)
    return detached


def lies_of(tensor: torch.Tensor) -> list[str]:
    """What a notebook's own class of tensors says of itself in other words than torch's."""
    kinds = type(tensor).__mro__
    own = kinds[: kinds.index(torch.Tensor)]
    return [
        f"{k.__name__}.{name}" for k in own if k not in PLAIN for name in READ if name in vars(k)
    ]


def listed(tensor: torch.Tensor) -> Any:
    """The numbers of a tensor, as nested lists."""
    return _TO_LIST(plain(tensor))


def gradient_of(tensor: torch.Tensor) -> torch.Tensor | None:
    """The gradient that autograd has left with a tensor."""
    if type(tensor) in PLAIN:
        return tensor.grad
    with torch._C.DisableTorchFunctionSubclass():
        gradient: torch.Tensor | None = _GRADIENT(tensor)
    return gradient


def item_of(loss: torch.Tensor) -> float:
    """What a loss is; of several numbers their sum."""
    loss = plain(loss)
    return float(_TO_LIST(loss if loss.ndim == 0 else loss.sum()))


def tensor_record(value: Any) -> dict[str, Any] | None:
    """Shape, dtype and values of a tensor (or of anything that can be viewed as one)."""
    if not isinstance(value, torch.Tensor):
        if isinstance(value, (list, tuple, np.ndarray)):
            with contextlib.suppress(Exception):
                record = tensor_record(torch.as_tensor(np.asarray(value, dtype=float)))
                return None if record is None else {**record, "type": type(value).__name__}
        return None
    flat = plain(value).detach().cpu().reshape(-1)
    return {
        "type": "Tensor",
        "shape": list(value.shape),
        "dtype": str(value.dtype).removeprefix("torch."),
        "values": numbers(flat),
        "requires_grad": bool(value.requires_grad),
        "digest": digest(flat) if flat.numel() else "",
    }


def digest(flat: torch.Tensor) -> str:
    """The hash of a flat tensor's bytes, also where it is a piece of another with its strides."""
    packed = flat.clone(memory_format=torch.contiguous_format)
    return hashlib.sha256(packed.view(torch.uint8).numpy().tobytes()).hexdigest()


def numbers(flat: torch.Tensor) -> Any:
    """The numbers of a flat tensor: as a list, or packed where they are many decimals."""
    count = flat.numel()
    if not FEWEST_PACKED < count <= MOST_PACKED or not flat.is_floating_point():
        return flat[:MOST_VALUES].to(torch.float64).tolist()
    raw = flat.to(torch.float32).contiguous().numpy().tobytes()
    return {"packed": base64.b64encode(zlib.compress(raw, 1)).decode("ascii")}


def told(snapshots: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Snapshots as plain data."""
    return [
        (
            tick,
            *(numbers(v.cpu().reshape(-1)) if isinstance(v, torch.Tensor) else v for v in values),
        )
        for tick, *values in snapshots
    ]


def flat(values: Any) -> list[float]:
    """The numbers of a tensor or of nested lists, in order."""
    if isinstance(values, torch.Tensor):
        values = values.tolist()
    while type(values) is list and values and type(values[0]) is list:
        values = [item for row in values for item in row]
    return values if isinstance(values, list) else [values]


def same_list(one: Any, other: Any) -> bool:
    """Whether two nested lists hold the same numbers; nan is the same as nan."""
    return one == other or (any(v != v for v in flat(one)) and str(one) == str(other))


def same_tensor(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether two tensors hold the same numbers; all nan is the same as all nan."""
    return same(one, other) or bool((one.isnan() & other.isnan()).all())


class RowIndex:
    """Cards with many numbers each, known by their bytes: which of them are in a batch?"""

    def __init__(self, data_set: torch.Tensor) -> None:
        self.dtype = data_set.dtype
        self.size = data_set[0].numel()
        self.places: dict[bytes, int] = {}
        for place, row in enumerate(_rows(data_set, self.size)):
            self.places.setdefault(row, place)

    def holds(self, inputs: torch.Tensor) -> bool:
        """Whether these are some of the cards, one a row."""
        if not inputs.ndim or len(inputs) * self.size != inputs.numel():
            return False
        rows = self.rows(inputs.to(self.dtype))
        return rows is not None and min(rows) >= 0

    def rows(self, inputs: torch.Tensor) -> list[int] | None:
        """The place of each card of a batch, -1 for one that is not here; None for no batch."""
        count = inputs.numel() // self.size
        if not count or count * self.size != inputs.numel() or inputs.dtype != self.dtype:
            return None
        return [self.places.get(row, -1) for row in _rows(inputs, self.size)]


def _rows(data_set: torch.Tensor, size: int) -> Iterable[bytes]:
    flat = data_set.detach().cpu().reshape(-1, size).contiguous().numpy()
    return (row.tobytes() for row in flat)


def batch_record(batch: torch.Tensor | list[int]) -> dict[str, Any]:
    """A set of cards as plain data: its values, or its places among the student's cards."""
    if isinstance(batch, torch.Tensor):
        return tensor_record(batch) or {}
    return {"shape": [len(batch)], "dtype": "rows", "rows": batch}


def same(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether two batches hold the same values in the same shape."""
    return one is other or (one.shape == other.shape and torch.equal(one, other))


def leaves(loss: torch.Tensor) -> list[torch.Tensor]:
    """The trainable tensors that a loss was computed from, in the order of the graph."""
    return [node.variable for node in graph(loss) if hasattr(node, "variable")]


def met_by_leaves(loss: torch.Tensor) -> list[torch.Tensor]:
    """The tensors that need no gradient and were computed with ones that a loss is to train.

    In `w * x + b` that is x, of which a plain function of x tells nothing otherwise.
    """
    met = []
    for node in graph(loss):
        if any(_is_leaf(parent) for parent, _ in node.next_functions):
            # What an earlier backward pass went through, torch has thrown away.
            with contextlib.suppress(RuntimeError):
                saved = [getattr(node, name) for name in dir(node) if name.startswith("_saved_")]
                met += [t for t in saved if isinstance(t, torch.Tensor) and not t.requires_grad]
    return met


def _is_leaf(node: Any) -> bool:
    """Whether a node stands for a trainable tensor, or for another view of one."""
    for _ in range(MOST_VIEWS):
        if hasattr(node, "variable"):
            return True
        if node is None or len(node.next_functions) != 1:
            return False
        node = node.next_functions[0][0]
    return False


def graph(loss: torch.Tensor, until: Collection[Any] = ()) -> dict[Any, None]:
    """The nodes that a loss was computed through, from its end; the first 2,000 of them.

    Of what is behind the nodes of `until`, nothing.
    """
    known: dict[Any, None] = {}
    waiting: list[Any] = [loss.grad_fn]
    while waiting and len(known) < 2000:
        node = waiting.pop()
        if node is None or node in known:
            continue
        known[node] = None
        if node in until:
            continue
        waiting.extend(parent for parent, _ in node.next_functions)
    return known
