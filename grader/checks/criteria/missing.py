"""Judges a step whose result is not there: why not, as far as that was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.checks.judgements import failed
from grader.language.messages import say

if TYPE_CHECKING:
    from grader.evidence import ModelSeen, Part
    from grader.language.messages import Message
    from grader.models import Judgement


def missing(part: Part, role: str, otherwise: Message) -> Judgement:
    """What is said where nothing plays the role: a class that was never called, or `otherwise`."""
    if role not in part.uncalled:
        return failed(otherwise)
    return failed(
        say("`{name}` is the name of a kind, and nothing of that kind was made yet.", name=role),
        actual=say("the class {kind}", kind=part.uncalled[role]),
        hint=say("What has to stand behind a class's name so that an object of it is made?"),
    )


def unanswered(model: ModelSeen | None, otherwise: Message) -> Judgement:
    """What is said where nothing is read from the trained model: why it is silent, if it is."""
    if model is None or model.probe.error is None:
        return failed(otherwise)
    return failed(
        say(
            "At the end of the notebook the model gives no answer: {error}",
            error=model.probe.error,
        ),
        hint=say("What does the model need for its answer, and is that still there at the end?"),
    )
