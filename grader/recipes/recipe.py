"""The numbers that every lesson has: how it is trained, and how its guesses are judged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from grader.models import Step
from grader.recipes.tolerances import Tolerances
from grader.replay.loss_functions import LossFunction

if TYPE_CHECKING:
    from grader.evidence import ModelSeen
    from grader.replay import Line
    from grader.replay.architectures import Architecture

# What each step's cell makes: the names that later cells find the student's work by.
ROLES: Mapping[Step, tuple[str, ...]] = {
    Step.DATA: ("X", "y"),
    Step.MODEL: ("model",),
    Step.LOSS: ("loss_fn",),
    Step.OPTIMIZER: ("optimizer",),
    Step.TRAIN: ("losses",),
}


class Recipe(BaseModel):
    """The numbers that every lesson has, from `[recipe]` in assignment.toml.

    `given` are names that the handout itself makes, for the data step to work with.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    loss_function: ClassVar[LossFunction]
    tolerances: ClassVar[type[Tolerances]]
    roles: ClassVar[Mapping[Step, tuple[str, ...]]] = ROLES
    epochs: int = Field(gt=0)
    learning_rate: float = Field(gt=0, allow_inf_nan=False)
    given: tuple[str, ...] = ()

    def architectures(self, model: ModelSeen) -> tuple[Architecture, ...]:
        """What the model can be replayed as: nothing, one thing, or where numbers are equal two."""
        raise NotImplementedError

    @property
    def width(self) -> int:
        """How many numbers are on the front of a card."""
        return 1

    @property
    def updates_per_epoch(self) -> int:
        """How often the model changes while it goes through the cards once."""
        return 1

    @property
    def line(self) -> Line | None:
        """The line to be found, where it is one."""
        return None
