"""Where in the notebook a mistake is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.models import Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.facts import Facts
    from grader.facts.code import Place


def where_bound(step: Step, *roles: str) -> Callable[[Facts], Place]:
    """Where a step last binds what plays these roles; of data, whatever the student calls it."""

    def place(facts: Facts) -> Place:
        names = facts.data.names
        return facts.code.binding_place(step, *(names.get(role, role) for role in roles))

    return place


def at_event(kind: str, number: int = 0) -> Callable[[Facts], Place]:
    """The place of the training's first (or a later) event of a kind, else of its loop."""

    def place(facts: Facts) -> Place:
        cell, line = facts.event_place(kind, number)
        return (cell, line) if cell is not None else at_loop(facts)

    return place


def at_loop(facts: Facts) -> Place:
    """Where the training's cell stopped, else its cell: no line is shown that nothing points to."""
    stopped = facts.code.stop_place(Step.TRAIN)
    return stopped if stopped[0] is not None else facts.code.binding_place(Step.TRAIN)


at_X = where_bound(Step.DATA, "X")  # noqa: N816
at_y = where_bound(Step.DATA, "y")
at_model = where_bound(Step.MODEL, "model")
at_loss = where_bound(Step.LOSS, "loss_fn")
at_optimizer = where_bound(Step.OPTIMIZER, "optimizer")
at_epochs = where_bound(Step.TRAIN, "epochs")
