"""A class on one of torch's that never called torch's own beginning: a mistake of three steps."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from grader.diagnosis.rule import Rule
from grader.language.messages import say
from grader.syntax import parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.diagnosis.facts import Facts
    from grader.diagnosis.rule import Place
    from grader.evidence import LossSeen, ModelSeen, OptimizerSeen
    from grader.models import Step

TOO_EARLY = "before Module.__init__() call"
BEGINNING = "__init__"


def super_init_missing(
    step: Step,
    made: Callable[[Facts], ModelSeen | LossSeen | OptimizerSeen | None],
    otherwise: Callable[[Facts], Place],
) -> Rule:
    """The rule for one step: its object was made without torch's part of it, or could not be."""

    def applies(facts: Facts) -> bool:
        seen = made(facts)
        return facts.error_says(step, TOO_EARLY) or (seen is not None and not seen.set_up)

    def place(facts: Facts) -> Place:
        for number in facts.steps.get(step, ()):
            line = beginning_line(facts.sources.get(number, ""))
            if line is not None:
                return number, line
        return otherwise(facts)

    return Rule(
        "super_init_missing",
        step,
        say(
            "It behaves like a class that fills its shelves before torch has put them up: torch "
            "never got to prepare this object, or too late."
        ),
        say(
            "Your class is built on one of torch's: what has to run first in its `__init__`, so "
            "that torch can do its own part?"
        ),
        applies,
        place,
    )


def beginning_line(source: str) -> int | None:
    """The line of the first `__init__` of a class that is built on another one."""
    tree = parse(source)
    return next(
        (
            part.lineno
            for node in (ast.walk(tree) if tree is not None else ())
            if isinstance(node, ast.ClassDef) and node.bases
            for part in node.body
            if isinstance(part, ast.FunctionDef) and part.name == BEGINNING
        ),
        None,
    )
