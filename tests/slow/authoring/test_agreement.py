from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from grader.authoring.agreement import (
    NOTEBOOK,
    PAGE,
    TERMINAL,
    compare,
    own_run,
)
from grader.authoring.bank import load_bank
from grader.execution.shell_runner import AloneRunner
from grader.isolation.tiers import NONE
from grader.kernels.sources import kernel_source
from tests.authoring.test_agreement import opened
from tests.recordings import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.execution.runner import NotebookRunner
    from grader.kernels import KernelSource

SAMPLE = 12
LESSONS = sorted(path.parent.name for path in (ROOT / "assignments").glob("*/assignment.toml"))


@pytest.fixture(scope="module")
def kernels() -> Iterator[KernelSource]:
    with closing(kernel_source(tiers=(NONE,))) as source:
        yield source


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


def test_a_run_without_jupyter_and_all_cells_of_a_notebook_agree_as_well(
    runner: NotebookRunner, kernels: KernelSource
) -> None:
    lesson = opened("02_noisy_line")
    bank = load_bank(ROOT / "solutions" / "02_noisy_line")
    some = [entry.name for entry in bank if entry.diagnosis][:: len(bank) // 4]
    students = own_run(lesson, AloneRunner())
    found = compare(lesson, runner, students, kernels, names=some, every_cell=True)
    assert [str(d) for one in found for d in one.disagreements()] == []
