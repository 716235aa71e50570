"""What documents tell people to type exists, and what can be run is run."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
import typer
import yaml

from grader.cli import app
from tests.docs.reading import BIN, ROOT, blocks_of, carry_out, documents

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENTS = tuple(documents())
WORKFLOW = ROOT / "docs" / "examples" / "github-classroom.yml"
# Programs of the system, or of another package, that a reader may have to call.
OF_OTHERS = {
    ".",
    "cd",
    "cp",
    "dask",
    "export",
    "mkdir",
    "mv",
    "pip",
    "python",
    "sed",
    "sudo",
    "unzip",
}
OURS = {"grader", ".venv/bin/grader"}
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")

each_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)


@cache
def commands() -> dict[str, set[str]]:
    """The options of each command."""
    group: Any = typer.main.get_command(app)
    return {
        name: {option for each in command.params for option in each.opts} | {"--help"}
        for name, command in group.commands.items()
    }


def unknown(line: str) -> list[str]:
    """What of a command line does not exist: programs, commands, options, make's targets."""
    found = []
    for part in re.split(r"\|\||&&|\||;", line):
        words = shlex.split(part.split(" > ")[0], comments=True)
        while words and re.fullmatch(r"[A-Z_]+=.*|!", words[0]):
            words.pop(0)
        if not words or words[0] in OF_OTHERS | {"["}:
            continue
        program, *rest = words
        if program in OURS:
            found += _unknown_of_ours(rest)
        elif program == "make":
            targets = (ROOT / "Makefile").read_text("utf-8")
            names = [word for word in rest if "=" not in word and not word.startswith("-")]
            found += [n for n in names if not re.search(rf"^{re.escape(n)}:", targets, re.M)]
        elif program.startswith((".venv/bin/", "scripts/")):
            home = ROOT / program
            found += [] if os.access(home, os.X_OK) else [program]
        else:
            found.append(program)
    return found


def _unknown_of_ours(words: list[str]) -> list[str]:
    if not words or words[0].startswith("--"):
        return []
    command, *rest = words
    if command not in commands():
        return [command]
    flags = {word.partition("=")[0] for word in rest if word.startswith("--")}
    return sorted(flags - commands()[command])


@each_document
def test_every_command_exists_with_its_options(path: Path) -> None:
    told = [line for block in blocks_of(path) for line in block.commands]
    assert {line: found for line in told if (found := unknown(line))} == {}


@each_document
def test_every_link_leads_somewhere(path: Path) -> None:
    targets = LINK.findall(path.read_text("utf-8"))
    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_what_is_not_run_says_why() -> None:
    noted = [block for path in DOCUMENTS for block in blocks_of(path) if "not run" in block.note]
    assert [block for block in noted if not block.told("not run")] == []


@pytest.mark.kernel
@pytest.mark.parametrize(
    "path",
    [p for p in DOCUMENTS if not p.name.startswith("authors") and ".zh." not in p.name],
    ids=lambda path: path.name,
)
def test_what_can_be_run_is_run(path: Path, tmp_path: Path) -> None:
    blocks = [b for b in blocks_of(path) if b.commands and b.told("not run") is None]
    if not blocks:
        return
    for part in ("assignments", "solutions"):
        shutil.copytree(ROOT / part / "01_exact_line", tmp_path / part / "01_exact_line")
    (tmp_path / ".venv").symlink_to(BIN.parent)
    for block in blocks:
        carry_out(block, tmp_path)


def test_both_languages_of_the_tutorial_give_the_same_commands() -> None:
    english, chinese = (ROOT / "docs" / f"instructors{end}" for end in (".md", ".zh.md"))
    assert [b.commands for b in blocks_of(english)] == [b.commands for b in blocks_of(chinese)]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("grader grade submissions --colour", ["--colour"]),
        ("grader grad submissions", ["grad"]),
        ("make dem", ["dem"]),
        ("scripts/nowhere", ["scripts/nowhere"]),
        ("frobnicate --all", ["frobnicate"]),
        ("LANG=C grader grade x --out=y | sed s/a/b/ > z", []),
    ],
)
def test_a_command_that_does_not_exist_is_found(line: str, found: list[str]) -> None:
    assert unknown(line) == found


def test_the_workflow_for_github_classroom_is_one() -> None:
    workflow = yaml.safe_load(WORKFLOW.read_text("utf-8"))
    # YAML 1.1 reads a bare `on` as true.
    assert workflow[True] == "push"
    (job,) = workflow["jobs"].values()
    assert {"runs-on", "steps", "timeout-minutes"} <= set(job)
    for step in job["steps"]:
        assert ("uses" in step) is not ("run" in step)
        if "uses" in step:
            assert re.fullmatch(r"[\w.-]+/[\w.-]+@v\d+", step["uses"])
        else:
            subprocess.run(["bash", "-n"], input=step["run"], text=True, check=True)
            lines = [line.strip() for line in step["run"].splitlines()]
            told = [line for line in lines if line and not line.startswith("#")]
            assert {line: found for line in told if (found := unknown(line))} == {}


def test_the_workflow_never_leaves_a_token_beside_students_code() -> None:
    workflow = yaml.safe_load(WORKFLOW.read_text("utf-8"))
    (job,) = workflow["jobs"].values()
    checkouts = [s for s in job["steps"] if s.get("uses", "").startswith("actions/checkout")]
    assert [s["with"]["persist-credentials"] for s in checkouts] == [False, False]
    assert "--isolation required" in WORKFLOW.read_text("utf-8")
