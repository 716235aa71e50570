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
    from grader.diagnosis.rule import Place
    from grader.diagnosis.scene import Floats, Scene

NEAR = 1e-4


def _at_accuracy(scene: Scene) -> Place:
    return scene.binding_place(Step.TRAIN, "accuracy")


def _counted(scene: Scene, *values: float | None) -> bool:
    """Whether the student's number is one of these, and no other fault of the step explains it."""
    mine = scene.result.accuracy if scene.result is not None else None
    if mine is None or "train.accuracy" not in scene.failed:
        return False
    return any(v is not None and abs(mine - v) < NEAR * max(1.0, abs(v)) for v in values)


def _decided(scene: Scene, *, exam: bool) -> tuple[Floats, Floats] | None:
    """Scores of the trained model and answers, flat; on the cards kept back with `exam`."""
    cards = (exam_seen if exam else cards_seen)(scene.seen, scene.recipe)
    scores = final_scores(scene.seen, scene.recipe, cards)
    if cards is None or scores is None:
        return None
    return scores.reshape(-1), (cards.y.reshape(-1) > 0.5).astype(np.float64)


def _on_exam(scene: Scene) -> bool:
    return isinstance(scene.recipe, PicturesRecipe)


def _share_at(scene: Scene, threshold: float, *, exam: bool) -> float | None:
    decided = _decided(scene, exam=exam)
    return None if decided is None else float(np.mean((decided[0] > threshold) == decided[1]))


@rule(
    "accuracy_on_practice_cards",
    Step.TRAIN,
    say("It behaves like an exam about the very cards that were practised on."),
    say("Which cards has the model never seen, and which did you count?"),
    _at_accuracy,
)
def accuracy_on_practice_cards(scene: Scene) -> bool:
    """The share of right answers among X and y, where cards were kept back."""
    return _on_exam(scene) and _counted(scene, _share_at(scene, 0.0, exam=False))


@rule(
    "accuracy_threshold_wrong",
    Step.TRAIN,
    say("It behaves like scores that are taken for probabilities when the answers are counted."),
    say("Which score stands for fifty-fifty? Is that where your count parts yes from no?"),
    _at_accuracy,
)
def accuracy_threshold_wrong(scene: Scene) -> bool:
    """A score above 0.5 (or 1, or its rounding) counts as yes."""
    exam = _on_exam(scene)
    decided = _decided(scene, exam=exam)
    if decided is None:
        return False
    rounded = float(np.mean(np.round(decided[0]) == decided[1]))
    cut = float(np.mean(np.trunc(decided[0]) == decided[1]))
    return _counted(
        scene, _share_at(scene, 0.5, exam=exam), _share_at(scene, 1.0, exam=exam), rounded, cut
    )


@rule(
    "accuracy_counts_all_as_yes",
    Step.TRAIN,
    say("It behaves like a count that takes every answer for a yes."),
    say("Print the decisions that you compare with the answers: is there a no among them?"),
    _at_accuracy,
)
def accuracy_counts_all_as_yes(scene: Scene) -> bool:
    """The share of cards with a yes on their back: a probability is always above 0."""
    decided = _decided(scene, exam=_on_exam(scene))
    return decided is not None and _counted(scene, float(np.mean(decided[1])))


@rule(
    "accuracy_broadcast",
    Step.TRAIN,
    say("It behaves like a count that compares every decision with every answer."),
    say("Print the shape of what stands on each side of the comparison, and of its result."),
    _at_accuracy,
)
def accuracy_broadcast(scene: Scene) -> bool:
    """[N, 1] == [N]: agreement of all pairs."""
    decided = _decided(scene, exam=_on_exam(scene))
    if decided is None:
        return False
    said, due = decided[0] > 0, decided[1]
    yes = float(said.mean() * due.mean() + (1 - said.mean()) * (1 - due.mean()))
    return _counted(scene, yes, yes * len(due))


@rule(
    "accuracy_not_a_share",
    Step.TRAIN,
    say("It behaves like a count of cards, or a percentage, instead of a share between 0 and 1."),
    say("All cards right: which number should come out, and which does?"),
    _at_accuracy,
)
def accuracy_not_a_share(scene: Scene) -> bool:
    """How many are right, or how many of a hundred."""
    exam = _on_exam(scene)
    right, decided = _share_at(scene, 0.0, exam=exam), _decided(scene, exam=exam)
    if right is None or decided is None:
        return False
    return _counted(scene, right * 100, right * len(decided[0])) and right > 0


@rule(
    "accuracy_of_mistakes",
    Step.TRAIN,
    say("It behaves like a count of the wrong answers instead of the right ones."),
    say("The better the model, the ... your number? Which way should it go?"),
    _at_accuracy,
)
def accuracy_of_mistakes(scene: Scene) -> bool:
    """The share of wrong answers."""
    right = _share_at(scene, 0.0, exam=_on_exam(scene))
    return right is not None and _counted(scene, 1 - right)


@rule(
    "accuracy_before_training",
    Step.TRAIN,
    say("It behaves like a count that was made before the training, not after it."),
    say("In which order do practice and count stand in your cell?"),
    _at_accuracy,
)
def accuracy_before_training(scene: Scene) -> bool:
    """The share of right answers of the model as it was made."""
    cards = (exam_seen if _on_exam(scene) else cards_seen)(scene.seen, scene.recipe)
    first = made_numbers(scene.seen, scene.model) if scene.model is not None else None
    scores = scores_of(scene.model, scene.recipe, cards, first)
    if cards is None or scores is None:
        return False
    return _counted(scene, float(np.mean((scores > 0) == (cards.y > 0.5))))


@rule(
    "accuracy_not_counted",
    Step.TRAIN,
    say("It behaves like a cell that leaves out the count of right answers, or counts other ones."),
    say("Behind the loop one number is still missing: how is it worked out by hand?"),
    at_loop,
)
def accuracy_not_counted(scene: Scene) -> bool:
    """Only the accuracy is wrong."""
    return scene.failed == {"train.accuracy"}


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
