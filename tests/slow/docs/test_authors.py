from __future__ import annotations

import csv
import json
import shutil
import zipfile
from typing import TYPE_CHECKING

from tests.docs.reading import ROOT, blocks_of, carry_out

if TYPE_CHECKING:
    from pathlib import Path

GUIDE = ROOT / "docs" / "authors.md"


def test_a_newcomer_builds_a_lesson_and_grades_a_class_by_the_guide_alone(tmp_path: Path) -> None:
    for part in ("assignments", "solutions"):
        shutil.copytree(ROOT / part / "01_exact_line", tmp_path / part / "01_exact_line")
    for block in blocks_of(GUIDE):
        carry_out(block, tmp_path)

    reports = tmp_path / "reports" / "05_sine"
    assert (reports / "index.html").is_file()
    anna, bert, cem = (
        json.loads((reports / f"{student}.json").read_text("utf-8"))
        for student in ("anna", "bert", "cem")
    )
    assert (anna["points"], anna["diagnoses"]) == (100.0, [])
    assert [step["id"] for step in bert["steps"] if step["verdict"] == "failed"] == [
        "train",
        "result",
    ]
    assert [diagnosis["id"] for diagnosis in bert["diagnoses"]] == ["zero_grad_missing"]
    assert {step["verdict"] for step in cem["steps"]} == {"not_attempted"}
    with (tmp_path / "marks.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) >= 3
    with zipfile.ZipFile(tmp_path / "05_sine.zip") as archive:
        assert "course/assignments/05_sine/checks.py" in archive.namelist()
