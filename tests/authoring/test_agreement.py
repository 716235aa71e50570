"""A sample of each bank; `grader audit --previews` tries all of it."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from grader.authoring.agreement import (
    NOTEBOOK,
    PAGE,
    PLACES,
    TERMINAL,
    Compared,
    Said,
    compare,
    findings_of,
    own_run,
)
from grader.authoring.bank import Entry, load_bank
from grader.course.assignment import load_assignment
from grader.course.lesson import open_lesson
from grader.execution.shell_runner import AloneRunner
from grader.isolation.tiers import NONE
from grader.kernels.sources import kernel_source
from tests.recordings import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.course.lesson import Lesson
    from grader.execution.runner import NotebookRunner
    from grader.kernels import KernelSource

SAMPLE = 12
LESSONS = sorted(path.parent.name for path in (ROOT / "assignments").glob("*/assignment.toml"))
ENTRY = Entry(name="one", about="an entry")
GRADED = Said({"data.a": "passed", "data.b": "failed", "train.a": "not_assessed"}, {"data": "x"})


@pytest.fixture(scope="module")
def kernels() -> Iterator[KernelSource]:
    with closing(kernel_source(tiers=(NONE,))) as source:
        yield source


def opened(lesson: str) -> Lesson:
    return open_lesson(load_assignment(ROOT / "assignments" / lesson, ROOT / "solutions" / lesson))


def said(place: str, told: Said | None) -> Compared:
    return Compared(ENTRY, GRADED, {**dict.fromkeys(PLACES, GRADED), place: told})


def test_the_same_verdicts_agree() -> None:
    assert list(said(TERMINAL, GRADED).disagreements()) == []


@pytest.mark.parametrize("place", PLACES)
def test_another_verdict_or_diagnosis_is_told_with_its_place(place: str) -> None:
    other = Said({**GRADED.verdicts, "data.b": "passed"}, {"data": "y"})
    first, second = map(str, said(place, other).disagreements())
    assert first == f"one, {place}, data.b: passed, and grading says failed."
    assert second == f"one, {place}, data: y, and grading says x."


def test_what_is_left_to_grading_is_counted_and_is_no_difference() -> None:
    compared = said(NOTEBOOK, Said(dict.fromkeys(GRADED.verdicts, "not_assessed"), {}))
    assert list(compared.disagreements()) == []
    # What grading could not assess either was not left to it.
    assert compared.left_open(NOTEBOOK) == ("data.a", "data.b")
    assert compared.left_open(PAGE) == ()


def test_a_kernel_that_the_notebook_ended_is_counted() -> None:
    *_, notebook, last = map(str, findings_of(opened(LESSONS[0]), [said(NOTEBOOK, None)]))
    assert "1 notebooks ended their kernel" in notebook
    assert last.endswith("grading: 0.")


@pytest.mark.kernel
@pytest.mark.parametrize("name", LESSONS)
def test_all_places_agree_with_grading_on_a_sample(
    name: str, runner: NotebookRunner, kernels: KernelSource
) -> None:
    lesson = opened(name)
    bank = load_bank(ROOT / "solutions" / name)
    sample = [entry.name for entry in bank[:: -(-len(bank) // SAMPLE)]]
    found = compare(lesson, runner, own_run(lesson, runner), kernels, names=sample)
    assert len(found) == len(sample) + 4
    assert [str(d) for one in found for d in one.disagreements()] == []
    for one in found:
        if one.entry.right:
            # Right notebooks leave nothing to grading but other cards, and those only in notebooks.
            assert one.left_open(TERMINAL) == one.left_open(PAGE) == ()
            assert len(one.left_open(NOTEBOOK)) <= 1


@pytest.mark.kernel
def test_a_run_without_jupyter_and_all_cells_of_a_notebook_agree_as_well(
    runner: NotebookRunner, kernels: KernelSource
) -> None:
    lesson = opened("02_noisy_line")
    bank = load_bank(ROOT / "solutions" / "02_noisy_line")
    some = [entry.name for entry in bank if entry.diagnosis][:: len(bank) // 4]
    students = own_run(lesson, AloneRunner())
    found = compare(lesson, runner, students, kernels, names=some, every_cell=True)
    assert [str(d) for one in found for d in one.disagreements()] == []
