"""Whatever numbers a notebook shows, it is judged, diagnosed and drawn: never an exception."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import grader
from grader.checks import ready_made as rubric
from grader.checks.checking import run_checks
from grader.course.assignment import load_assignment
from grader.diagnosis import diagnose
from grader.evidence import DataPart, Evidence
from grader.judging.figures.run import figures_of
from grader.models import Step, Verdict
from grader.recipes.tolerances import PicturesTolerances
from grader.replay import DataSet, Descent, Line
from grader.reporting import student_html
from grader.reporting.writing import class_html
from tests.answers_factory import PICTURES, picture_facts, threshold_facts
from tests.curve_factory import RECIPE, TOLERANCES, curve_facts
from tests.evidence_factory import FORMULA, facts, observed
from tests.reporting.samples import graded

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grader.checks.checking import Check
    from grader.evidence import Part
    from grader.facts import Facts

COURSE = Path(grader.__file__).parent.parent
EXTREMES = [float("nan"), float("inf"), -float("inf"), 0.0, -1.0, 1e17, 1e308, -1e308, 5e-324]
WHOLE = [0, -1, 1, 2, 10**6, 2**63]


def lesson(name: str, honest: Facts) -> tuple[Sequence[Check], Facts]:
    assignment = load_assignment(COURSE / "assignments" / name, COURSE / "solutions" / name)
    return assignment.checks, replace(honest, recipe=assignment.table.recipe)


CURVE = (
    *rubric.the_model_is_a_network(RECIPE, TOLERANCES),
    *rubric.the_loss_is_the_mean_squared_error(),
    *rubric.the_optimizer_is_plain_gradient_descent(RECIPE),
    *rubric.the_loop_follows_the_slope(),
    *rubric.the_curve_is_found(RECIPE, TOLERANCES),
)
SMALL_PICTURES = (
    *rubric.the_model_has_the_size_of_a_network(PICTURES),
    *rubric.the_loss_is_the_cross_entropy(),
    *rubric.the_optimizer_is_plain_gradient_descent(PICTURES),
    *rubric.the_loop_follows_the_slope_by_batches(),
    *rubric.the_accuracy_of_the_exam_is_counted(),
    *rubric.the_pictures_are_told_apart(
        PicturesTolerances(false_fail=1e-3, draws=1000, accuracy=0.9, loss_ratio=0.6)
    ),
)
LESSONS = {
    "exact": lesson("01_exact_line", facts()),
    "noisy": lesson("02_noisy_line", facts()),
    "threshold": lesson("03_big_or_small", threshold_facts()),
    "pictures": (SMALL_PICTURES, picture_facts()),
    "curve": (CURVE, curve_facts()),
}


# What is cut to its first and last, since there may be very much of it.
SERIES = ("gradients", "altered", "losses", "updates", "backwards", "shown")


def leaves(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The places of what was measured: numbers, lists of them, and series that may be cut."""
    if isinstance(tree, dict):
        return [leaf for key, value in tree.items() for leaf in leaves(value, (*path, key))]
    if isinstance(tree, list | tuple):
        inner = [leaf for n, one in enumerate(tree[:3]) for leaf in leaves(one, (*path, n))]
        return [path, *inner] if is_measured(tree) or "training" in path else inner
    return [path] if isinstance(tree, float) else []


def is_measured(tree: Any) -> bool:
    """Whether it is a list of numbers that a tensor or a list of the student's held."""
    return bool(tree) and all(isinstance(number, float) for number in tree)


def put(tree: Any, path: tuple[Any, ...], change: Any) -> Any:
    """The same part with one place changed."""
    if not path:
        return change(tree)
    key, *rest = path
    if isinstance(tree, dict):
        return {**tree, key: put(tree[key], tuple(rest), change)}
    return [put(one, tuple(rest), change) if n == key else one for n, one in enumerate(tree)]


