"""Measures how far from the goal honest training may end, and writes it beside the checks.

Each tolerance is the distance that honest training exceeds with probability `false_fail`: the
exact quantile of its distribution (see `spread`), found by bisection to 1e-9 of itself, plus what
float32 adds, rounded up to four digits. A check that uses several at once fails more often than
one: how often is counted over independent random starts and noises, `draws` of them, with a
standard error of sqrt(rate / draws).
"""

from __future__ import annotations

import math
import shutil
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from grader.authoring.audit import REFERENCE, audit
from grader.authoring.measuring import measure_curve, measure_pictures, measure_threshold
from grader.authoring.spread import spread_of
from grader.course.assignment import load_assignment
from grader.errors import AssignmentError, UsageError
from grader.evidence import DataPart
from grader.grading import open_lesson
from grader.judging.judged_run import run_and_judge
from grader.language.messages import say
from grader.recipes.recipe import (
    CurveRecipe,
    LineRecipe,
    LineTolerances,
    PicturesRecipe,
    PicturesTolerances,
    ThresholdRecipe,
    Tolerances,
    recipe_of,
)
from grader.replay import RESIDUAL, DataSet, Line, data_set_of, squared_error
from grader.reporting.files import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from grader.authoring.spread import Spread
    from grader.execution.runner import NotebookRunner
    from grader.models import GradedSubmission
    from grader.recipes.recipe import Recipe

    Floats = NDArray[np.float64]

