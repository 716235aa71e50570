"""A rule of the catalogue: when a mistake is named, where it is, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.diagnosis.scene import Scene
from grader.models import Diagnosis

if TYPE_CHECKING:
    from grader.messages import Message
    from grader.models import Step

Place = tuple[int | None, int | None]
Applies = Callable[[Scene], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """A named mistake of one step; `also` are ids that behave alike and cannot be told apart."""

    id: str
    step: Step
    message: Message
    hint: Message
    applies: Applies
    place: Callable[[Scene], Place]
    also: tuple[str, ...] = ()

    def diagnosis(self, scene: Scene) -> Diagnosis:
        """The mistake as it stands in this notebook."""
        cell, line = self.place(scene)
        return Diagnosis(self.id, self.step, self.message, self.hint, cell, line, self.also)


def rule(
    id: str,  # noqa: A002
    step: Step,
    message: Message,
    hint: Message,
    place: Callable[[Scene], Place],
    also: tuple[str, ...] = (),
) -> Callable[[Applies], Rule]:
    """Make a condition on a scene a rule of the catalogue."""

    def make(applies: Applies) -> Rule:
        return Rule(id, step, message, hint, applies, place, also)

    return make
