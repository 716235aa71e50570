"""The catalogue of named mistakes: what does a failed step behave like?

Rules are tried in order, the surest first, and only where a check failed that they explain, in the
lessons that they are about, and where what they need is known (`rule.Rule.asked`): nothing harmless
is ever reported. If no rule fits, nothing is named; the checks say what is off and by how much.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.linalg import LinAlgError

from grader.diagnosis import (
    accuracy,
    batches,
    choices,
    data,
    loss,
    model,
    network,
    noise,
    optimizer,
    result,
    stops,
)
from grader.diagnosis.training import dealing, direction, epochs, order
from grader.errors import Unobserved
from grader.language.messages import say
from grader.models import Diagnosis, Step

if TYPE_CHECKING:
    from grader.diagnosis.rule import Rule
    from grader.facts import Facts

CATALOGUE: tuple[Rule, ...] = (
    *stops.RULES,
    *choices.RULES,
    *batches.DATA,
    *noise.RULES,
    *data.RULES,
    *model.RULES,
    *network.RULES,
    *loss.RULES,
    *optimizer.RULES,
    *batches.TRAIN,
    *order.RULES,
    *dealing.RULES,
    *direction.RULES,
    *epochs.RULES,
    *accuracy.RULES,
    *result.RULES,
)


def diagnose(step: Step, facts: Facts, failed: frozenset[str]) -> Diagnosis | None:
    """The first mistake in the catalogue that a step behaves like, of which these checks failed."""
    for rule in CATALOGUE:
        if rule.asked(step, facts, failed) and _applies(rule, facts):
            return rule.diagnosis(facts)
    return None


def _applies(rule: Rule, facts: Facts) -> bool:
    """Whether a mistake fits; what was not seen, or cannot be computed with, fits no mistake."""
    try:
        # The numbers are the notebook's own: however large, they are no news for the terminal.
        with np.errstate(all="ignore"):
            return rule.applies(facts)
    except (Unobserved, ArithmeticError, LinAlgError):
        return False


def not_attempted(step: Step, cell: int | None) -> Diagnosis:
    """A step that still waits for the student's code."""
    return Diagnosis(
        "not_attempted",
        step,
        say("This step is not done yet: its cell is as it was handed out."),
        say("Begin with the goal above the cell; the folded hints below it help step by step."),
        cell,
    )
