"""Judges the pupil before its first lesson: what it can express, and that it knows nothing yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.checks.criteria.missing import missing
from grader.checks.criteria.precision import USUAL, model_is_off_precision
from grader.checks.judgements import failed, passed
from grader.evidence import DataPart, ModelPart, TrainPart
from grader.language.messages import say, say_count
from grader.replay import Line, data_set_of, learned_line, least_squares, line_places, trajectory

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from grader.evidence import Evidence, ModelSeen
    from grader.models import Judgement
    from grader.recipes.recipe import Recipe
    from grader.replay import DataSet, Trajectory

# A fresh start this near to the goal happens by chance less than once in 10,000 (randn), never
# with torch's own initial values, which lie in (-1, 1).
TOO_NEAR = 0.02

NONE = say("There is no `model` that can be asked for a guess yet.")


def has_weight_and_bias(seen: Evidence) -> Judgement:
    """One number in, one out: a single weight and a single bias, both trainable."""
    model = seen.part(ModelPart).model
    if model is None:
        return missing(seen.part(ModelPart), "model", NONE)
    numbers = sum(len(p.values) for p in model.parameters)
    if not numbers and model.is_module:
        return failed(
            say("The model does not know of any number that it may change."),
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
    return passed()


def is_a_line(seen: Evidence) -> Judgement:
    """The model's answers lie on a straight line, far outside the cards too."""
    model = seen.part(ModelPart).model
    if model is None:
        return missing(seen.part(ModelPart), "model", NONE)
    if model.probe.error is not None:
        return failed(
            say("The model cannot answer when it is shown a column of single numbers."),
            actual=say("{error}", error=model.probe.error),
        )
    if (other := _of_other_precision(seen, model)) is not None:
        return other
    if model.probe.shape != (len(model.probe.inputs), 1):
        return failed(
            say("The model's answers do not have the shape of one answer a card."),
            expected=say("shape ({count}, 1)", count=len(model.probe.inputs)),
            actual=say("shape {shape}", shape=str(model.probe.shape)),
        )
    x, answers = np.array(model.probe.inputs), np.array(model.probe.outputs)
    line = learned_line(model)
    # float32 reads a small slope beside a large b only to b's own last digits, a hundredfold here.
    room = 1e-4 * max(1.0, abs(line.b)) if line is not None else 0.0
    if line is None or not np.allclose(answers, line.at(x), rtol=1e-4, atol=room):
        return failed(
            say("The model's answers do not lie on a straight line."),
            hint=say("Ask it for x = -100 and x = 100: what does a line have to answer?"),
        )
    return passed()


def answers_otherwise(seen: Evidence, model: ModelSeen, recipe: Recipe) -> Judgement | None:
    """How the model's answers differ from those of the lesson's model, one for each card."""
    if model.probe.error is not None:
        return failed(
            say("The model cannot answer when it is shown a few cards."),
            actual=say("{error}", error=model.probe.error),
        )
    if (other := _of_other_precision(seen, model)) is not None:
        return other
    count = len(model.probe.inputs) // max(1, model.probe.width)
    if model.probe.shape != (count, 1):
        return failed(
            say("The model's answers do not have the shape of one answer a card."),
            expected=say("shape ({count}, 1)", count=count),
            actual=say("shape {shape}", shape=str(model.probe.shape)),
        )
    if not recipe.architectures(model):
        return failed(
            say("The model's answers are not those of the model that the lesson describes."),
            hint=say("Go through the model layer by layer: what does the task ask for?"),
        )
    return None


def _of_other_precision(seen: Evidence, model: ModelSeen) -> Judgement | None:
    if not model_is_off_precision(seen):
        return None
    return failed(
        say("The model's numbers have another precision than those on the cards."),
        expected=say("{type}", type=USUAL),
        actual=say("{type}", type=model.parameters[0].dtype),
        hint=say("Print X.dtype beside the dtype of the model's weight: do they agree?"),
    )


def starts_fresh(seen: Evidence, goal: Line) -> Judgement:
    """The model does not know the answer before it is trained."""
    start = _made_line(seen)
    if start is None:
        return missing(seen.part(ModelPart), "model", NONE)
    data = seen.part(DataPart) if DataPart in seen else None
    data_set = data_set_of(data.X, data.y) if data is not None else None
    if knows(start, goal, data_set):
        return failed(
            say("The model knows the answer before its first lesson."),
            actual=say("w = {w:.3f}, b = {b:.3f} before training", w=start.w, b=start.b),
            hint=say("Let torch choose the first values, and let training find the rest."),
        )
    return passed()


def knows(start: Line, goal: Line, data_set: DataSet | None) -> bool:
    """Whether a line is the goal already, or the least-squares line of the cards."""
    known = [goal] if data_set is None else [goal, least_squares(data_set)]
    return any(max(abs(start.w - k.w), abs(start.b - k.b)) < TOO_NEAR for k in known)


def start_line(seen: Evidence) -> Line | None:
    """The line that the model drew when its training began."""
    model, path = seen.part(ModelPart).model, _path(seen)
    if model is None:
        return None
    return (_line(model, path.states[0]) if path is not None else None) or learned_line(model)


def _made_line(seen: Evidence) -> Line | None:
    """The line that the model drew as it was made: on record, where one cell does it all."""
    model, path = seen.part(ModelPart).model, _path(seen)
    if model is None:
        return None
    return (_line(model, path.earliest) if path is not None else None) or learned_line(model)


def _path(seen: Evidence) -> Trajectory | None:
    training = seen.part(TrainPart).training if TrainPart in seen else None
    return trajectory(training) if training is not None else None


def _line(model: ModelSeen, numbers: NDArray[np.float64]) -> Line | None:
    places = line_places(model)
    if places is None or len(numbers) != len(places):
        return None
    return Line(*(float(numbers[place]) for place in places))
