"""Mistakes with batches that students deal out by themselves, in lessons about single numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from grader.diagnosis import batches
from grader.diagnosis.places import at_event
from grader.diagnosis.rule import only
from grader.language.messages import say
from grader.models import Step
from grader.recipes.kinds import CurveRecipe, LineRecipe, ThresholdRecipe
from grader.replay import data_behind

if TYPE_CHECKING:
    from grader.facts import Facts

rule = batches.of_train


@rule(
    "batches_not_used",
    say("It behaves like a loop in a loop that shows the model all cards, time after time."),
    say("What does the inner loop deal out, and where in its lines is that used?"),
    at_event("F"),
)
def batches_not_used(facts: Facts) -> bool:
    """Several gradients a round, each from all cards, in a loop whose own names nobody reads."""
    training, data_set, epochs = facts.training, facts.columns, facts.recipe.epochs
    several, odd = divmod(facts.count("BG"), epochs)
    if training is None or data_set is None or several < 2 or odd:
        return False
    behind = data_behind(training, data_set)
    dealt = [behind(shown) for _, shown in training.backwards]
    whole = all(seen is not None and len(seen) == len(data_set) for seen in dealt)
    return whole and facts.code.deals_unused(Step.TRAIN)


def _wiped_away(facts: Facts) -> bool:
    """A step for each round, and a clearing for each of several batches."""
    steps, gradients = facts.count("S"), facts.count("B")
    few = 1 < steps <= facts.recipe.epochs and gradients >= 2 * steps
    return few and facts.count("Z") >= gradients


# Gradients that pile up over the batches of a round make an honest step.
step_once_an_epoch = replace(batches.step_once_an_epoch, applies=_wiped_away)

RULES = only((LineRecipe, CurveRecipe, ThresholdRecipe), batches_not_used, step_once_an_epoch)
