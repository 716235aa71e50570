"""Mistakes in the count of right answers, recognised by the number that came out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.diagnosis.places import at_loop, where_bound
from grader.diagnosis.rule import Rules, explaining, only
from grader.facts.answers import scores_of, share_right
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


rule = Rules(Step.TRAIN, at_accuracy)


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
    "accuracy_counts_all_as_yes",
    say("It behaves like a count that takes every answer for a yes."),
    say("Print the decisions that you compare with the answers: is there a no among them?"),
)
def accuracy_counts_all_as_yes(facts: Facts) -> bool:
    """The share of cards with a yes on their back: a probability is always above 0."""
    decided = _decided(facts, exam=_on_exam(facts))
    return decided is not None and _counted(facts, float(np.mean(decided[1])))


@rule(
    "accuracy_broadcast",
    say("It behaves like a count that compares every decision with every answer."),
    say("Print the shape of each side of the comparison, and of its result."),
)
def accuracy_broadcast(facts: Facts) -> bool:
    """[N, 1] == [N]: agreement of all pairs."""
    decided = _decided(facts, exam=_on_exam(facts))
    if decided is None:
        return False
    said, due = decided[0] > 0, decided[1]
    yes = float(said.mean() * due.mean() + (1 - said.mean()) * (1 - due.mean()))
    return _counted(facts, yes, yes * len(due))


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
    """The share of right answers of the model as it was made."""
    data_set = facts.exam if _on_exam(facts) else facts.columns
    scores = scores_of(facts.model, facts.recipe, data_set, facts.made_numbers)
    return _counted(facts, share_right(scores, data_set))


@rule(
    "accuracy_not_counted",
    say(
        "It behaves like a cell that leaves out the count of right answers, or counts something "
        "else."
    ),
    say("After the loop one number is still missing: how is it worked out by hand?"),
    at_loop,
    alone=True,
)
def accuracy_not_counted(_: Facts) -> bool:
    """Only the accuracy is wrong."""
    return True


RULES = only(
    (ThresholdRecipe, PicturesRecipe),
    *explaining(
        "train.accuracy",
        accuracy_on_practice_cards,
        accuracy_broadcast,
        accuracy_threshold_wrong,
        accuracy_counts_all_as_yes,
        accuracy_not_a_share,
        accuracy_of_mistakes,
        accuracy_before_training,
        accuracy_not_counted,
    ),
)
