from __future__ import annotations

import re
from pathlib import Path

from typer.testing import CliRunner

from grader.cli import app
from grader.exchange.formats import FORMATS

ROOT = Path(__file__).parents[2]


def test_the_help_tells_of_every_format() -> None:
    said = " ".join(CliRunner().invoke(app, ["export", "--help"]).stdout.split())
    for name, entry in FORMATS.items():
        assert f"{name}: {entry.about}".replace("-", "") in said.replace("- ", "").replace("-", "")


def test_what_is_no_format_is_told_with_those_that_are() -> None:
    done = CliRunner().invoke(app, ["export", "excel"])
    assert done.exit_code == 2
    assert "'excel' is not one of csv, json, canvas, moodle" in " ".join(done.stderr.split())


def test_the_documents_tell_of_every_format_and_of_no_other() -> None:
    text = (ROOT / "docs/gradebook.md").read_text("utf-8")
    table = text.partition("| `grader export` | gives |")[2].partition("\n\n")[0]
    told = "".join(row.split("|")[1] for row in table.splitlines() if "`" in row)
    assert set(re.findall(r"`([a-z-]+)", told)) == set(FORMATS)
