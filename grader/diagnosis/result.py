"""Mistakes that show only at the end, with all five steps right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.diagnosis.rule import rule
from grader.language.messages import say
from grader.models import Step

if TYPE_CHECKING:
    from grader.diagnosis.facts import Facts


@rule(
    "parameters_overwritten",
    Step.RESULT,
    say("It behaves like a model whose numbers are overwritten after it was trained."),
    say("Which line behind the training sets the model's numbers without learning them?"),
    lambda _: (None, None),
)
def parameters_overwritten(facts: Facts) -> bool:
    """The model was changed by hand after its last step, or is not the one that was trained."""
    result = facts.result
    return result is not None and (result.changed_by_hand or result.untrained)


RULES = (parameters_overwritten,)
