"""Mistakes in the count of right answers, recognised by the number that came out."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import numpy as np

from grader.diagnosis.places import where_bound
from grader.diagnosis.rule import Rules, only
from grader.evidence import ResultPart, TrainPart
from grader.facts.answers import scores_of, share_right
from grader.facts.loss_function import answers_shares
from grader.language.messages import say
from grader.models import Step
from grader.recipes.kinds import PicturesRecipe, ThresholdRecipe

if TYPE_CHECKING:
    from grader.facts import Facts
    from grader.facts.hypotheses import Floats

NEAR = 1e-4


at_accuracy = where_bound(Step.TRAIN, "accuracy")


def _counted(facts: Facts, *values: float | None) -> bool:
    """Whether the student's number is one of these, and no other fault of the step explains it."""
    mine = facts.result.accuracy
    if mine is None:
        return False
    return any(v is not None and abs(mine - v) < NEAR * max(1.0, abs(v)) for v in values)


def _decided(facts: Facts, *, exam: bool) -> tuple[Floats, Floats] | None:
    """Scores of the trained model and answers, flat; on the cards kept back with `exam`."""
    data_set = facts.exam if exam else facts.columns
    scores = facts.exam_scores if exam else facts.final_scores
    if data_set is None or scores is None:
        return None
    return scores.reshape(-1), (data_set.y.reshape(-1) > 0.5).astype(np.float64)


def _on_exam(facts: Facts) -> bool:
    return isinstance(facts.recipe, PicturesRecipe)


def _share_at(facts: Facts, threshold: float, *, exam: bool) -> float | None:
    decided = _decided(facts, exam=exam)
    return None if decided is None else float(np.mean((decided[0] > threshold) == decided[1]))


def _shares(facts: Facts) -> tuple[float, float, float] | None:
    """What comes out if all is taken for a yes, all for a no, and if all pairs are compared."""
    decided = _decided(facts, exam=_on_exam(facts))
    if decided is None:
        return None
    said, due = float((decided[0] > 0).mean()), float(decided[1].mean())
    return due, 1 - due, said * due + (1 - said) * (1 - due)


def _calls(facts: Facts, *names: str) -> bool:
    return not facts.code.names(Step.TRAIN).isdisjoint(names)


rule = Rules(Step.TRAIN, at_accuracy, explains=("train.accuracy",), needs=(TrainPart, ResultPart))


@rule(
    "accuracy_on_practice_cards",
    say("It behaves like an exam on the very cards that were practised on."),
    say("Which cards has the model never seen, and which did you count?"),
)
def accuracy_on_practice_cards(facts: Facts) -> bool:
    """The share of right answers among X and y, where cards were kept back."""
    return _on_exam(facts) and _counted(facts, _share_at(facts, 0.0, exam=False))


@rule(
    "accuracy_threshold_wrong",
    say("It behaves like scores that are taken for probabilities when the answers are counted."),
    say("Which score means fifty-fifty? Is that where your count divides yes from no?"),
)
def accuracy_threshold_wrong(facts: Facts) -> bool:
    """A score above 0.5 (or 1, or its rounding) counts as yes."""
    exam = _on_exam(facts)
    decided = _decided(facts, exam=exam)
    if decided is None:
        return False
    rounded = float(np.mean(np.round(decided[0]) == decided[1]))
    cut = float(np.mean(np.trunc(decided[0]) == decided[1]))
    return _counted(
        facts, _share_at(facts, 0.5, exam=exam), _share_at(facts, 1.0, exam=exam), rounded, cut
    )


@rule(
    "accuracy_typed_in",
    say("It behaves like a share that was written down, not counted."),
    say("Other cards would have another share: which line finds it out?"),
)
def accuracy_typed_in(facts: Facts) -> bool:
    """`accuracy` comes from nothing but numbers in the code."""
    name = facts.result.names.get("accuracy", "accuracy")
    return facts.code.writes_down(name)


@rule(
    "argmax_of_one_column",
    say(
        "It behaves like the question which of one: where there is a single score, it is always "
        "the largest."
    ),
    say("Print the decisions that you compare with the answers: is there a yes among them?"),
)
def argmax_of_one_column(facts: Facts) -> bool:
    """The position of the largest score is always 0: no."""
    shares = _shares(facts)
    largest = _calls(facts, "argmax", "max", "topk", "argsort")
    return shares is not None and largest and _counted(facts, shares[1])


@rule(
    "probabilities_above_zero",
    say("It behaves like a count in which every probability above 0 is a yes: all of them are."),
    say("Your model answers with probabilities: which of them means fifty-fifty?"),
)
def probabilities_above_zero(facts: Facts) -> bool:
    """A model that gives probabilities, and every answer taken for a yes."""
    model, shares = facts.trained_model, _shares(facts)
    chances = model is not None and answers_shares(model, facts.recipe)
    return chances and shares is not None and _counted(facts, shares[0])


@rule(
    "accuracy_counts_all_as_yes",
    say("It behaves like a count that takes every answer for a yes."),
    say("Print the decisions that you compare with the answers: is there a no among them?"),
)
def accuracy_counts_all_as_yes(facts: Facts) -> bool:
    """The share of cards with a yes on their back: a probability is always above 0."""
    shares = _shares(facts)
    if shares is None or not _counted(facts, shares[0]):
        return False
    return _calls(facts, "sigmoid", "softmax") or not _counted(facts, *shares[1:])


