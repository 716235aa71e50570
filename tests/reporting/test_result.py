from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from grader.language.catalogues import translator
from grader.language.messages import ENGLISH
from grader.models import Figures, GradedSubmission, Lateness, Learned, Override
from grader.reporting import result
from grader.reporting.result import result_of, schema_text, write_json
from tests.reporting import samples

SCHEMA = Path(result.__file__).with_name("result.schema.json")


def as_json(graded: GradedSubmission, folder: Path, language: str = "en") -> dict[str, Any]:
    translations = translator(language, [samples.CHINESE] if language == "zh" else [])
    path = write_json(result_of(graded, translations, language), folder / "result.json")
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read


def test_the_shipped_schema_is_the_schema_of_the_models() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == schema_text(), (
        "write grader.reporting.result.schema_text() to result.schema.json"
    )


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_result_fits_the_schema(tmp_path: Path, language: str) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    for graded in samples.whole_class():
        jsonschema.validate(as_json(graded, tmp_path, language), schema)


def test_a_result_holds_what_the_contract_names(tmp_path: Path) -> None:
    read = as_json(samples.forgot_zero_grad(), tmp_path)
    assert read["schema_version"] == 1
    assert (read["points"], read["max_points"], read["withheld"]) == (85.0, 100.0, False)
    train = next(step for step in read["steps"] if step["id"] == "train")
    assert (train["title"], train["verdict"], train["points"]) == ("Training", "failed", 10.0)
    check = train["checks"][0]
    assert check["expected"] == "after 100 epochs the loss is about 0.021"
    assert check["actual"] == "it is 8.03"
    diagnosis = read["diagnoses"][0]
    assert (diagnosis["id"], diagnosis["cell"], diagnosis["line"]) == ("zero_grad_missing", 11, 6)
    assert read["learned"] == {"w": 0.43, "b": 0.43}
    assert read["loss"]["count"] == 100
    assert read["isolation"]["tier"] == "landlock"
    assert read["duration_s"] == 0.412


def test_an_unreadable_submission_has_a_result_with_a_reason(tmp_path: Path) -> None:
    read = as_json(samples.unreadable(), tmp_path)
    assert read["withheld"]
    assert read["withheld_reason"] == "The file is not valid JSON."
    assert (read["steps"], read["isolation"], read["loss"]) == ([], None, None)


def test_numbers_that_are_not_finite_become_null(tmp_path: Path) -> None:
    figures = Figures(losses=(1.0, math.nan), learned=Learned(math.inf, math.nan))
    read = as_json(replace(samples.graded(), figures=figures), tmp_path)
    assert read["learned"] == {"w": None, "b": None}
    assert read["loss"] == {"first": 1.0, "last": None, "count": 2}


def test_a_result_is_written_the_same_way_every_time(tmp_path: Path) -> None:
    one = write_json(result_of(samples.two_mistakes(), ENGLISH, "en"), tmp_path / "1.json")
    two = write_json(result_of(samples.two_mistakes(), ENGLISH, "en"), tmp_path / "2.json")
    assert one.read_bytes() == two.read_bytes()


def test_a_name_with_broken_characters_can_be_written(tmp_path: Path) -> None:
    assert as_json(samples.graded("a\ud800\x00b"), tmp_path)["student"] == "a\ufffd\ufffdb"


def test_a_result_says_who_gave_points_and_what_lateness_cost(tmp_path: Path) -> None:
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    graded = samples.forgot_zero_grad()
    given = Override(15.0, "the loop was right", "Wang", noon)
    first, *rest = graded.mark.steps[4].checks
    train = replace(graded.mark.steps[4], checks=(replace(first, override=given), *rest))
    steps = (*graded.mark.steps[:4], train, *graded.mark.steps[5:])
    late = Lateness(noon, noon + timedelta(hours=30), 2, 20.0)
    mark = replace(graded.mark, steps=steps, lateness=late)
    read = as_json(replace(graded, mark=mark), tmp_path)
    assert read["points"] == 80.0
    assert read["lateness"]["points"] == 20.0
    check = read["steps"][4]["checks"][0]
    assert (check["points"], check["verdict"]) == (15.0, "failed")
    assert (check["override"]["by"], check["override"]["points"]) == ("Wang", 15.0)
    whole = as_json(replace(graded, mark=replace(mark, override=given)), tmp_path)
    assert (whole["points"], whole["override"]["reason"]) == (15.0, "the loop was right")
