"""The brackets that are missing behind a class: one mistake that three steps can hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.diagnosis.rule import Rule
from grader.language.messages import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.diagnosis.facts import Facts
    from grader.diagnosis.rule import Place
    from grader.evidence import Part
    from grader.models import Step


def class_not_called(
    step: Step, kind: type[Part], role: str, place: Callable[[Facts], Place]
) -> Rule:
    """The rule for one step: the name that plays `role` is a class itself."""

    def applies(facts: Facts) -> bool:
        part = facts.part(kind)
        return part is not None and role in part.uncalled

    return Rule(
        "class_not_called",
        step,
        say(
            "It behaves like a plan that was drawn, and never built: a class without its brackets."
        ),
        say("Print type(...) of it: is it a thing that can be used, or only the kind of a thing?"),
        applies,
        place,
    )
