"""Where in the notebook a mistake of the loop is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.models import Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.diagnosis.facts import Facts
    from grader.diagnosis.rule import Place


def at(kind: str, number: int = 0) -> Callable[[Facts], Place]:
    """The place of the first (or a later) event of a kind, else of the loop."""

    def place(facts: Facts) -> Place:
        cell, line = facts.event_place(kind, number)
        return (cell, line) if cell is not None else at_loop(facts)

    return place


def at_loop(facts: Facts) -> Place:
    """Where the training's cell stopped, else where its loop counts."""
    stopped = facts.stop_place(Step.TRAIN)
    return stopped if stopped[0] is not None else facts.binding_place(Step.TRAIN, "epoch", "epochs")


def at_epochs(facts: Facts) -> Place:
    """Where the number of epochs is set."""
    return facts.binding_place(Step.TRAIN, "epochs")
