"""What a loader deals out in two epochs, with its own random numbers put back afterwards."""

from __future__ import annotations

import contextlib
import itertools
from typing import TYPE_CHECKING, Any

import torch

from .tensors import RowIndex

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_BATCHES = 500


def loader_record(loader: Any, X: Any, y: Any, exam: Any = None) -> dict[str, Any]:
    """What two epochs of batches hold; something that can be iterated only once is left alone.

    `fronts` and `backs` are the shapes of the first batch. `of_exam` counts the cards in the first
    epoch that are kept for the exam, and are not in X.
    """
    seen: dict[str, Any] = {"type": type(loader).__name__}
    try:
        if iter(loader) is loader:
            return seen | {"error": "it can be gone through only once"}
        index, answers = RowIndex(X), y.detach().reshape(len(X), -1)
        with _put_back(loader):
            epochs = [list(itertools.islice(loader, MOST_BATCHES)) for _ in range(2)]
        seen["epochs"] = [[_dealt(batch, index, answers) for batch in epoch] for epoch in epochs]
        if epochs[0]:
            seen["fronts"], seen["backs"] = (list(each.shape) for each in epochs[0][0])
        if isinstance(exam, torch.Tensor):
            kept = RowIndex(exam)
            seen["of_exam"] = sum(_strangers(inputs, index, kept) for inputs, _ in epochs[0])
    except Exception as error:
        seen["error"] = f"{type(error).__name__}: {error}"
    return seen


@contextlib.contextmanager
def _put_back(loader: Any) -> Iterator[None]:
    """Leave the loader's own random state, if it has one, as it was."""
    sampler = getattr(loader, "sampler", None)
    own = [getattr(owner, "generator", None) for owner in (loader, sampler)]
    states = [(each, each.get_state()) for each in own if isinstance(each, torch.Generator)]
    try:
        yield
    finally:
        for generator, state in states:
            generator.set_state(state)


def _strangers(inputs: torch.Tensor, index: RowIndex, kept: RowIndex) -> int:
    """How many cards of a batch are kept for the exam, and no cards to practise on."""
    rows = zip(index.rows(inputs) or (), kept.rows(inputs) or (), strict=False)
    return sum(row < 0 <= place for row, place in rows)


def _dealt(batch: Any, index: RowIndex, answers: torch.Tensor) -> tuple[list[int], list[bool]]:
    """Which cards are in a batch, and whether each comes with its own answer."""
    inputs, targets = batch
    rows = index.rows(inputs) or []
    targets = targets.reshape(len(rows), -1)
    beside = [r >= 0 and bool((answers[r] == t).all()) for r, t in zip(rows, targets, strict=True)]
    return rows, beside
