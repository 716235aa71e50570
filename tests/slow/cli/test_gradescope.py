from __future__ import annotations

import json
from pathlib import Path

from tests.cli.test_gradescope import run
from tests.notebooks import EXACT_LINE, lesson, save

ROOT = Path(__file__).parents[3]

METADATA = {
    "id": 123456,
    "created_at": "2026-11-20T12:00:00.123456-08:00",
    "submission_method": "upload",
    "users": [{"email": "li@x.cn", "id": 1, "name": "李小明"}],
    "assignment": {"due_date": "2026-11-20T12:00:00.000000-08:00", "total_points": "100.0"},
}


def test_a_submission_becomes_results(tmp_path: Path) -> None:
    train = EXACT_LINE.train.replace("    optimizer.zero_grad()\n", "")
    save(lesson(train=train), tmp_path / "submission" / "any name.ipynb")
    (tmp_path / "submission_metadata.json").write_text(json.dumps(METADATA), "utf-8")
    code, results = run(tmp_path)
    assert (code, results["score"], results["visibility"]) == (0, 75.0, "visible")
    assert "behaves" in str(results["output"])
