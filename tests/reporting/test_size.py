"""How much a report weighs, and how long it takes to write one."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from grader.reporting import write_class, write_report
from tests.reporting import answer_samples, samples

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from grader.models import AssignmentInfo, GradedSubmission

STUDENTS = 1000
KINDS = (
    samples.graded,
    samples.forgot_zero_grad,
    samples.two_mistakes,
    samples.untouched,
    samples.timed_out,
    answer_samples.never_cleared,
    answer_samples.failed_the_exam,
)


def cpu_s(work: Callable[[], Path]) -> tuple[float, int]:
    """The processor time that writing a page takes, and the size of the page in bytes."""
    start_s = time.process_time()
    path = work()
    return time.process_time() - start_s, path.stat().st_size


def test_a_class_of_a_thousand_is_written_in_three_seconds_and_two_megabytes(
    tmp_path: Path,
) -> None:
    graded = [KINDS[n % len(KINDS)](f"学生 {n:04} Nguyễn Thị") for n in range(STUDENTS)]
    taken_s, size = cpu_s(lambda: write_class(samples.ASSIGNMENT, graded, tmp_path, "zh"))
    assert taken_s < 3
    assert size < 2_000_000


@pytest.mark.parametrize(
    ("assignment", "made"),
    [
        (answer_samples.BIG_OR_SMALL, answer_samples.threshold_class),
        (answer_samples.CAT_OR_NOT, answer_samples.pictures_class),
    ],
    ids=["threshold", "pictures"],
)
def test_a_class_about_yes_and_no_is_as_light(
    tmp_path: Path,
    assignment: AssignmentInfo,
    made: Callable[[str, int], list[GradedSubmission]],
) -> None:
    some = made("zh", 60)
    graded = [
        replace(one, submission=replace(one.submission, student=f"学生 {n:04} Nguyễn Thị"))
        for n, one in enumerate(itertools.islice(itertools.cycle(some), STUDENTS))
    ]
    taken_s, size = cpu_s(lambda: write_class(assignment, graded, tmp_path, "zh"))
    assert taken_s < 3
    assert size < 2_000_000


def test_a_students_page_takes_a_tenth_of_a_second_and_300_kilobytes(tmp_path: Path) -> None:
    write_report(samples.graded(), tmp_path)  # the templates are read once
    for make in KINDS:
        graded = make()
        taken_s, size = min(cpu_s(lambda: write_report(graded, tmp_path)) for _ in range(3))  # noqa: B023
        assert taken_s < 0.1
        assert size < 300_000
