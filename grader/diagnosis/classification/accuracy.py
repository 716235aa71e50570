"""Mistakes in the count of right answers, told by the number that came out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.checks.criteria.classification import (
    cards_seen,
    exam_seen,
    final_scores,
    made_numbers,
    scores_of,
)
from grader.diagnosis.rule import rule
from grader.diagnosis.training.places import at_loop
from grader.language.messages import say
from grader.models import Step
from grader.recipes.recipe import PicturesRecipe

if TYPE_CHECKING:
    from grader.diagnosis.facts import Facts, Floats
    from grader.diagnosis.rule import Place

NEAR = 1e-4


def _at_accuracy(facts: Facts) -> Place:
    return facts.binding_place(Step.TRAIN, "accuracy")


def _counted(facts: Facts, *values: float | None) -> bool:
    """Whether the student's number is one of these, and no other fault of the step explains it."""
    mine = facts.result.accuracy if facts.result is not None else None
    if mine is None or "train.accuracy" not in facts.failed:
        return False
    return any(v is not None and abs(mine - v) < NEAR * max(1.0, abs(v)) for v in values)


def _decided(facts: Facts, *, exam: bool) -> tuple[Floats, Floats] | None:
    """Scores of the trained model and answers, flat; on the cards kept back with `exam`."""
    data_set = (exam_seen if exam else cards_seen)(facts.seen, facts.recipe)
    scores = final_scores(facts.seen, facts.recipe, data_set)
    if data_set is None or scores is None:
        return None
    return scores.reshape(-1), (data_set.y.reshape(-1) > 0.5).astype(np.float64)


def _on_exam(facts: Facts) -> bool:
    return isinstance(facts.recipe, PicturesRecipe)


def _share_at(facts: Facts, threshold: float, *, exam: bool) -> float | None:
    decided = _decided(facts, exam=exam)
    return None if decided is None else float(np.mean((decided[0] > threshold) == decided[1]))


@rule(
    "accuracy_on_practice_cards",
    Step.TRAIN,
    say("It behaves like an exam about the very cards that were practised on."),
    say("Which cards has the model never seen, and which did you count?"),
    _at_accuracy,
)
def accuracy_on_practice_cards(facts: Facts) -> bool:
    """The share of right answers among X and y, where cards were kept back."""
    return _on_exam(facts) and _counted(facts, _share_at(facts, 0.0, exam=False))


@rule(
    "accuracy_threshold_wrong",
    Step.TRAIN,
    say("It behaves like scores that are taken for probabilities when the answers are counted."),
    say("Which score stands for fifty-fifty? Is that where your count parts yes from no?"),
    _at_accuracy,
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
    Step.TRAIN,
    say("It behaves like a count that takes every answer for a yes."),
    say("Print the decisions that you compare with the answers: is there a no among them?"),
    _at_accuracy,
)
def accuracy_counts_all_as_yes(facts: Facts) -> bool:
    """The share of cards with a yes on their back: a probability is always above 0."""
    decided = _decided(facts, exam=_on_exam(facts))
    return decided is not None and _counted(facts, float(np.mean(decided[1])))


@rule(
    "accuracy_broadcast",
    Step.TRAIN,
    say("It behaves like a count that compares every decision with every answer."),
    say("Print the shape of what stands on each side of the comparison, and of its result."),
    _at_accuracy,
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
    Step.TRAIN,
    say("It behaves like a count of cards, or a percentage, instead of a share between 0 and 1."),
    say("All cards right: which number should come out, and which does?"),
    _at_accuracy,
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
    Step.TRAIN,
    say("It behaves like a count of the wrong answers instead of the right ones."),
    say("The better the model, the ... your number? Which way should it go?"),
    _at_accuracy,
)
def accuracy_of_mistakes(facts: Facts) -> bool:
    """The share of wrong answers."""
    right = _share_at(facts, 0.0, exam=_on_exam(facts))
    return right is not None and _counted(facts, 1 - right)


@rule(
    "accuracy_before_training",
    Step.TRAIN,
    say("It behaves like a count that was made before the training, not after it."),
    say("In which order do practice and count stand in your cell?"),
    _at_accuracy,
)
def accuracy_before_training(facts: Facts) -> bool:
    """The share of right answers of the model as it was made."""
    data_set = (exam_seen if _on_exam(facts) else cards_seen)(facts.seen, facts.recipe)
    first = made_numbers(facts.seen, facts.model) if facts.model is not None else None
    scores = scores_of(facts.model, facts.recipe, data_set, first)
    if data_set is None or scores is None:
        return False
    return _counted(facts, float(np.mean((scores > 0) == (data_set.y > 0.5))))


@rule(
    "accuracy_not_counted",
    Step.TRAIN,
    say("It behaves like a cell that leaves out the count of right answers, or counts other ones."),
    say("Behind the loop one number is still missing: how is it worked out by hand?"),
    at_loop,
)
def accuracy_not_counted(facts: Facts) -> bool:
    """Only the accuracy is wrong."""
    return facts.failed == {"train.accuracy"}


RULES = (
    accuracy_on_practice_cards,
    accuracy_broadcast,
    accuracy_threshold_wrong,
    accuracy_counts_all_as_yes,
    accuracy_not_a_share,
    accuracy_of_mistakes,
    accuracy_before_training,
    accuracy_not_counted,
)
