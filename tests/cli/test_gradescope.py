"""The autograder's own program, on a folder laid out as Gradescope lays it out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from grader.cli import app
from tests.notebooks import lesson, save

pytestmark = pytest.mark.usefixtures("no_kernels")

ROOT = Path(__file__).parents[2]


def run(folder: Path) -> tuple[int, dict[str, object]]:
    options = ["--assignment", "01_exact_line", "--folder", str(folder), "--course", str(ROOT)]
    done = CliRunner().invoke(app, ["gradescope", *options, "--lang", "en"])
    return done.exit_code, json.loads((folder / "results" / "results.json").read_text("utf-8"))


def test_a_link_to_the_reference_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "submission").mkdir()
    reference = ROOT / "solutions" / "01_exact_line" / "reference.en.ipynb"
    (tmp_path / "submission" / "work.ipynb").symlink_to(reference)
    code, results = run(tmp_path)
    assert (code, results["score"], results["visibility"]) == (1, 0.0, "hidden")


@pytest.mark.parametrize("metadata", [None, "not json", "[]", '{"users": []}'])
def test_whatever_goes_wrong_leaves_results_that_blame_nobody(
    tmp_path: Path, metadata: str | None
) -> None:
    (tmp_path / "submission").mkdir()
    if metadata is not None:
        (tmp_path / "submission_metadata.json").write_text(metadata)
    code, results = run(tmp_path)
    assert (code, results["visibility"]) == (2, "hidden")
    assert "No notebook was handed in" in str(results["output"])


def test_a_notebook_for_another_lesson_gets_no_points_and_is_named(tmp_path: Path) -> None:
    document = lesson()
    document["metadata"]["grader"]["assignment"] = "02_noisy_line"
    del document["cells"][:14]
    save(document, tmp_path / "submission" / "work.ipynb")
    code, results = run(tmp_path)
    assert (code, results["score"]) == (1, 0.0)
    assert "This is a notebook for 02_noisy_line" in str(results)


@pytest.mark.parametrize("name", ["scan.pdf", "work.zip"])
def test_what_is_no_notebook_is_named_as_what_it_is(tmp_path: Path, name: str) -> None:
    (tmp_path / "submission" / "src").mkdir(parents=True)
    content = b"%PDF-1.4" if name.endswith("pdf") else b"PK\x03\x04"
    (tmp_path / "submission" / "src" / name).write_bytes(content)
    code, results = run(tmp_path)
    assert (code, results["visibility"]) == (1, "hidden")
    assert ("PDF" if name.endswith("pdf") else "archive") in str(results)
