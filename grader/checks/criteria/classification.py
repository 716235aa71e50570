"""Judges answers of yes (1) and no (0): the cards, the model's scores, their marks, their share.

A model may give scores, for a loss that makes probabilities of them; or probabilities, for a loss
that takes those. Both are right, as long as model and loss agree.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from grader.checks.criteria.data import INPUTS_ATOL, wrong_form
from grader.checks.criteria.loss import (
    answers_shares,
    cross_entropy,
    measures_cross_entropy,
    stopped_with,
)
from grader.checks.criteria.model import NONE, answers_otherwise
from grader.checks.judgements import failed, not_assessed, passed
from grader.evidence import DataPart, LossPart, ModelPart, ResultPart, TrainPart
from grader.language.messages import say
from grader.replay import data_set_of, trajectory
from grader.replay.architectures import theta_of
from grader.replay.loss_functions import sigmoid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from grader.evidence import Evidence, LossProbed, LossSeen, ModelSeen
    from grader.models import Judgement
    from grader.recipes.recipe import Recipe
    from grader.replay import DataSet, Trajectory

    Floats = NDArray[np.float64]

# A share of right answers is a fraction; float32 rounds it by less than this.
ACCURACY_ATOL = 1e-4
RAN_AWAY = say("The model's numbers have grown beyond all bounds: the training ran away.")


def sides_are(seen: Evidence, threshold: float) -> Judgement:
    """Each y is 1 where the X beside it is above the threshold, and 0 elsewhere.

    A number that rounding alone keeps off the threshold may be on either side.
    """
    X, y = seen.part(DataPart).X, seen.part(DataPart).y
    if X is None or y is None:
        return failed(say("There is no `y` that holds the answers yet."))
    if (wrong := wrong_form(seen, "y", y, X.shape[0] if X.shape else 1)) is not None:
        return wrong
    x, answers = X.array().reshape(-1), y.array().reshape(-1)
    if not np.isfinite(x).all():
        return failed(say("`{name}` holds something that is no number.", name="X"))
    if x.size != answers.size:
        return failed(say("There are not as many answers as cards."))
    if not np.isin(answers, (0.0, 1.0)).all():
        return failed(say("An answer is yes (1) or no (0), and nothing between or beyond."))
    doubtful = (np.abs(x - threshold) <= INPUTS_ATOL) & (x != threshold)
    wrong_side = ((x > threshold) != (answers == 1)) & ~doubtful
    if wrong_side.any():
        at = int(np.flatnonzero(wrong_side)[0])
        return failed(
            say("Some answers do not follow the rule of this lesson."),
            actual=say(
                "{count} of {total} cards, the first of them x = {x:.2g} with answer {y:g}",
                count=int(wrong_side.sum()),
                total=len(x),
                x=float(x[at]),
                y=float(answers[at]),
            ),
        )
    return passed()


def gives_scores(seen: Evidence, recipe: Recipe) -> Judgement:
    """The model's answers are the scores of the lesson's model, one for each card."""
    model = seen.part(ModelPart).model
    if model is None:
        return failed(NONE)
    if (otherwise := answers_otherwise(seen, model, recipe)) is not None:
        return otherwise
    loss = seen.part(LossPart).loss if LossPart in seen else None
    if answers_shares(model, recipe) and not _takes_shares(loss):
        return failed(
            say("The model gives probabilities, where the lesson asks for scores."),
            hint=say("Which part of the lesson makes a probability of a score? Once is enough."),
        )
    return passed()


def _takes_shares(loss: LossSeen | None) -> bool:
    return loss is not None and measures_cross_entropy(loss, shares=True)


def starts_fresh(seen: Evidence, recipe: Recipe, known: float) -> Judgement:
    """Before training the model has not learned yet: it costs more than `known` on the cards."""
    model = seen.part(ModelPart).model
    if model is None:
        return failed(say("There is no `model` that can be asked for a guess yet."))
    data_set = cards_seen(seen, recipe)
    architectures = recipe.architectures(model)
    if data_set is None or not architectures:
        return passed()
    scores = architectures[0].scores(made_numbers(seen, model), data_set.X)
    right = float(np.mean((scores > 0) == (data_set.y > 0.5)))
    if right == 1 and recipe.loss_function.value(scores, data_set.y) <= known:
        return failed(
            say("The model knows the answer before its first lesson."),
            hint=say("Let torch choose the first values, and let training find the rest."),
        )
    return passed()


def ran_away(model: ModelSeen | None) -> bool:
    """Whether training left the model without finite numbers: there is nothing to judge by then."""
    return model is not None and not np.isfinite(theta_of(model)).all()


def made_numbers(seen: Evidence, model: ModelSeen) -> Floats:
    """The model's numbers as it was made: the earliest on record, where one cell does it all."""
    path, made = _path(seen), theta_of(model)
    return path.earliest if path is not None and len(path.earliest) == len(made) else made


