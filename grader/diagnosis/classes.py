"""Mistakes with classes that three steps can hold: one never called, one never set up by torch."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from grader.diagnosis.rule import Cell, Rule
from grader.language.messages import say
from grader.syntax import nodes

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.evidence import LossSeen, ModelSeen, OptimizerSeen, Part
    from grader.facts import Facts
    from grader.facts.code import Place
    from grader.models import Step

TOO_EARLY = "before Module.__init__() call"
BEGINNING = "__init__"


def class_not_called(
    step: Step, kind: type[Part], role: str, place: Callable[[Facts], Place]
) -> Rule:
    """The rule for one step: the name that plays `role` is a class itself."""

    def applies(facts: Facts) -> bool:
        part = facts.find(kind)
        return part is not None and role in part.uncalled

    return Rule(
        "class_not_called",
        step,
        say(
            "It behaves like a blueprint from which nothing was built: a class without its "
            "brackets."
        ),
        say("Print type(...) of it: is it an object that can be used, or only a class?"),
        applies,
        place,
        frozenset({step.value}),
        (kind,),
    )


def super_init_missing(
    step: Step,
    made: Callable[[Facts], ModelSeen | LossSeen | OptimizerSeen | None],
    otherwise: Callable[[Facts], Place],
) -> Rule:
    """The rule for one step: its object was created without torch's part, or could not be."""

    def applies(facts: Facts) -> bool:
        seen = made(facts)
        return facts.code.error_says(step, TOO_EARLY) or (seen is not None and not seen.set_up)

    def place(facts: Facts) -> Place:
        for number in facts.code.steps.get(step, ()):
            line = beginning_line(facts.code.sources.get(number, ""))
            if line is not None:
                return number, line
        return otherwise(facts)

    return Rule(
        "super_init_missing",
        step,
        say(
            "It behaves like a class that fills its shelves before torch has put them up: "
            "torch never prepared this object, or did so too late."
        ),
        say(
            "Your class is built on one of torch's: what has to run first in its `__init__`, so "
            "that torch can do its own part?"
        ),
        applies,
        place,
        frozenset({step.value}),
        (),
        Cell.ANYHOW,
    )


def beginning_line(source: str) -> int | None:
    """The line of the first `__init__` of a class that is built on another one."""
    return next(
        (
            part.lineno
            for node in nodes(source)
            if isinstance(node, ast.ClassDef) and node.bases
            for part in node.body
            if isinstance(part, ast.FunctionDef) and part.name == BEGINNING
        ),
        None,
    )