DRAWS: Final = 100_000_000
FEWEST_DRAWS: Final = 10_000
FALSE_FAIL: Final = 1e-6
MOST_LOSS_LEFT: Final = 0.5
_FILE: Final = "tolerances.toml"
# Draws at once: their numbers stay in the processor's cache.
_CHUNK: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Where n honest runs end: distances of w and b from the goal, last loss over first."""

    w: Floats
    b: Floats
    loss_ratio: Floats

    def beyond(self, tolerances: LineTolerances) -> NDArray[np.bool_]:
        """Which runs (n,) exceed any of the tolerances."""
        return (
            (self.w > tolerances.w)
            | (self.b > tolerances.b)
            | (self.loss_ratio > tolerances.loss_ratio)
        )


@dataclass(frozen=True, slots=True)
class Change:
    """A number of tolerances.toml that is another now; `before` is None where there was none."""

    name: str
    before: float | None
    after: float


def calibrate_lesson(
    folder: Path,
    solutions: Path,
    runner: Callable[[], NotebookRunner],
    *,
    draws: int | None = None,
    false_fail: float = FALSE_FAIL,
    seed: int = 0,
    on_drawn: Callable[[int], None] = lambda _: None,
) -> Tolerances:
    """The tolerances of an assignment, whatever is to be learned in it.

    A line has them by formula, for the rate `false_fail`; else they are measured, and the rate is
    what so many draws can tell. Pictures are taken from the reference, which is run for them.
    """
    recipe = recipe_of(folder)
    draws = draws_of(recipe) if draws is None else draws
    match recipe:
        case ThresholdRecipe():
            return measure_threshold(recipe, draws, seed=seed, on_drawn=on_drawn)
        case CurveRecipe():
            return measure_curve(recipe, draws, seed=seed, on_drawn=on_drawn)
        case PicturesRecipe():
            cards, exam = _pictures(folder, solutions, recipe, runner)
            return measure_pictures(recipe, cards, exam, draws, seed=seed, on_drawn=on_drawn)
        case LineRecipe():
            return calibrate(
                recipe, draws=draws, false_fail=false_fail, seed=seed, on_drawn=on_drawn
            )
    raise TypeError(f"no way to calibrate {type(recipe).__name__}")


def draws_of(recipe: Recipe) -> int:
    """How many random starts a lesson of this kind is calibrated over, unless told otherwise."""
    measured = {ThresholdRecipe: 300_000, CurveRecipe: 20_000, PicturesRecipe: 10_000}
    return measured.get(type(recipe), DRAWS)


def _pictures(
    folder: Path, solutions: Path, recipe: PicturesRecipe, runner: Callable[[], NotebookRunner]
) -> tuple[DataSet, DataSet]:
    """The cards of the reference, for practice and for the exam."""
    with tempfile.TemporaryDirectory(prefix="grader-calibrate-") as scratch:
        copy = Path(scratch) / folder.name
        shutil.copytree(folder, copy)
        write_tolerances(copy, PicturesTolerances(false_fail=1, draws=1, accuracy=0, loss_ratio=1))
        lesson = open_lesson(load_assignment(copy, solutions))
        reference = next(iter(lesson.references.values()), None)
        with closing(runner()) as notebooks:
            run = (
                run_and_judge(reference, lesson.assignment, notebooks)
                if reference is not None
                else None
            )
    data = run.evidence.part(DataPart) if run is not None and DataPart in run.evidence else None
    cards = data_set_of(data.X, data.y, recipe.pixels) if data is not None else None
    exam = data_set_of(data.X_test, data.y_test, recipe.pixels) if data is not None else None
    if cards is None or exam is None:
        raise AssignmentError(
            say(
                "{folder}: its reference did not show its cards, so there is nothing to calibrate.",
                folder=str(solutions),
            )
        )
    return cards, exam


def calibrate(
    recipe: LineRecipe,
    *,
    draws: int = DRAWS,
    false_fail: float = FALSE_FAIL,
    seed: int = 0,
    on_drawn: Callable[[int], None] = lambda _: None,
) -> LineTolerances:
    """The tolerances of a recipe; `on_drawn` hears how many more draws are done.

    AssignmentError where honest training does not settle or its loss hardly falls; UsageError where
    the draws are too few or the rate is no probability.
    """
    if draws < FEWEST_DRAWS or not 0 < false_fail < 1:
        raise UsageError(
            say(
                "Calibrate over at least {fewest} draws, for a rate between 0 and 1.",
                fewest=FEWEST_DRAWS,
            )
        )
    spread = spread_of(recipe)
    tolerances = LineTolerances(
        false_fail=false_fail,
        draws=draws,
        w=_parameter_tolerance(spread, 0, false_fail),
        b=_parameter_tolerance(spread, 1, false_fail),
        loss_ratio=_ratio_tolerance(spread, false_fail),
    )
    failed = 0
    for outcomes in outcomes_of(spread, draws, seed):
        failed += int(np.count_nonzero(outcomes.beyond(tolerances)))
        on_drawn(len(outcomes.w))
    return tolerances.model_copy(update={"joint_false_fail": failed / draws})


def outcomes_of(spread: Spread, draws: int, seed: int) -> Iterator[Outcomes]:
    """So many honest runs, by chunks, in float64; the same seed gives the same runs."""
    random = np.random.default_rng(seed)
    root = np.linalg.cholesky(spread.fit_covariance) if spread.noise else np.zeros((2, 2))
    for done in range(0, draws, _CHUNK):
        count = min(_CHUNK, draws - done)
        start = random.uniform(-1, 1, (2, count)) - spread.goal[:, None]
        fit, rest = np.zeros((2, count)), np.zeros(count)
        if spread.noise:
            fit = root @ random.standard_normal((2, count))
            rest = spread.noise**2 / spread.examples * random.chisquare(spread.examples - 2, count)
        before = start - fit
        after = spread.carry @ before
        error = np.abs(after + fit)
        ratio = (rest + spread.lacking(*after)) / (rest + spread.lacking(*before))
        yield Outcomes(error[0], error[1], ratio)


def changes(before: Tolerances | None, after: Tolerances) -> tuple[Change, ...]:
    """The tolerances that differ, and the rate they hold for."""
    old = before.model_dump() if before is not None else {}
    new = after.model_dump(exclude={"draws", "joint_false_fail"})
    return tuple(
        Change(name, old.get(name), value) for name, value in new.items() if old.get(name) != value
    )


def write_tolerances(folder: Path, tolerances: Tolerances) -> Path:
    """Write an assignment's tolerances.toml, whole or not at all; gives its path."""
    known = tolerances.model_dump(exclude_none=True)
    lines = [
        f"# Written by `grader calibrate {folder.name}`: do not edit by hand.",
        *(f"{name} = {value!r}" for name, value in known.items()),
    ]
    return write_whole(folder / _FILE, "\n".join(lines) + "\n")