def first_numbers(seen: Evidence, model: ModelSeen) -> Floats:
    """The model's numbers before its first update."""
    path, made = _path(seen), theta_of(model)
    return path.states[0] if path is not None and path.states.shape[1] == len(made) else made


def _path(seen: Evidence) -> Trajectory | None:
    training = seen.part(TrainPart).training if TrainPart in seen else None
    return trajectory(training) if training is not None else None


def is_cross_entropy(seen: Evidence, recipe: Recipe) -> Judgement:
    """On drawn scores and answers, the loss is the mean of -log(probability of the answer)."""
    loss = seen.part(LossPart).loss
    if loss is None:
        return failed(say("There is no `loss_fn` that can mark a guess yet."))
    for scored, probe in zip(loss.choices, _probes(seen, loss, recipe), strict=True):
        if probe.value is None:
            return failed(
                say("The loss does not come out as one number that can be learned from."),
                actual=stopped_with(probe),
            )
        due = cross_entropy(scored, probe)
        if not math.isclose(probe.value, due, rel_tol=1e-4):
            return failed(
                say("The loss is not the cross-entropy of the scores."),
                actual=say("{value:.4g} where {due:.4g} is due", value=probe.value, due=due),
                hint=say("A score of 0 means fifty-fifty: what should a single such guess cost?"),
            )
    return passed() if loss.choices else not_assessed(say("The loss could not be tried out."))


def can_be_learned_from(seen: Evidence, recipe: Recipe) -> Judgement:
    """The loss passes a gradient back to the guesses, and wrong ones are sent to the other side.

    Where a right guess is sent is left open: the squared error holds it at the answer itself, and
    whether that adds up to "away from the answers" would hang on the guesses that were drawn.
    """
    loss = seen.part(LossPart).loss
    if loss is None:
        return failed(say("There is no `loss_fn` that can mark a guess yet."))
    probes = _probes(seen, loss, recipe)
    if not probes:
        return not_assessed(say("The loss could not be tried out."))
    if all(probe.gradient is None for probe in probes):
        return failed(
            say("No gradient comes back from the loss, so nothing can be learned from it."),
            actual=stopped_with(probes[0]),
        )
    turn = 0.5 if probes is loss.shares else 0.0
    for probe in probes:
        slope = np.array(probe.gradient if probe.gradient is not None else [0.0])
        if not slope.any():
            return failed(say("No gradient comes back from the loss, so nothing can be learned."))
        towards = np.array(probe.target) * 2 - 1
        wrong = (np.array(probe.prediction) - turn) * towards < 0
        # A loss that is silent about some wrong guesses may have met only those here.
        if float(np.sum((slope * towards)[wrong])) > 0:
            return failed(
                say("The loss rewards guesses for moving away from the answers."),
                hint=say("Think which of two guesses, near or far, should get the higher loss."),
            )
    return passed()


