"""Where in the notebook a mistake of the loop is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.models import Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.diagnosis.rule import Place
    from grader.diagnosis.scene import Scene


def at(kind: str, number: int = 0) -> Callable[[Scene], Place]:
    """The place of the first (or a later) event of a kind, else of the loop."""

    def place(scene: Scene) -> Place:
        cell, line = scene.event_place(kind, number)
        return (cell, line) if cell is not None else at_loop(scene)

    return place


def at_loop(scene: Scene) -> Place:
    """Where the training's cell stopped, else where its loop counts."""
    stopped = scene.stop_place(Step.TRAIN)
    return stopped if stopped[0] is not None else scene.binding_place(Step.TRAIN, "epoch", "epochs")


def at_epochs(scene: Scene) -> Place:
    """Where the number of epochs is set."""
    return scene.binding_place(Step.TRAIN, "epochs")