def require_fair_to_reference(
    folder: Path, solutions: Path, tolerances: Tolerances, runner: NotebookRunner
) -> None:
    """Run the references under these tolerances; AssignmentError where one does not hold them."""
    with tempfile.TemporaryDirectory(prefix="grader-calibrate-") as scratch:
        copy = Path(scratch) / folder.name
        shutil.copytree(folder, copy)
        write_tolerances(copy, tolerances)
        lesson = open_lesson(load_assignment(copy, solutions))
        recipe = lesson.assignment.table.recipe
        tried = audit(
            lesson, runner, seeds=(lesson.assignment.table.seed,), names=(REFERENCE.name,)
        ).tried
    for one in tried:
        if not one.entry.name.startswith(REFERENCE.name):
            continue
        if not one.as_due or not _holds(one.graded, recipe, tolerances):
            raise AssignmentError(
                say(
                    "{folder}: its own {name} does not hold these tolerances, so nothing was "
                    "written. Let the reference do what [recipe] in assignment.toml says.",
                    folder=str(folder),
                    name=f"{one.entry.name}.ipynb",
                )
            )


def _holds(graded: GradedSubmission, recipe: Recipe, tolerances: Tolerances) -> bool:
    """Whether a reference ends within the tolerances; where no line is, its checks have said so."""
    if not isinstance(recipe, LineRecipe) or not isinstance(tolerances, LineTolerances):
        return True
    outcomes = _outcomes_seen(graded, recipe)
    return outcomes is not None and not outcomes.beyond(tolerances).any()


def _outcomes_seen(graded: GradedSubmission, recipe: LineRecipe) -> Outcomes | None:
    """Where one submission's training ended, as the result's checks see it."""
    figures = graded.figures
    if figures.learned is None or not figures.cards or not figures.losses:
        return None
    learned = Line(figures.learned.w, figures.learned.b)
    x, y = np.array(figures.cards).T
    ratio = squared_error(learned, DataSet(x, y)) / figures.losses[0]
    errors = np.abs([learned.w - recipe.w, learned.b - recipe.b])
    return Outcomes(errors[:1], errors[1:], np.array([ratio]))


def _parameter_tolerance(spread: Spread, place: int, rate: float) -> float:
    def beyond(distance: float) -> float:
        return spread.parameter_beyond(place, distance)

    enough = 1.0
    while beyond(enough) > rate:
        enough *= 2
    rounding = RESIDUAL * (1 + abs(float(spread.goal[place])))
    return _rounded_up(_quantile(beyond, rate, enough) + rounding)


def _ratio_tolerance(spread: Spread, rate: float) -> float:
    if spread.ratio_beyond(MOST_LOSS_LEFT) > rate:
        raise AssignmentError(
            say(
                "Honest training may leave more than half of the first loss, so its fall shows "
                "nothing. Give it more epochs, or a line that is farther from where it starts."
            )
        )
    return _rounded_up(_quantile(spread.ratio_beyond, rate, MOST_LOSS_LEFT))


def _quantile(beyond: Callable[[float], float], rate: float, enough: float) -> float:
    """The value that is exceeded with probability `rate`; at `enough` it is at most that."""
    low, high = 0.0, enough
    while high - low > 1e-9 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if beyond(middle) > rate else (low, middle)
    return high


def _rounded_up(value: float) -> float:
    """Four significant digits, never less than the value."""
    digits = 3 - math.floor(math.log10(value))
    return round(math.ceil(value * 10.0**digits) * 10.0**-digits, digits)
