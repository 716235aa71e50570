"""A rule of the catalogue: when a mistake is named, where it is, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from grader.diagnosis.facts import Facts
from grader.models import Diagnosis
from grader.recipes.recipe import Recipe

if TYPE_CHECKING:
    from grader.language.messages import Message
    from grader.models import Step

Place = tuple[int | None, int | None]
Applies = Callable[[Facts], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """A named mistake of one step; `also` are ids that behave alike and cannot be told apart.

    `of` are the lessons that it can be made in, by their kind of recipe.
    """

    id: str
    step: Step
    message: Message
    hint: Message
    applies: Applies
    place: Callable[[Facts], Place]
    also: tuple[str, ...] = ()
    of: type[Recipe] | tuple[type[Recipe], ...] = Recipe

    def diagnosis(self, facts: Facts) -> Diagnosis:
        """The mistake as it stands in this notebook."""
        cell, line = self.place(facts)
        return Diagnosis(self.id, self.step, self.message, self.hint, cell, line, self.also)


def rule(
    id: str,  # noqa: A002
    step: Step,
    message: Message,
    hint: Message,
    place: Callable[[Facts], Place],
    also: tuple[str, ...] = (),
) -> Callable[[Applies], Rule]:
    """Make a condition on a scene a rule of the catalogue."""

    def make(applies: Applies) -> Rule:
        return Rule(id, step, message, hint, applies, place, also)

    return make


def only(of: type[Recipe] | tuple[type[Recipe], ...], *rules: Rule) -> tuple[Rule, ...]:
    """The rules, for lessons of this kind alone."""
    return tuple(replace(rule, of=of) for rule in rules)
