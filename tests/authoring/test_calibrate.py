from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest

from grader.authoring.calibrate import (
    Change,
    calibrate,
    changes,
    write_tolerances,
)
from grader.authoring.spread import spread_of
from grader.errors import AssignmentError, UsageError
from grader.recipes.kinds import LineRecipe
from grader.recipes.reading import recipe_beside, written_tolerances
from grader.recipes.tolerances import LineTolerances
from grader.replay import DataSet, Descent, Line, descend, squared_error

COURSE = Path(__file__).parents[2]
LESSONS = ("01_exact_line", "02_noisy_line")
TOLERANCES = LineTolerances(
    false_fail=1e-3, draws=10_000, w=0.2, b=0.8, loss_ratio=0.01, joint_false_fail=0.002
)

each_lesson = pytest.mark.parametrize("name", LESSONS)


def recipe_of(name: str) -> LineRecipe:
    return recipe_beside(str(COURSE / "assignments" / name / "checks.py"), LineRecipe)


@each_lesson
def test_the_tolerances_that_the_lessons_use_are_what_calibration_gives(name: str) -> None:
    written = written_tolerances(COURSE / "assignments" / name, LineTolerances)
    assert written is not None
    assert changes(written, calibrate(recipe_of(name), draws=10_000)) == ()
    assert written.joint_false_fail is not None
    assert written.joint_false_fail < 3 * written.false_fail


@each_lesson
def test_each_tolerance_is_exceeded_as_often_as_was_asked_for(name: str) -> None:
    recipe = recipe_of(name)
    tolerances = calibrate(recipe, draws=10_000, false_fail=0.01)
    spread = spread_of(recipe)
    beyond = (
        spread.parameter_beyond(0, tolerances.w),
        spread.parameter_beyond(1, tolerances.b),
        spread.ratio_beyond(tolerances.loss_ratio),
    )
    # Rounded up to four digits, never down.
    assert all(0.0095 < rate <= 0.01 for rate in beyond)


def test_the_joint_rate_lies_between_the_greatest_rate_and_the_sum() -> None:
    tolerances = calibrate(recipe_of("02_noisy_line"), draws=200_000, false_fail=0.01)
    assert tolerances.joint_false_fail is not None
    assert 0.009 < tolerances.joint_false_fail < 0.03


def test_a_lesson_whose_loss_hardly_falls_is_refused() -> None:
    brief = recipe_of("01_exact_line").model_copy(update={"epochs": 2})
    with pytest.raises(AssignmentError, match="more epochs"):
        calibrate(brief, draws=10_000)


def test_the_same_seed_draws_the_same_and_progress_adds_up() -> None:
    done: list[int] = []
    recipe = recipe_of("01_exact_line")
    first = calibrate(recipe, draws=100_000, false_fail=0.01, on_drawn=done.append)
    assert first == calibrate(recipe, draws=100_000, false_fail=0.01)
    assert first != calibrate(recipe, draws=100_000, false_fail=0.01, seed=1)
    assert sum(done) == 100_000


@pytest.mark.parametrize("wrong", [{"draws": 9_999}, {"false_fail": 0.0}, {"false_fail": 1.0}])
def test_too_few_draws_and_rates_that_are_none_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="at least 10000 draws"):
        calibrate(recipe_of("01_exact_line"), **wrong)  # type: ignore[arg-type]


@each_lesson
def test_a_run_drawn_all_at_once_ends_where_descent_epoch_by_epoch_ends(name: str) -> None:
    recipe, random = recipe_of(name), np.random.default_rng(5)
    spread, x = spread_of(recipe), recipe.inputs.values().reshape(-1, 1)
    for _ in range(20):
        start = Line(*random.uniform(-1, 1, 2))
        cards = DataSet(x, recipe.line.at(x) + recipe.noise * random.standard_normal(x.shape))
        design = np.hstack([x, np.ones_like(x)])
        fit = np.linalg.lstsq(design, cards.y, rcond=None)[0].reshape(-1)
        rest = squared_error(Line(*fit), cards)
        before = np.array([start.w, start.b]) - fit
        after = spread.carry @ before
        end = descend(start, cards, Descent(recipe.learning_rate), recipe.epochs)[-1]
        assert np.allclose(fit + after, end, atol=1e-12)
        assert rest + spread.lacking(*after) == pytest.approx(
            squared_error(Line(*end), cards), rel=1e-9
        )


@each_lesson
def test_torch_ends_where_the_drawn_runs_end(name: str) -> None:
    torch = pytest.importorskip("torch")
    recipe = recipe_of(name)
    spread, x = spread_of(recipe), torch.tensor(recipe.inputs.values()).float().view(-1, 1)
    for seed in range(3):
        torch.manual_seed(seed)
        y = recipe.w * x + recipe.b + recipe.noise * torch.randn_like(x)
        model = torch.nn.Linear(1, 1)
        optimizer = torch.optim.SGD(model.parameters(), lr=recipe.learning_rate)
        start = [p.item() for p in model.parameters()]
        for _ in range(recipe.epochs):
            optimizer.zero_grad()
            torch.nn.functional.mse_loss(model(x), y).backward()
            optimizer.step()
        design = np.hstack([x.double().numpy(), np.ones(x.shape)])
        fit = np.linalg.lstsq(design, y.double().numpy(), rcond=None)[0].reshape(-1)
        end = fit + spread.carry @ (start - fit)
        assert [p.item() for p in model.parameters()] == pytest.approx(end, abs=2e-6)


def test_torch_starts_as_evenly_as_the_drawn_runs() -> None:
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    starts = [[p.item() for p in torch.nn.Linear(1, 1).parameters()] for _ in range(2000)]
    for values in np.sort(starts, axis=0).T:
        even = np.linspace(-1, 1, len(values))
        # Kolmogorov and Smirnov: in one sample in a million the distance of the shares is larger.
        assert np.abs(values - even).max() / 2 < 2.7 / len(values) ** 0.5


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    path = write_tolerances(tmp_path, TOLERANCES)
    assert written_tolerances(tmp_path, LineTolerances) == TOLERANCES
    assert path.read_text("utf-8").startswith("# Written by `grader calibrate")
    assert [file.name for file in tmp_path.iterdir()] == ["tolerances.toml"]
    assert tomllib.loads(path.read_text("utf-8"))["w"] == 0.2


def test_a_folder_that_was_never_calibrated_has_no_tolerances(tmp_path: Path) -> None:
    assert written_tolerances(tmp_path, LineTolerances) is None


def test_a_change_names_what_the_number_was_and_what_it_is() -> None:
    wider = TOLERANCES.model_copy(update={"w": 0.3, "draws": 20_000, "joint_false_fail": 0.1})
    assert changes(TOLERANCES, wider) == (Change("w", 0.2, 0.3),)
    assert [change.before for change in changes(None, wider)] == [None] * 4
