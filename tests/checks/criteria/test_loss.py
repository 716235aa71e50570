from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from grader.checks.criteria.loss import can_be_learned_from, is_mean_squared_error
from grader.errors import Unobserved
from grader.evidence import LossPart, read_evidence
from grader.facts import Facts
from grader.models import Verdict
from tests.evidence_factory import RECIPE, facts, loss_part, loss_seen

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.checks.checking import Judge
    from tests.evidence_factory import Floats

    Marks = Callable[[Floats, Floats], float]

PASSED, FAILED = Verdict.PASSED, Verdict.FAILED

WRONG: dict[str, Marks] = {
    "L1": lambda guess, answer: float(np.mean(np.abs(guess - answer))),
    "Huber": lambda guess, answer: float(
        np.mean(
            np.where(
                np.abs(guess - answer) < 1, (guess - answer) ** 2 / 2, np.abs(guess - answer) - 0.5
            )
        )
    ),
    "sum": lambda guess, answer: float(np.sum((guess - answer) ** 2)),
    "half": lambda guess, answer: float(np.mean((guess - answer) ** 2) / 2),
    "root": lambda guess, answer: float(np.sqrt(np.mean((guess - answer) ** 2))),
    "negated": lambda guess, answer: -float(np.mean((guess - answer) ** 2)),
    "not squared": lambda guess, answer: float(np.mean(guess - answer)),
    "plus one": lambda guess, answer: float(np.mean((guess - answer) ** 2) + 1),
    "against zero": lambda guess, _: float(np.mean(guess**2)),
    "the first alone": lambda guess, answer: float((guess[0] - answer[0]) ** 2),
    "nan": lambda _, __: math.nan,
}
each_wrong = pytest.mark.parametrize("name", WRONG)


def test_the_mean_squared_error_passes() -> None:
    assert is_mean_squared_error(facts()).verdict is PASSED
    assert can_be_learned_from(facts()).verdict is PASSED
    assert facts().loss_is_as_asked


def test_guess_and_answer_may_change_places() -> None:
    swapped = loss_part(lambda guess, answer: float(np.mean((answer - guess) ** 2)))
    assert is_mean_squared_error(facts(swapped)).verdict is PASSED


@each_wrong
def test_another_loss_fails(name: str) -> None:
    seen = facts(loss_part(WRONG[name]))
    assert is_mean_squared_error(seen).verdict is FAILED
    assert not seen.loss_is_as_asked


@pytest.mark.parametrize("name", ["L1", "Huber", "sum", "half", "root"])
def test_a_loss_that_is_not_the_lessons_can_still_be_learned_from(name: str) -> None:
    assert can_be_learned_from(facts(loss_part(WRONG[name]))).verdict is PASSED


@pytest.mark.parametrize("name", ["negated", "nan"])
def test_a_loss_that_does_not_fall_towards_the_answers_cannot_be_learned_from(name: str) -> None:
    assert can_be_learned_from(facts(loss_part(WRONG[name]))).verdict is FAILED


def test_a_detached_loss_cannot_be_learned_from() -> None:
    detached = facts(loss_part(connected=False))
    assert is_mean_squared_error(detached).verdict is PASSED
    assert can_be_learned_from(detached).verdict is FAILED


def test_a_loss_without_slope_cannot_be_learned_from() -> None:
    flat = loss_part(lambda _, __: 1.0)
    assert can_be_learned_from(facts(flat)).verdict is FAILED


def test_a_loss_that_gives_no_single_number_fails() -> None:
    seen = loss_seen(connected=False)
    error = "RuntimeError: a Tensor with 6 elements cannot be converted to Scalar"
    broken = [p.model_copy(update={"value": None, "error": error}) for p in seen.probes]
    part = loss_part().model_copy(update={"loss": seen.model_copy(update={"probes": broken})})
    judgement = is_mean_squared_error(facts(part))
    assert judgement.verdict is FAILED
    assert str(judgement.actual) == error
    assert can_be_learned_from(facts(part)).verdict is FAILED


@pytest.mark.parametrize("judge", [is_mean_squared_error, can_be_learned_from])
def test_where_there_is_no_loss_the_student_is_told(judge: object) -> None:
    judgement = judge(facts(loss_part().model_copy(update={"loss": None})))  # type: ignore[operator]
    assert judgement.verdict is FAILED
    assert "no `loss_fn`" in str(judgement.message)


@pytest.mark.parametrize("judge", [is_mean_squared_error, can_be_learned_from])
def test_a_class_in_place_of_a_loss_is_told_from_none_at_all(judge: Judge) -> None:
    judgement = judge(facts(LossPart(kind="loss", uncalled={"loss_fn": "MSELoss"})))
    assert judgement.verdict is FAILED
    assert "is a class" in str(judgement.message)
    assert "MSELoss" in str(judgement.actual)


@pytest.mark.parametrize("judge", [is_mean_squared_error, can_be_learned_from])
def test_a_loss_that_was_never_probed_earns_nothing(judge: Judge) -> None:
    told = loss_part().model_dump(mode="json")
    told["loss"]["probes"] = []
    seen = Facts(read_evidence([json.dumps(told)]), RECIPE)
    with pytest.raises(Unobserved):
        judge(seen)
