"""The catalogue of named mistakes: what does a failed step behave like?

Rules are asked in order, the surest first, and only of steps that failed: nothing harmless is ever
accused. Where no rule fits, nothing is named; the checks say what is off and by how much.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.linalg import LinAlgError

from grader.diagnosis import classification, curve, data, loss, model, optimizer, result, training
from grader.diagnosis.facts import Facts
from grader.errors import Unobserved
from grader.language.messages import say
from grader.models import Diagnosis, Step

if TYPE_CHECKING:
    from grader.diagnosis.rule import Rule

__all__ = ["CATALOGUE", "Facts", "diagnose", "not_attempted"]

CATALOGUE: tuple[Rule, ...] = (
    *classification.DATA,
    *data.RULES,
    *model.RULES,
    *classification.MODEL,
    *curve.MODEL,
    *loss.RULES,
    *classification.LOSS,
    *optimizer.RULES,
    *classification.BATCHES,
    *training.ORDER,
    *classification.DIRECTION,
    *training.DIRECTION,
    *training.EPOCHS,
    *classification.ACCURACY,
    *result.RULES,
)


def diagnose(step: Step, facts: Facts) -> Diagnosis | None:
    """The first mistake in the catalogue that the failed step behaves like, if any."""
    for rule in CATALOGUE:
        fits = rule.step is step and isinstance(facts.recipe, rule.of)
        if fits and _applies(rule, facts):
            return rule.diagnosis(facts)
    return None


def _applies(rule: Rule, facts: Facts) -> bool:
    """Whether a mistake fits; what was not seen, or cannot be computed with, fits none."""
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
