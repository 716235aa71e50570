"""A rule of the catalogue: when a mistake is named, where it is, and what is said about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from grader.facts import Facts
from grader.models import Diagnosis
from grader.recipes.recipe import Recipe

if TYPE_CHECKING:
    from grader.facts.code import Place
    from grader.language.messages import Message
    from grader.models import Step

Applies = Callable[[Facts], bool]
Places = Callable[[Facts], "Place"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A named mistake of one step; `also` are ids that behave alike and cannot be told apart.

    It is asked in lessons `of` these kinds of recipe, where one of the checks that it `explains`
    failed (any, if it names none), none of `unless` did, and, if it stands `alone`, no other.
    """

    id: str
    step: Step
    message: Message
    hint: Message
    applies: Applies
    place: Places
    also: tuple[str, ...] = ()
    of: type[Recipe] | tuple[type[Recipe], ...] = Recipe
    explains: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()
    alone: bool = False

    def asked(self, step: Step, facts: Facts, failed: frozenset[str]) -> bool:
        """Whether it can be what is wrong with the step, of which these checks failed."""
        return (
            self.step is step
            and isinstance(facts.recipe, self.of)
            and (not self.explains or not self.explains.isdisjoint(failed))
            and self.unless.isdisjoint(failed)
            and (not self.alone or failed <= self.explains)
        )

    def diagnosis(self, facts: Facts) -> Diagnosis:
        """The mistake as it is in this notebook."""
        cell, line = self.place(facts)
        return Diagnosis(self.id, self.step, self.message, self.hint, cell, line, self.also)


@dataclass(frozen=True, slots=True)
class Rules:
    """Makes conditions on facts rules of one step, shown at `place` if they name no other."""

    step: Step
    place: Places

    def __call__(
        self,
        id: str,  # noqa: A002
        message: Message,
        hint: Message,
        place: Places | None = None,
        *,
        also: tuple[str, ...] = (),
        explains: tuple[str, ...] = (),
        unless: tuple[str, ...] = (),
        alone: bool = False,
    ) -> Callable[[Applies], Rule]:
        """A decorator; see `Rule`."""

        def make(applies: Applies) -> Rule:
            return Rule(
                id,
                self.step,
                message,
                hint,
                applies,
                place or self.place,
                also,
                explains=frozenset(explains),
                unless=frozenset(unless),
                alone=alone,
            )

        return make


def only(of: type[Recipe] | tuple[type[Recipe], ...], *rules: Rule) -> tuple[Rule, ...]:
    """The rules, for lessons of this kind only."""
    return tuple(replace(rule, of=of) for rule in rules)


def explaining(check: str, *rules: Rule) -> tuple[Rule, ...]:
    """The rules, where this check failed."""
    return tuple(replace(rule, explains=frozenset({check})) for rule in rules)
