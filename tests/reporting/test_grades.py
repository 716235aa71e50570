from __future__ import annotations

import csv
import io

import pytest

from grader.reporting.grades import grades_csv
from tests.reporting import samples


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_each_student_has_a_line_with_the_points_of_each_step() -> None:
    (row,) = rows(grades_csv([samples.forgot_zero_grad("李华")]))
    assert row == {
        "student": "李华",
        "assignment": "01_exact_line",
        "points": "85",
        "max_points": "100",
        "withheld": "false",
        "outcome": "completed",
        "data": "15",
        "model": "20",
        "loss": "15",
        "optimizer": "15",
        "train": "10",
        "result": "10",
    }


def test_a_withheld_mark_has_no_points_rather_than_zero() -> None:
    for row in rows(grades_csv([samples.withheld(), samples.unreadable()])):
        assert (row["points"], row["withheld"]) == ("", "true")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1"])
def test_no_spreadsheet_takes_a_name_for_a_formula(name: str) -> None:
    (row,) = rows(grades_csv([samples.graded(name)]))
    assert row["student"] == f"'{name}"
