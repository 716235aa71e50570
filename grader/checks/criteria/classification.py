"""Judges answers of yes (1) and no (0): the examples, the model's scores, their marks, their share.

A model may give scores, for a loss that turns them into probabilities; or probabilities, for a loss
that takes those. Both are right, as long as model and loss agree.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from grader.checks.criteria.data import INPUTS_ATOL, pairs
from grader.checks.criteria.loss import stopped_with
from grader.checks.criteria.model import NONE, answers_otherwise
from grader.checks.criteria.result import RAN_AWAY
from grader.checks.judgements import failed, not_assessed, passed
from grader.evidence import LossPart, ModelPart, ResultPart
from grader.facts.accuracy import halves_scores
from grader.facts.answers import ran_away, scores_of, share_as_left, share_right
from grader.facts.loss_function import answers_shares, cross_entropy, measures_cross_entropy
from grader.language.messages import say

if TYPE_CHECKING:
    from grader.evidence import LossProbed, LossSeen
    from grader.facts import Facts
    from grader.models import Judgement

# A share of right answers is a fraction; float32 rounds it by less than this.
ACCURACY_ATOL = 1e-4


def sides_are(facts: Facts, threshold: float) -> Judgement:
    """Each y is 1 where its X is above the threshold, and 0 elsewhere.

    A number that rounding alone keeps off the threshold may be on either side.
    """
    x, answers, wrong = pairs(facts)
    if wrong is not None:
        return wrong
    if x.size != answers.size:
        return failed(say("There are not as many answers as cards."))
    if not np.isin(answers, (0.0, 1.0)).all():
        return failed(say("An answer is yes (1) or no (0), and nothing else."))
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


def gives_scores(facts: Facts) -> Judgement:
    """The model's answers are the scores of the lesson's model, one for each card."""
    model = facts.part(ModelPart).model
    if model is None:
        return failed(NONE)
    if (otherwise := answers_otherwise(facts, model)) is not None:
        return otherwise
    if answers_shares(model, facts.recipe) and not _takes_shares(facts.loss):
        return failed(
            say("The model gives probabilities; the lesson asks for scores."),
            hint=say("Which part of the lesson turns a score into a probability? Once is enough."),
        )
    if answers_shares(model, facts.recipe):
        return passed(say("Your model gives probabilities, and your loss takes those."))
    return passed()


def _takes_shares(loss: LossSeen | None) -> bool:
    return loss is not None and measures_cross_entropy(loss, shares=True)


def starts_fresh(facts: Facts, known: float) -> Judgement:
    """Before training the model has not learned yet: it costs more than `known` on the cards."""
    model = facts.part(ModelPart).model
    if model is None:
        return failed(say("There is no `model` that can be asked for a guess yet."))
    columns = facts.columns
    scores = scores_of(model, facts.recipe, columns, facts.made_numbers)
    if columns is None or scores is None:
        return passed()
    right = share_right(scores, columns)
    if right == 1 and facts.recipe.loss_function.value(scores, columns.y) <= known:
        return failed(
            say("The model knows the answer before any training."),
            hint=say("Let torch choose the first values, and let training find the rest."),
        )
    return passed()


def is_cross_entropy(facts: Facts) -> Judgement:
    """On drawn scores and answers, the loss is the mean of -log(probability of the answer)."""
    loss = facts.part(LossPart).loss
    if loss is None:
        return failed(say("There is no `loss_fn` that can mark a guess yet."))
    for scored, probe in zip(loss.choices, _probes(facts, loss), strict=True):
        if probe.value is None:
            return failed(
                say("The loss does not come out as one number that can be learned from."),
                actual=stopped_with(probe),
            )
        due = cross_entropy(scored, probe)
        if not math.isclose(probe.value, due, rel_tol=1e-4):
            return failed(
                say("The loss is not the cross-entropy of the scores."),
                actual=say("{value:.4g} where {due:.4g} is expected", value=probe.value, due=due),
                hint=say("A score of 0 means fifty-fifty: what should a single such guess cost?"),
            )
    return passed() if loss.choices else not_assessed(say("The loss could not be tried out."))


def can_be_learned_from(facts: Facts) -> Judgement:
    """The loss passes a gradient back to the guesses, and wrong ones are sent to the other side.

    Where a right guess is sent is left open: the squared error holds it at the answer itself, and
    whether that adds up to "away from the answers" would depend on the guesses that were drawn.
    """
    loss = facts.part(LossPart).loss
    if loss is None:
        return failed(say("There is no `loss_fn` that can mark a guess yet."))
    probes = _probes(facts, loss)
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
        # A loss that is flat for some wrong guesses may have met only those here.
        if float(np.sum((slope * towards)[wrong])) > 0:
            return failed(
                say("The loss rewards guesses for moving away from the answers."),
                hint=say("Think which of two guesses, near or far, should get the higher loss."),
            )
    return passed()


def _probes(facts: Facts, loss: LossSeen) -> tuple[LossProbed, ...]:
    """The probes that suit what the model gives: scores, else probabilities where it gives those.

    A loss that takes probabilities is right only after a model that gives them.
    """
    model = facts.model
    shares = model is not None and answers_shares(model, facts.recipe)
    return loss.shares if shares and measures_cross_entropy(loss, shares=True) else loss.choices


def counts_right_answers(facts: Facts, *, exam: bool = False) -> Judgement:
    """`accuracy` is the share of examples on which the trained model says the right thing.

    With `exam` it is about the examples that were held back.
    """
    result = facts.part(ResultPart)
    if result.accuracy is None:
        return failed(say("There is no number `accuracy` yet."))
    expected = facts.exam_accuracy if exam else facts.accuracy
    if ran_away(result.model):
        return failed(RAN_AWAY)
    if expected is None:
        return not_assessed(say("Without cards and a model the accuracy cannot be judged."))
    if exam and _cannot_be_the_exams(facts, result.accuracy):
        return failed(
            say("The model was not asked about the cards that were kept back for the exam."),
            hint=say("Which cards did you count, those for practice or those for the exam?"),
        )
    if facts.code.writes_down(facts.result.names.get("accuracy", "accuracy")):
        return failed(
            say("`accuracy` is a number that was written down, not one that your code counts."),
            hint=say("Other cards would have another share: which line finds it out?"),
        )
    if halves_scores(facts):
        return failed(
            say("The model's scores are compared with 0.5, as if they were probabilities."),
            hint=say("Which score stands for fifty-fifty?"),
        )
    # What became of the model after it was counted says nothing about the count.
    left = share_as_left(facts, facts.exam if exam else facts.columns)
    if any(
        share is not None and math.isclose(result.accuracy, share, abs_tol=ACCURACY_ATOL)
        for share in (expected, left)
    ):
        return passed(say("{share:.3f}", share=result.accuracy))
    return failed(
        say("`accuracy` is not the share of cards that your model answers right."),
        expected=say("{share:.3f}", share=expected),
        actual=say("{share:.4g}", share=result.accuracy),
        hint=say("Take three cards, and count by hand: score, decision, answer, right or wrong?"),
    )


def _cannot_be_the_exams(facts: Facts, accuracy: float) -> bool:
    """Whether the number is that of the practice cards, and the others were not asked about."""
    seen, training = facts.accuracy, facts.training
    alike = seen is not None and math.isclose(accuracy, seen, abs_tol=ACCURACY_ATOL)
    return alike and training is not None and not training.examined
