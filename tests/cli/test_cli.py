from __future__ import annotations

import subprocess
import sys

from typer.testing import CliRunner

from grader.cli import app


def test_help_is_instant_because_nothing_heavy_is_imported() -> None:
    code = (
        "import sys, grader.cli\n"
        "heavy = {'torch', 'nbformat', 'nbclient', 'jupyter_client', 'jinja2', 'matplotlib'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


def test_the_version_is_told() -> None:
    result = CliRunner().invoke(app, ["--version"])
    assert result.exit_code == 0
    assert result.stdout.strip()


def test_help_names_every_command() -> None:
    result = CliRunner().invoke(app, ["--help"])
    assert "grade " in result.stdout
    assert "release " in result.stdout
    assert "audit " in result.stdout
    assert "calibrate " in result.stdout
