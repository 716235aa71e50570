from __future__ import annotations

import base64
import csv
import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.course.assignment import load_assignment
from grader.exchange import github, gradescope, plain
from grader.exchange.standing import Standing
from grader.gradebook import Student
from grader.language.messages import ENGLISH
from grader.models import Isolation, Lateness, Override
from tests.reporting.samples import forgot_zero_grad, graded, withheld

if TYPE_CHECKING:
    from grader.models import GradedSubmission

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TEST_FIELDS = {"score", "max_score", "status", "name", "number", "output", "tags", "visibility"}


def rows(*standings: Standing) -> list[dict[str, str]]:
    text = plain.to_csv(standings).content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def standing(student: Student, **replaced: object) -> Standing:
    one = forgot_zero_grad(student.id)
    return Standing(student, replace(one, mark=replace(one.mark, **replaced)), {})  # type: ignore[arg-type]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t=", "＝"])
def test_no_cell_begins_like_a_formula(sign: str) -> None:
    evil = f"{sign}cmd|' /C calc'!A0"
    (row,) = rows(standing(Student(evil, evil, evil, evil)))
    cells = [row[name] for name in ("student", "name", "email", "section")]
    assert all(cell.startswith("'") for cell in cells)


def test_lateness_and_overrides_are_in_the_table() -> None:
    given = Override(80, "=met her", "王", NOON)
    late = Lateness(NOON, NOON, 2, 20.0)
    (row,) = rows(standing(Student("anna"), override=given, lateness=late))
    assert (row["points"], row["late_days"], row["late_percent"]) == ("80", "2", "20")
    assert row["by_hand"] == "total 80 (王: =met her)"


def test_a_withheld_mark_has_no_points() -> None:
    (row,) = rows(Standing(Student("anna"), withheld("anna"), {}))
    assert (row["points"], row["withheld"]) == ("", "true")


def test_json_is_the_result_of_each_student_with_who_it_is() -> None:
    one = Standing(Student("s1", "李华", "li@x.cn", "A"), graded("s1"), {})
    (result,) = json.loads(plain.to_json([one], ENGLISH, "en").content)["results"]
    assert (result["student"], result["name"], result["points"]) == ("s1", "李华", 100.0)


def test_gradescope_reads_its_results() -> None:
    results = json.loads(gradescope.results_json(forgot_zero_grad("anna"), ENGLISH, "en"))
    assert results["score"] == forgot_zero_grad("anna").mark.points
    assert sum(test["score"] for test in results["tests"]) == results["score"]
    assert all(set(test) == TEST_FIELDS for test in results["tests"])
    assert {test["status"] for test in results["tests"]} == {"passed", "failed"}
    assert isinstance(results["execution_time"], float)
    assert results["visibility"] == "visible"


def test_a_withheld_mark_is_hidden_on_gradescope() -> None:
    results = json.loads(gradescope.results_json(withheld("anna"), ENGLISH, "en"))
    assert (results["visibility"], results["extra_data"]["withheld"]) == ("hidden", True)


def in_landlock(student: str) -> GradedSubmission:
    one = graded(student)
    assert one.execution is not None
    shut_in = Isolation("landlock", ("process_list", "disk"))
    return replace(one, execution=replace(one.execution, isolation=shut_in))


def test_gradescope_is_told_how_well_the_notebook_was_shut_in() -> None:
    results = json.loads(gradescope.results_json(in_landlock("anna"), ENGLISH, "en"))
    assert results["extra_data"]["isolation"] == "landlock"
    assert results["extra_data"]["isolation_missing"] == "process_list, disk"
    assert "Isolation while it ran: Landlock." in results["output"]
    assert "What it does not cover: the list of processes, disk space." in results["output"]


def test_github_is_told_how_well_the_notebook_was_shut_in() -> None:
    said = json.loads(base64.b64decode(github.runner_result(in_landlock("anna"), ENGLISH, "en")))
    assert said["isolation"] == {"tier": "landlock", "missing": ["process_list", "disk"]}


def test_of_a_notebook_that_did_not_run_no_isolation_is_claimed() -> None:
    one = replace(graded("anna"), execution=None)
    results = json.loads(gradescope.results_json(one, ENGLISH, "en"))
    assert results["extra_data"]["isolation"] == ""
    assert "Isolation" not in results["output"]
    assert "isolation" not in json.loads(base64.b64decode(github.runner_result(one, ENGLISH, "en")))


def test_the_autograder_zip_holds_programs_grader_and_lesson() -> None:
    name = "01_exact_line"
    lesson = load_assignment(ROOT / "assignments" / name, ROOT / "solutions" / name)
    done = gradescope.autograder_zip(lesson)
    with zipfile.ZipFile(io.BytesIO(done.content)) as archive:
        names = set(archive.namelist())
        modes = {i.filename: i.external_attr >> 16 & 0o777 for i in archive.infolist()}
        requirements = archive.read("requirements.txt").decode()
        run = archive.read("run_autograder").decode()
        setup = archive.read("setup.sh").decode()
    assert {"setup.sh", "run_autograder", "grader/__main__.py"} <= names
    assert {f"course/assignments/{name}/checks.py", "grader/language/locale/zh.po"} <= names
    assert not any("bank" in place.split("/") for place in names)
    assert (modes["setup.sh"], modes["run_autograder"]) == (0o755, 0o755)
    assert "torch==" in requirements
    assert "TORCH_INDEX=${TORCH_INDEX-https://download.pytorch.org/whl/cpu}" in setup
    assert run.startswith("#!")
    assert f"--assignment {name} " in run
    assert "\r" not in run
    assert gradescope.autograder_zip(lesson).content == done.content


def test_github_classroom_reads_its_result() -> None:
    one = forgot_zero_grad("anna")
    said = json.loads(base64.b64decode(github.runner_result(one, ENGLISH, "en")))
    assert (said["version"], said["status"], said["max_score"]) == (3, "fail", 100.0)
    assert sum(test["score"] for test in said["tests"]) == one.mark.points
    assert {test["status"] for test in said["tests"]} == {"pass", "fail"}
    right = json.loads(base64.b64decode(github.runner_result(graded("a"), ENGLISH, "en")))
    assert right["status"] == "pass"
    held = json.loads(base64.b64decode(github.runner_result(withheld("a"), ENGLISH, "en")))
    assert (held["status"], bool(held["message"])) == ("error", True)
