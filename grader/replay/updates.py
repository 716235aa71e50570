"""The updates of a training: which there were, and how often they went through the cards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.replay.cards import cards_behind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.evidence import TrainingSeen
    from grader.replay.cards import Cards


def updates_of(training: TrainingSeen) -> Sequence[tuple[int, tuple[int, ...]]]:
    """Tick and cards of every update: an optimizer's steps, else gradients computed by hand."""
    return training.updates or training.backwards


def count_updates(training: TrainingSeen) -> int:
    """How many updates there were, also beyond those that were kept."""
    counts = training.counts
    return counts.get("S", 0) or counts.get("B", 0) + counts.get("G", 0)


def passes(training: TrainingSeen, cards: Cards) -> float:
    """How often the cards were gone through, on average over the cards."""
    behind = cards_behind(training, cards)
    updates = updates_of(training) if training.gradients else ()
    dealt = [behind(shown) for _, shown in updates]
    total = sum(len(cards) if seen is None else min(len(seen), len(cards)) for seen in dealt)
    return count_updates(training) * total / (len(updates) * len(cards)) if updates else 0.0
