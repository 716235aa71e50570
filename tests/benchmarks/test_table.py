from __future__ import annotations

import json

import pytest

from benchmarks.metering import Usage
from benchmarks.results import Measured, Results
from benchmarks.table import BEGIN, END, as_markdown, as_text, put_between

LESSON = "01_exact_line"


def measured(contender: str, round_: int, cpu_s: float, wall_s: float, count: int) -> Measured:
    whole = Usage(cpu_s * count, wall_s * count, 500 + round_, 300, others_s=1)
    return Measured(LESSON, contender, round_, count, whole)


@pytest.fixture
def results() -> Results:
    """Three rounds, in the second of which the machine was half as fast."""
    return Results(
        (
            measured("grader", 0, 0.4, 0.2, 60),
            measured("nbgrader", 0, 5.2, 5.0, 10),
            measured("grader", 1, 0.8, 0.4, 60),
            measured("nbgrader", 1, 9.6, 10.0, 10),
            measured("grader", 2, 0.4, 0.2, 60),
            measured("nbgrader", 2, 4.4, 5.0, 10),
        )
    )


def test_ratios_are_taken_pair_by_pair_within_a_round(results: Results) -> None:
    ratios = results.ratios(LESSON, "nbgrader")
    assert ratios.cpu == pytest.approx(12)
    assert ratios.wall == pytest.approx(25)


def test_json_has_the_medians_a_submission(results: Results) -> None:
    assert json.loads(results.as_json()) == {
        LESSON: {
            "grader": {"cpu_s": 0.4, "wall_s": 0.2, "peak_mib": 501},
            "nbgrader": {"cpu_s": 5.2, "wall_s": 5.0, "peak_mib": 501},
        }
    }


def test_the_share_of_other_work_is_that_of_the_whole_machine(results: Results) -> None:
    passed_s = 60 * 0.8 + 10 * 20
    assert results.busy_elsewhere(cores=2) == pytest.approx(6 / (2 * passed_s))


def test_the_table_has_a_row_a_contender(results: Results) -> None:
    table = as_markdown(results, {"grader": "all of it"})
    [ours] = [line for line in table.splitlines() if line.startswith("| grader")]
    [theirs] = [line for line in table.splitlines() if line.startswith("| nbgrader")]
    assert ours == "| grader | 3 x 60 | 0.400 | 0.200 | 501 | 300 | 1 | 1 |"
    assert theirs == "| nbgrader | 3 x 10 | 5.200 | 5.000 | 501 | 300 | 12.0 | 25.0 |"
    assert "- grader: all of it" in table


def test_on_the_terminal_columns_stand_below_their_headings(results: Results) -> None:
    headings, ours, theirs = as_text(results, LESSON).splitlines()
    assert len(headings) == len(ours) == len(theirs)
    assert headings.endswith("wall x")


def test_who_is_cheaper_than_ours_gets_two_decimals() -> None:
    results = Results((measured("grader", 0, 0.4, 0.2, 60), measured("floor", 0, 0.04, 0.03, 60)))
    assert "| 0.10 | 0.15 |" in as_markdown(results, {})


def test_only_what_is_between_the_marks_is_replaced() -> None:
    document = f"# Title\n{BEGIN}\nold\n{END}\nmore\n"
    assert put_between(document, "new") == f"# Title\n{BEGIN}\n\nnew\n\n{END}\nmore\n"
    assert put_between(put_between(document, "new"), "new") == put_between(document, "new")


def test_a_document_without_the_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="has no"):
        put_between("# Title\n", "new")
