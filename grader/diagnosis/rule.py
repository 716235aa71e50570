"""A rule of the catalogue: when a mistake is named, where it is, and what is said about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import TYPE_CHECKING

from grader.facts import Facts
from grader.models import Diagnosis
from grader.recipes.recipe import Recipe

if TYPE_CHECKING:
    from grader.evidence import Part
    from grader.facts.code import Place
    from grader.language.messages import Message
    from grader.models import Step

Applies = Callable[[Facts], bool]
Places = Callable[[Facts], "Place"]


class Cell(Enum):
    """How the step's own cell has to have ended, for a mistake to be known."""

    ENDED = auto()  # by itself: what was not seen was not done
    STOPPED = auto()  # with an exception, which tells the mistake
    ANYHOW = auto()  # the mistake was seen, whatever came after it


@dataclass(frozen=True, slots=True)
class Rule:
    """A named mistake of one step; `also` are ids that behave alike and cannot be told apart.

    It is asked in lessons `of` these kinds of recipe, where one of the checks failed that it
    `explains` (a step's name stands for all checks of the step), none of `unless` did, and, if it
    stands `alone`, no other; where the step's `cell` ended as said, and every part of the evidence
    that it `needs` was observed.
    """

    id: str
    step: Step
    message: Message
    hint: Message
    applies: Applies
    place: Places
    explains: frozenset[str]
    needs: tuple[type[Part], ...]
    cell: Cell = Cell.ENDED
    also: tuple[str, ...] = ()
    of: type[Recipe] | tuple[type[Recipe], ...] = Recipe
    unless: frozenset[str] = frozenset()
    alone: bool = False

    def asked(self, step: Step, facts: Facts, failed: frozenset[str]) -> bool:
        """Whether it can be what is wrong with the step, of which these checks failed."""
        explained = frozenset(filter(self.accounts_for, failed))
        return (
            self.step is step
            and isinstance(facts.recipe, self.of)
            and bool(explained)
            and self.unless.isdisjoint(failed)
            and (not self.alone or failed == explained)
            and self._is_known(facts)
        )

    def accounts_for(self, check: str) -> bool:
        """Whether the mistake can be the reason why this check failed."""
        return check in self.explains or check.partition(".")[0] in self.explains

    def _is_known(self, facts: Facts) -> bool:
        stopped = self.step in facts.code.stopped
        ended = self.cell is Cell.ANYHOW or stopped is (self.cell is Cell.STOPPED)
        return ended and all(facts.find(part) is not None for part in self.needs)

    def diagnosis(self, facts: Facts) -> Diagnosis:
        """The mistake as it is in this notebook."""
        cell, line = self.place(facts)
        return Diagnosis(self.id, self.step, self.message, self.hint, cell, line, self.also)


@dataclass(frozen=True, slots=True)
class Rules:
    """Makes conditions on facts rules of one step, which are as said here if they say no other."""

    step: Step
    place: Places
    explains: tuple[str, ...]
    needs: tuple[type[Part], ...]
    cell: Cell = Cell.ENDED

    def __call__(
        self,
        id: str,  # noqa: A002
        message: Message,
        hint: Message,
        place: Places | None = None,
        *,
        explains: tuple[str, ...] = (),
        cell: Cell | None = None,
        also: tuple[str, ...] = (),
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
                frozenset(explains or self.explains),
                self.needs,
                cell or self.cell,
                also,
                unless=frozenset(unless),
                alone=alone,
            )

        return make


def only(of: type[Recipe] | tuple[type[Recipe], ...], *rules: Rule) -> tuple[Rule, ...]:
    """The rules, for lessons of this kind only."""
    return tuple(replace(rule, of=of) for rule in rules)
