from __future__ import annotations

from pathlib import Path

import pytest

import grader
from grader.checks import ready_made as rubric
from grader.checks.checking import Check, run_checks
from grader.models import Step, Verdict
from grader.recipes.kinds import LineRecipe, PicturesRecipe, ThresholdRecipe
from grader.recipes.reading import recipe_beside, tolerances_beside
from grader.recipes.tolerances import LineTolerances, PicturesTolerances, ThresholdTolerances
from tests.evidence_factory import facts, optimizer_part

ASSIGNMENTS = Path(grader.__file__).parent.parent / "assignments"
LINE = str(ASSIGNMENTS / "01_exact_line" / "checks.py")
THRESHOLD = str(ASSIGNMENTS / "03_big_or_small" / "checks.py")
PICTURES = str(ASSIGNMENTS / "04_cat_or_not" / "checks.py")

line = recipe_beside(LINE, LineRecipe)
threshold = recipe_beside(THRESHOLD, ThresholdRecipe)
pictures = recipe_beside(PICTURES, PicturesRecipe)
of_threshold = tolerances_beside(THRESHOLD, ThresholdTolerances)

REGRESSION = (
    *rubric.the_model_is_a_line(line),
    *rubric.the_loss_is_the_mean_squared_error(),
    *rubric.the_optimizer_is_plain_gradient_descent(line),
    *rubric.the_loop_follows_the_slope(),
    *rubric.the_line_is_found(line, tolerances_beside(LINE, LineTolerances)),
)
CLASSIFICATION = (
    *rubric.the_model_scores_a_line(of_threshold),
    *rubric.the_loss_is_the_cross_entropy(),
    *rubric.the_optimizer_is_plain_gradient_descent(threshold),
    *rubric.the_loop_follows_the_slope(points=10),
    *rubric.the_accuracy_is_counted(),
    *rubric.the_boundary_is_found(threshold, of_threshold),
)
BATCHES = (
    *rubric.the_model_has_the_size_of_a_network(pictures),
    *rubric.the_loop_follows_the_slope_by_batches(),
    *rubric.the_accuracy_of_the_exam_is_counted(),
    *rubric.the_pictures_are_told_apart(tolerances_beside(PICTURES, PicturesTolerances)),
)

each_rubric = pytest.mark.parametrize("checks", [REGRESSION, CLASSIFICATION, BATCHES])


@each_rubric
def test_every_check_has_an_id_of_its_own_that_names_its_step(
    checks: tuple[Check, ...],
) -> None:
    assert len({check.id for check in checks}) == len(checks)
    assert [c.id for c in checks if not c.id.startswith(f"{c.step.value}.")] == []


@each_rubric
def test_every_check_has_a_hint(checks: tuple[Check, ...]) -> None:
    assert [check.id for check in checks if check.hint is None] == []


@pytest.mark.parametrize("checks", [REGRESSION, CLASSIFICATION])
def test_what_a_lesson_does_not_ask_of_its_cards_is_worth_85_points(
    checks: tuple[Check, ...],
) -> None:
    assert sum(check.points for check in checks) == 85
    assert {check.step for check in checks} == set(Step) - {Step.DATA}


def test_an_honest_lesson_passes_every_ready_made_check() -> None:
    assert {r.judgement.verdict for r in run_checks(REGRESSION, facts())} == {Verdict.PASSED}


def test_a_ready_made_check_fails_for_its_own_mistake_alone() -> None:
    results = run_checks(REGRESSION, facts(optimizer_part(lr=0.1)))
    wrong = [r.id for r in results if r.judgement.verdict is not Verdict.PASSED]
    assert "optimizer.learning_rate" in wrong
    assert not {"loss.value", "optimizer.parameters", "optimizer.method"} & set(wrong)


def test_no_ready_made_check_breaks_on_another_lessons_evidence() -> None:
    results = run_checks((*CLASSIFICATION, *BATCHES), facts())
    assert [r.id for r in results if r.judgement.verdict is Verdict.ERROR] == []
