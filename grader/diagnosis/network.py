"""Mistakes in the network of a lesson about pictures, and in that of one about a curve."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from grader.diagnosis.rule import rule
from grader.language.messages import say
from grader.models import Step

if TYPE_CHECKING:
    from grader.diagnosis.facts import Facts
    from grader.diagnosis.rule import Place


# What a lesson asks of the answers of its network, each by its own check.
_ANSWERS: Final = frozenset({"model.scores", "model.network"})


def _at_model(facts: Facts) -> Place:
    return facts.binding_place(Step.MODEL, "model")


@rule(
    "network_wrong_size",
    Step.MODEL,
    say("It behaves like a network whose layers have other sizes than the lesson's."),
    say("Follow one picture: how many numbers go into each layer, and how many come out?"),
    _at_model,
)
def network_wrong_size(facts: Facts) -> bool:
    """Another count of numbers, or layers that do not fit together."""
    model = facts.model
    return model is not None and ("model.size" in facts.failed or model.probe.error is not None)


@rule(
    "network_not_as_asked",
    Step.MODEL,
    say("It behaves like a network with something else between its layers than the lesson names."),
    say("Between two layers something has to bend the line. What does the lesson put there?"),
    _at_model,
)
def network_not_as_asked(facts: Facts) -> bool:
    """The right numbers, other answers."""
    made = facts.model is not None and bool(_ANSWERS & facts.failed)
    return made and facts.architecture is None


PICTURES = (network_wrong_size, network_not_as_asked)
CURVE = (
    replace(
        network_wrong_size,
        hint=say("Follow one card: how many numbers go into each layer, and how many come out?"),
    ),
    network_not_as_asked,
)