def spoiled(draw: st.DrawFn, tree: Any, key: Any) -> Any:
    if isinstance(tree, float):
        return draw(st.sampled_from(EXTREMES))
    if is_measured(tree):
        how = draw(st.sampled_from(["all", "first", "last"]))
        odd = draw(st.sampled_from(EXTREMES))
        first, last = list(tree[:-1]), list(tree[1:])
        return {"all": [odd] * len(tree), "first": [odd, *last], "last": [*first, odd]}[how]
    if key in SERIES and tree and isinstance(tree[0], list | tuple):
        return tree[: draw(st.sampled_from([0, 1, len(tree) // 2]))]
    return tree


def with_parts(honest: Facts, parts: Iterable[Part]) -> Facts:
    return replace(honest, evidence=Evidence(parts, FORMULA))


@st.composite
def odd(draw: st.DrawFn, honest: Facts) -> Facts:
    """The honest evidence with a few numbers and series put out of joint, and parts missing."""
    parts = []
    for part in honest.evidence.parts():
        if draw(st.integers(0, 9)) == 0:
            continue
        tree = part.model_dump()
        for _ in range(draw(st.integers(0, 3)) if leaves(tree) else 0):
            path = draw(st.sampled_from(leaves(tree)))
            tree = put(tree, path, lambda old, key=path[-1]: spoiled(draw, old, key))
        parts.append(type(part).model_validate(tree))
    return with_parts(honest, parts)


numbers = st.sampled_from([*EXTREMES, 1.0, 2.0, 0.01])


def run(**how: Any) -> tuple[Any, ...]:
    with np.errstate(all="ignore"):
        return observed(**how)


runs = st.builds(
    run,
    start=st.builds(Line, numbers, numbers),
    cards=st.lists(st.tuples(numbers, numbers), max_size=4).map(
        lambda pairs: DataSet(*np.array(pairs, dtype=np.float64).reshape(-1, 2, 1).swapaxes(0, 1))
    ),
    how=st.builds(Descent, numbers, momentum=numbers, weight_decay=numbers),
    epochs=st.sampled_from([0, 1, 100]),
)


@pytest.mark.parametrize("name", LESSONS)
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_extreme_numbers_break_nothing(name: str, data: st.DataObject) -> None:
    checks, honest = LESSONS[name]
    grade(data.draw(odd(honest)), checks)


@pytest.mark.parametrize("name", ["exact", "noisy"])
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(parts=runs)
def test_runs_with_extreme_cards_starts_and_rates_break_nothing(
    name: str, parts: tuple[Any, ...]
) -> None:
    checks, honest = LESSONS[name]
    grade(with_parts(honest, parts), checks)


@pytest.mark.parametrize("name", LESSONS)
@pytest.mark.parametrize("step", Step)
def test_a_mistake_is_looked_for_also_where_the_cards_were_not_seen(name: str, step: Step) -> None:
    checks, honest = LESSONS[name]
    parts = [part for part in honest.evidence.parts() if not isinstance(part, DataPart)]
    failed = frozenset(check.id for check in checks if check.step is step)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        diagnose(step, with_parts(honest, parts), failed)


def grade(seen: Facts, checks: Sequence[Check]) -> None:
    """The whole way behind a run; raises what breaks."""
    with warnings.catch_warnings():
        # A student's numbers may leave what a float holds; that is told on the page.
        warnings.simplefilter("ignore", RuntimeWarning)
        results = run_checks(checks, seen)
        broken = [r.judgement.reason for r in results if r.judgement.verdict is Verdict.ERROR]
        assert not broken, broken[0]
        failed = frozenset(r.id for r in results if r.judgement.verdict is Verdict.FAILED)
        for step in {r.step for r in results if r.judgement.verdict is Verdict.FAILED}:
            diagnose(step, seen, failed)
        figures = figures_of(seen)
        figures_of(seen, epochs=10)
    one = replace(graded("anna", language="en"), figures=figures)
    student_html(one)
    class_html(one.assignment, [one, graded("bert", language="en")], "en")
