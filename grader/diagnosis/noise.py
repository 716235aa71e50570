"""Mistakes with the noise on the cards that are told by how it was put there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from grader.diagnosis.data import NEAR, fit, numbers_of, on_grid
from grader.diagnosis.places import at_y
from grader.diagnosis.rule import Rules, only
from grader.evidence import DataPart
from grader.facts.examples import flat
from grader.language.messages import say
from grader.models import Step
from grader.recipes.kinds import LineRecipe

if TYPE_CHECKING:
    from grader.facts import Facts

_DRAWS = re.compile(r"(rand|randn|randint)(_like)?|(standard_)?normal_?|gauss|uniform_?")
# Who types a number in types few decimals; one in fifty drawn ones looks like that.
DECIMALS = 2

rule = Rules(Step.DATA, at_y, explains=("data.targets",), needs=(DataPart,))


def _draws(facts: Facts) -> bool:
    return any(_DRAWS.fullmatch(name) for name in facts.code.names(Step.DATA))


@rule(
    "noise_added",
    say("It behaves like answers with noise on them, where the lesson has none."),
    say("Take one card and work out its answer by hand: what else is on its back, and why?"),
)
def noise_added(facts: Facts) -> bool:
    """The lesson's cards, and answers off any line, in a cell that draws numbers."""
    numbers, recipe = numbers_of(facts), facts.recipe_as(LineRecipe)
    if numbers is None or recipe.noise or not on_grid(facts, numbers[0]):
        return False
    return fit(*numbers)[1] > NEAR and _draws(facts)


@rule(
    "noise_shared",
    say("It behaves like one noise for all cards: together they are pushed up or down."),
    say("How often is noise drawn in your cell, and how many cards get a noise of their own?"),
)
def noise_is_one_number(facts: Facts) -> bool:
    """Every y is as far from the lesson's line, in a cell that draws, by a number nobody types."""
    numbers, recipe = numbers_of(facts), facts.recipe_as(LineRecipe)
    if numbers is None or not recipe.noise or len(flat(facts.data.kept_noise)) > 1:
        return False
    off = numbers[1] - recipe.line.at(numbers[0])
    typed = round(float(off.mean()), DECIMALS)
    return float(np.ptp(off)) <= NEAR < abs(float(off.mean()) - typed) and _draws(facts)


@rule(
    "noise_multiplied",
    say("It behaves like noise that multiplies the answers, where it should be added to them."),
    say("How far from the line may a card with a small x lie, and one with a large x?"),
)
def noise_multiplied(facts: Facts) -> bool:
    """y is the line times the kept noise, or times 1 + the noise."""
    numbers, kept = numbers_of(facts), flat(facts.data.kept_noise)
    recipe = facts.recipe_as(LineRecipe)
    if numbers is None or not recipe.noise or kept.shape != numbers[1].shape or not np.ptp(kept):
        return False
    line = recipe.line.at(numbers[0])
    return any(np.allclose(numbers[1], line * (one + kept), atol=NEAR) for one in (0, 1))


RULES = only(LineRecipe, noise_added, noise_is_one_number, noise_multiplied)
