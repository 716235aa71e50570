"""Mistakes that only show at the end: the training is right, and its model is not what it made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.diagnosis.places import at_model
from grader.diagnosis.rule import Cell, Rules, only
from grader.evidence import ResultPart, TrainPart
from grader.language.messages import say
from grader.models import Step
from grader.recipes.kinds import CurveRecipe, PicturesRecipe
from grader.replay.architectures import Network

if TYPE_CHECKING:
    from grader.facts import Facts
    from grader.models.arrays import Floats

rule = Rules(
    Step.RESULT,
    at_model,
    explains=("result",),
    needs=(TrainPart, ResultPart),
    cell=Cell.ANYHOW,
)


@rule(
    "parameters_overwritten",
    say("It behaves like a model whose numbers are overwritten after it was trained."),
    say("Which line after the training sets the model's numbers without learning them?"),
    lambda _: (None, None),
)
def parameters_overwritten(facts: Facts) -> bool:
    """The model was changed by hand after its last step, or is not the one that was trained."""
    return facts.overwritten


def _hidden(facts: Facts) -> Floats | None:
    """What the hidden layer of the model as it was made computes for each card, before its bend."""
    network, made, columns = facts.architecture, facts.made_numbers, facts.columns
    if not isinstance(network, Network) or made is None or columns is None:
        return None
    return network.before_bend(made, columns.X)


@rule(
    "weights_all_alike",
    say(
        "It behaves like a network whose hidden parts all begin with the same numbers: they learn "
        "the same, or nothing."
    ),
    say("Which numbers does torch give a new layer by itself, and which line changes them?"),
)
def weights_all_alike(facts: Facts) -> bool:
    """Every hidden part computes the same for every card."""
    hidden = _hidden(facts)
    return hidden is not None and hidden.shape[1] > 1 and not np.ptp(hidden, axis=1).any()


@rule(
    "hidden_layer_silent",
    say("It behaves like a hidden layer that lets nothing through: whatever it is shown, it is 0."),
    say(
        "Ask the first layer about a few cards: is any of its answers above 0? What makes them so?"
    ),
)
def hidden_layer_silent(facts: Facts) -> bool:
    """A ReLU cuts off everything, for every card, before any training."""
    hidden, network = _hidden(facts), facts.architecture
    bends = isinstance(network, Network) and network.activation == "relu"
    return hidden is not None and bends and bool((hidden <= 0).all())


@rule(
    "part_not_trained",
    say("It behaves like a model with a part that the training never reaches."),
    say("Print each of the model's numbers before and after: which of them never move?"),
)
def part_not_trained(facts: Facts) -> bool:
    """Some of the numbers moved, others did not."""
    return facts.partly_trained


RULES = (
    *only((CurveRecipe, PicturesRecipe), weights_all_alike, hidden_layer_silent),
    part_not_trained,
    parameters_overwritten,
)
