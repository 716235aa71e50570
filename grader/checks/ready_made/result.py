"""Checks of what came out: what was found, how far the loss fell, and whether it was learned."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from grader.checks.checking import Check
from grader.checks.criteria import curve, line, pictures, threshold
from grader.language.messages import say

if TYPE_CHECKING:
    from grader.checks.checking import Judge
    from grader.language.messages import Message
    from grader.recipes.kinds import CurveRecipe, LineRecipe, ThresholdRecipe
    from grader.recipes.tolerances import (
        CurveTolerances,
        LineTolerances,
        PicturesTolerances,
        ThresholdTolerances,
    )


def the_line_is_found(recipe: LineRecipe, tolerances: LineTolerances) -> tuple[Check, ...]:
    """15 points: the learned w and b, the fall of the loss, and another line on the same cards."""
    return (
        _found(
            "result.line",
            say("w and b end where honest training leads."),
            partial(line.line_is_found, recipe=recipe, tolerances=tolerances),
        ),
        _loss(partial(line.loss_falls, tolerances=tolerances)),
        _another(
            "result.another_line",
            say("With other answers on the cards, your cells learn the other line."),
            say("Would your cells learn any line on the cards?"),
            line.learns_another_line,
        ),
    )


def the_curve_is_found(recipe: CurveRecipe, tolerances: CurveTolerances) -> tuple[Check, ...]:
    """15 points: the learned curve, the fall of the loss, and another curve on the same cards."""
    return (
        _found(
            "result.curve",
            say("From the first card to the last, the model ends as near to the curve as it can."),
            partial(curve.curve_is_found, recipe=recipe, tolerances=tolerances),
        ),
        _loss(partial(curve.loss_falls, tolerances=tolerances)),
        _another(
            "result.another_curve",
            say("With other answers on the cards, your cells learn the other curve."),
            say("Would your cells learn any curve on the cards?"),
            curve.learns_another_curve,
        ),
    )


def the_boundary_is_found(
    recipe: ThresholdRecipe, tolerances: ThresholdTolerances
) -> tuple[Check, ...]:
    """15 points: the boundary, the fall of the loss, and another threshold on the same cards."""
    return (
        _found(
            "result.boundary",
            say("The boundary lies between the small cards and the big ones."),
            partial(threshold.boundary_is_found, recipe=recipe, tolerances=tolerances),
        ),
        _loss(partial(threshold.loss_falls, tolerances=tolerances)),
        _another(
            "result.another_threshold",
            say("With another threshold on the cards, your cells find the other boundary."),
            say("Would your cells find any boundary?"),
            threshold.learns_another_threshold,
        ),
    )


def the_pictures_are_told_apart(tolerances: PicturesTolerances) -> tuple[Check, ...]:
    """15 points: the exam, the fall of the loss, and other drawings on the cards."""
    return (
        _found(
            "result.exam",
            say(
                "On cards that it never saw, the model is right as often as honest training makes "
                "it."
            ),
            partial(pictures.passes_exam, tolerances=tolerances),
        ),
        _loss(partial(pictures.loss_falls, tolerances=tolerances)),
        _another(
            "result.other_pictures",
            say("With other drawings on the cards, your cells learn to tell those apart."),
            say("Would your cells learn any two drawings?"),
            pictures.learns_other_pictures,
        ),
    )


def _found(id_: str, sentence: Message, judge: Judge) -> Check:
    hint = say("Look at the training first: the result follows it.")
    return Check(id_, sentence, points=5, hint=hint, judge=judge)


def _loss(judge: Judge) -> Check:
    return Check(
        "result.loss",
        say("Training brings the loss down as far as the cards allow."),
        points=5,
        hint=say("Draw `losses` and look at its end."),
        judge=judge,
    )


def _another(id_: str, sentence: Message, hint: Message, judge: Judge) -> Check:
    return Check(id_, sentence, points=5, hint=hint, judge=judge)
