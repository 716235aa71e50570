"""Judges the model before training: what it can express, and that it knows nothing yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.checks.criteria.missing import missing
from grader.checks.judgements import failed, passed
from grader.evidence import ModelPart
from grader.facts.lines import knows
from grader.facts.precision import USUAL
from grader.language.messages import say, say_count
from grader.replay import learned_line, line_places

if TYPE_CHECKING:
    from grader.evidence import ModelSeen
    from grader.facts import Facts
    from grader.models import Judgement
    from grader.replay import Line

NONE = say("There is no `model` that can be asked for a guess yet.")
UNREADABLE = say(
    "What the model knows before training cannot be read: it does not answer as a line."
)


def has_weight_and_bias(facts: Facts) -> Judgement:
    """One number in, one out: a single weight and a single bias, both trainable."""
    model = facts.part(ModelPart).model
    if model is None:
        return missing(facts.part(ModelPart), "model", NONE)
    numbers = sum(len(p.values) for p in model.parameters)
    if not numbers and model.is_module:
        return failed(
            say("The model does not know of any number that it can change."),
            expected=say("2 trainable numbers"),
            actual=say_count(numbers, "{count} trainable number", "{count} trainable numbers"),
            hint=say("Print list(model.parameters()): how does torch come to know a number?"),
        )
    if numbers != 2:
        return failed(
            say("The model does not have exactly one weight and one bias."),
            expected=say("2 trainable numbers"),
            actual=say_count(numbers, "{count} trainable number", "{count} trainable numbers"),
        )
    start = learned_line(model)
    if line_places(model) is None and start is not None and start.w != 0 and start.b == 0:
        return failed(
            say("The model does not have exactly one weight and one bias."),
            hint=say("What does your model answer for x = 0, and could it learn to answer 1?"),
        )
    if not all(p.requires_grad for p in model.parameters):
        return failed(say("A part of the model is frozen and cannot learn."))
    if (deaf := unheard(model)) is not None:
        return deaf
    if not all(model.probe.heard):
        return failed(
            say("One of the model's numbers has no say in its guesses, so it can never learn."),
            hint=say("Change one number after the other by hand: which guess changes with it?"),
        )
    return passed()


def unheard(model: ModelSeen) -> Judgement | None:
    """What is wrong with a model whose answers hang on none of its numbers, if they do not."""
    if not model.probe.heard or any(model.probe.heard):
        return None
    return failed(
        say("The model's guesses are not tied to its numbers, so no gradient can reach them."),
        hint=say(
            "Print model(X): is there a grad_fn, and do the guesses differ from card to card?"
        ),
    )


def is_a_line(facts: Facts) -> Judgement:
    """The model's answers lie on a straight line, far outside the cards too."""
    model = facts.part(ModelPart).model
    if model is None:
        return missing(facts.part(ModelPart), "model", NONE)
    if model.probe.error is not None:
        return failed(
            say("The model cannot answer when it is shown a column of single numbers."),
            actual=say("{error}", error=model.probe.error),
        )
    if (other := _of_other_precision(facts, model)) is not None:
        return other
    if model.probe.shape != (len(model.probe.inputs), 1):
        return failed(
            say("The model's answers do not have the shape of one answer per card."),
            expected=say("shape ({count}, 1)", count=len(model.probe.inputs)),
            actual=say("shape {shape}", shape=str(model.probe.shape)),
        )
    x, answers = np.array(model.probe.inputs), np.array(model.probe.outputs)
    line = learned_line(model)
    # float32 resolves a small slope next to a large b only to b's own last digits, a hundredfold
    # here.
    room = 1e-4 * max(1.0, abs(line.b)) if line is not None else 0.0
    if line is None or not np.allclose(answers, line.at(x), rtol=1e-4, atol=room):
        return failed(
            say("The model's answers do not lie on a straight line."),
            hint=say("Ask it for x = -100 and x = 100: what does a line have to answer?"),
        )
    return passed()


def answers_otherwise(facts: Facts, model: ModelSeen) -> Judgement | None:
    """How the model's answers differ from those of the lesson's model, one for each card."""
    if model.probe.error is not None:
        return failed(
            say("The model cannot answer when it is shown a few cards."),
            actual=say("{error}", error=model.probe.error),
        )
    if (other := _of_other_precision(facts, model)) is not None:
        return other
    count = len(model.probe.inputs) // max(1, model.probe.width)
    if model.probe.shape != (count, 1):
        return failed(
            say("The model's answers do not have the shape of one answer per card."),
            expected=say("shape ({count}, 1)", count=count),
            actual=say("shape {shape}", shape=str(model.probe.shape)),
        )
    if not facts.made_architectures:
        return failed(
            say("The model's answers are not those of the model that the lesson describes."),
            hint=say("Go through the model layer by layer: what does the task ask for?"),
        )
    return None


def _of_other_precision(facts: Facts, model: ModelSeen) -> Judgement | None:
    if not facts.model_is_off_precision:
        return None
    return failed(
        say("The model's numbers have another precision than those on the cards."),
        expected=say("{type}", type=USUAL),
        actual=say("{type}", type=model.parameters[0].dtype),
        hint=say("Print X.dtype and the dtype of the model's weight: do they agree?"),
    )


def starts_fresh(facts: Facts, goal: Line) -> Judgement:
    """The model does not know the answer before it is trained."""
    part, start = facts.part(ModelPart), facts.made_line
    if start is None:
        return missing(part, "model", UNREADABLE if part.model is not None else NONE)
    if knows(start, goal, facts.data_set, filled_in=facts.model_is_filled_in):
        return failed(
            say("The model knows the answer before any training."),
            actual=say("w = {w:.3f}, b = {b:.3f} before training", w=start.w, b=start.b),
            hint=say("Let torch choose the first values, and let training find the rest."),
        )
    return passed()