@rule(
    "accuracy_broadcast",
    say("It behaves like a count that compares every decision with every answer."),
    say("Print the shape of each side of the comparison, and of its result."),
)
def accuracy_broadcast(facts: Facts) -> bool:
    """[N, 1] == [N]: agreement of all pairs, or their number over the number of cards."""
    shares, decided = _shares(facts), _decided(facts, exam=_on_exam(facts))
    if shares is None or decided is None:
        return False
    if _counted(facts, shares[2] * len(decided[1])):
        return True
    reshaped = _calls(facts, "squeeze", "flatten", "ravel", "view", "reshape", "unsqueeze")
    return _counted(facts, shares[2]) and (reshaped or not _counted(facts, *shares[:2]))


@rule(
    "accuracy_counts_all_as_no",
    say("It behaves like a count that takes every answer for a no."),
    say("Print the decisions that you compare with the answers: is there a yes among them?"),
)
def accuracy_counts_all_as_no(facts: Facts) -> bool:
    """The share of cards with a no on their back."""
    shares = _shares(facts)
    return shares is not None and _counted(facts, shares[1]) and not _counted(facts, shares[0])


@rule(
    "accuracy_of_no_decision",
    say("It behaves like a count that comes out the same, whatever the model has learned."),
    say("Print the decisions that you compare with the answers, and their shape: do they differ?"),
    also=("accuracy_counts_all_as_yes", "accuracy_counts_all_as_no", "accuracy_broadcast"),
)
def accuracy_of_no_decision(facts: Facts) -> bool:
    """As many yes as no on the cards, and half of them counted."""
    shares = _shares(facts)
    return shares is not None and all(_counted(facts, share) for share in shares)


@rule(
    "accuracy_not_a_share",
    say("It behaves like a count of cards, or a percentage, instead of a share between 0 and 1."),
    say("All cards right: which number should come out, and which does?"),
)
def accuracy_not_a_share(facts: Facts) -> bool:
    """How many are right, or how many of a hundred."""
    exam = _on_exam(facts)
    right, decided = _share_at(facts, 0.0, exam=exam), _decided(facts, exam=exam)
    if right is None or decided is None:
        return False
    return _counted(facts, right * 100, right * len(decided[0])) and right > 0


@rule(
    "scores_compared_with_answers",
    say(
        "It behaves like scores that are compared with the answers as they are: hardly any score "
        "is exactly 0 or 1."
    ),
    say("Between the score and the answer a decision is missing: when does the model say yes?"),
)
def scores_compared_with_answers(facts: Facts) -> bool:
    """No score equals its answer, and nothing in the code counts what is wrong."""
    decided = _decided(facts, exam=_on_exam(facts))
    if decided is None or _counts_mistakes(facts):
        return False
    return _counted(facts, float(np.mean(decided[0] == decided[1])))


def _counts_mistakes(facts: Facts) -> bool:
    """Whether the code takes something away, or asks for what differs."""
    return (
        facts.code.contains(Step.TRAIN, ast.NotEq, ast.Invert)
        or _calls(facts, "ne", "not_equal", "abs", "logical_not")
        or facts.code.subtracts_from_one(Step.TRAIN)
    )


@rule(
    "accuracy_of_mistakes",
    say("It behaves like a count of the wrong answers instead of the right ones."),
    say("The better the model, the ... your number? Which way should it go?"),
)
def accuracy_of_mistakes(facts: Facts) -> bool:
    """The share of wrong answers."""
    right = _share_at(facts, 0.0, exam=_on_exam(facts))
    return right is not None and _counted(facts, 1 - right)


@rule(
    "accuracy_before_training",
    say("It behaves like a count that was made before the training, not after it."),
    say("In which order do practice and count come in your cell?"),
)
def accuracy_before_training(facts: Facts) -> bool:
    """The share of right answers of the model as it was made, counted above the loop."""
    counted, loop = at_accuracy(facts), facts.code.loop_place()
    above = counted[0] == loop[0] and counted[1] is not None and counted[1] < (loop[1] or 0)
    data_set = facts.exam if _on_exam(facts) else facts.columns
    scores = scores_of(facts.model, facts.recipe, data_set, facts.made_numbers)
    return above and _counted(facts, share_right(scores, data_set))


@rule(
    "accuracy_no_number",
    say("It behaves like an `accuracy` that is no number, but a text, say, or a list."),
    say("Print type(accuracy): could you tell whether it is larger than 0.5?"),
    alone=True,
)
def accuracy_no_number(facts: Facts) -> bool:
    """The name is bound, and no number was seen under it."""
    # In a function, the name may be one that nobody sees outside.
    bound = at_accuracy(facts)[1] is not None and not facts.code.contains(
        Step.TRAIN, ast.FunctionDef
    )
    return bound and facts.result.accuracy is None


@rule(
    "accuracy_not_counted",
    say(
        "It behaves like a cell that leaves out the count of right answers, or counts something "
        "else."
    ),
    say("After the loop one number is still missing: how is it worked out by hand?"),
    alone=True,
)
def accuracy_not_counted(_: Facts) -> bool:
    """Only the accuracy is wrong."""
    return True


RULES = only(
    (ThresholdRecipe, PicturesRecipe),
    accuracy_typed_in,
    accuracy_before_training,
    argmax_of_one_column,
    probabilities_above_zero,
    accuracy_on_practice_cards,
    accuracy_counts_all_as_yes,
    accuracy_broadcast,
    accuracy_counts_all_as_no,
    accuracy_of_no_decision,
    accuracy_threshold_wrong,
    accuracy_not_a_share,
    scores_compared_with_answers,
    accuracy_of_mistakes,
    accuracy_no_number,
    accuracy_not_counted,
)