def _probes(seen: Evidence, loss: LossSeen, recipe: Recipe) -> tuple[LossProbed, ...]:
    """The probes that suit what the model gives: scores, else probabilities where it gives those.

    A loss that takes probabilities is right only behind a model that gives them.
    """
    model = seen.part(ModelPart).model if ModelPart in seen else None
    shares = model is not None and answers_shares(model, recipe)
    return loss.shares if shares and measures_cross_entropy(loss, shares=True) else loss.choices


def counts_right_answers(seen: Evidence, recipe: Recipe, *, exam: bool = False) -> Judgement:
    """`accuracy` is the share of cards on which the trained model says the right thing.

    With `exam` it is about the cards that were kept back.
    """
    result = seen.part(ResultPart)
    if result.accuracy is None:
        return failed(say("There is no number `accuracy` yet."))
    due = true_accuracy(seen, recipe, exam=exam)
    if ran_away(result.model):
        return failed(RAN_AWAY)
    if due is None:
        return not_assessed(say("Without cards and a model the accuracy cannot be judged."))
    if exam and _cannot_be_the_exams(seen, recipe, result.accuracy):
        return failed(
            say("The model was not asked about the cards that were kept back for the exam."),
            hint=say("Which cards did you count, those for practice or those for the exam?"),
        )
    if math.isclose(result.accuracy, due, abs_tol=ACCURACY_ATOL):
        return passed(say("{share:.3f}", share=result.accuracy))
    return failed(
        say("`accuracy` is not the share of cards that your model answers right."),
        expected=say("{share:.3f}", share=due),
        actual=say("{share:.4g}", share=result.accuracy),
        hint=say("Take three cards, and count by hand: score, decision, answer, right or wrong?"),
    )


def _cannot_be_the_exams(seen: Evidence, recipe: Recipe, accuracy: float) -> bool:
    """Whether the number is that of the cards for practice, and nobody asked about the others."""
    practised = true_accuracy(seen, recipe)
    training = seen.part(TrainPart).training if TrainPart in seen else None
    alike = practised is not None and math.isclose(accuracy, practised, abs_tol=ACCURACY_ATOL)
    return alike and training is not None and not training.examined


def true_accuracy(
    seen: Evidence, recipe: Recipe, *, exam: bool = False, threshold: float = 0.0
) -> float | None:
    """The share of right answers of the model at the end; a score above `threshold` is a yes."""
    data_set = exam_seen(seen, recipe) if exam else cards_seen(seen, recipe)
    scores = final_scores(seen, recipe, data_set)
    if scores is None or data_set is None:
        return None
    return float(np.mean((scores > threshold) == (data_set.y > 0.5)))


def final_scores(seen: Evidence, recipe: Recipe, data_set: DataSet | None) -> Floats | None:
    """What the model at the end scores on cards (n, 1)."""
    model = seen.part(ResultPart).model if ResultPart in seen else None
    return scores_of(model, recipe, data_set)


def scores_of(
    model: ModelSeen | None, recipe: Recipe, data_set: DataSet | None, theta: Floats | None = None
) -> Floats | None:
    """What the lesson's model scores on cards (n, 1); with `theta` in place of its numbers."""
    architectures = recipe.architectures(model) if model is not None else ()
    if model is None or data_set is None or not architectures:
        return None
    with np.errstate(all="ignore"):
        return architectures[0].scores(theta_of(model) if theta is None else theta, data_set.X)


def shares_of(scores: Floats) -> Floats:
    """Scores as probabilities of yes."""
    return sigmoid(scores)


def cards_seen(seen: Evidence, recipe: Recipe) -> DataSet | None:
    """The cards to practise on, answers as a column."""
    data = seen.part(DataPart) if DataPart in seen else None
    data_set = data_set_of(data.X, data.y, recipe.width) if data is not None else None
    return data_set.as_columns() if data_set is not None else None


def exam_seen(seen: Evidence, recipe: Recipe) -> DataSet | None:
    """The cards that were kept back."""
    data = seen.part(DataPart) if DataPart in seen else None
    data_set = data_set_of(data.X_test, data.y_test, recipe.width) if data is not None else None
    return data_set.as_columns() if data_set is not None else None
