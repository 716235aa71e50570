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
from tests.docs.reading import BIN, ROOT, blocks_of, documents

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENTS = tuple(documents())
EXAMPLES = ROOT / "docs" / "examples"
WORKFLOWS = {path.stem: path for path in sorted(EXAMPLES.glob("*.yml"))}
CLASSROOM = WORKFLOWS["github-classroom"]
# Programs of the system, or of another package, that a reader may have to call.
OF_OTHERS = {
    ".",
    "cd",
    "cp",
    "dask",
    "do",
    "done",
    "export",
    "find",
    "gh",
    "grep",
    "mkdir",
    "mv",
    "pip",
    "python",
    "sed",
    "sudo",
    "tar",
    "unzip",
    "while",
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


def jobs_of(path: Path) -> dict[str, Any]:
    jobs: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))["jobs"]
    return jobs


def steps_of(path: Path) -> list[dict[str, Any]]:
    return [step for job in jobs_of(path).values() for step in job["steps"]]


each_workflow = pytest.mark.parametrize("path", WORKFLOWS.values(), ids=WORKFLOWS)


@each_workflow
def test_the_workflows_for_github_are_some(path: Path) -> None:
    # YAML 1.1 reads a bare `on` as true.
    assert yaml.safe_load(path.read_text("utf-8"))[True]
    assert all(
        {"runs-on", "steps", "timeout-minutes"} <= set(job) for job in jobs_of(path).values()
    )
    for step in steps_of(path):
        assert ("uses" in step) is not ("run" in step)
        if "uses" in step:
            assert re.fullmatch(r"[\w.-]+/[\w.-]+@v\d+", step["uses"])
        else:
            subprocess.run(["bash", "-n"], input=step["run"], text=True, check=True)
            lines = [line.strip() for line in step["run"].splitlines()]
            told = [line for line in lines if line and not line.startswith("#")]
            assert {line: found for line in told if (found := unknown(line))} == {}


@each_workflow
def test_no_workflow_leaves_a_token_beside_students_code(path: Path) -> None:
    checkouts = [s for s in steps_of(path) if s.get("uses", "").startswith("actions/checkout")]
    assert all(checkout["with"]["persist-credentials"] is False for checkout in checkouts)
    assert all(
        "secrets." not in str(job) for job in jobs_of(path).values() if "grader grade" in str(job)
    )
    assert "--isolation required" in path.read_text("utf-8")


def test_what_a_student_may_change_is_given_nothing_that_a_student_may_not_read() -> None:
    (job,) = jobs_of(CLASSROOM).values()
    assert "secrets." not in str(job)
    assert "token" not in str(job)
    assert yaml.safe_load(CLASSROOM.read_text("utf-8"))["permissions"] == {"contents": "read"}


def test_a_link_that_is_handed_in_is_not_followed(tmp_path: Path) -> None:
    for folder in ("assignments", "solutions"):
        shutil.copytree(
            ROOT / folder / "01_exact_line", tmp_path / "course" / folder / "01_exact_line"
        )
    (tmp_path / "handed-in").mkdir()
    reference = "../course/solutions/01_exact_line/reference.en.ipynb"
    (tmp_path / "handed-in" / "work.ipynb").symlink_to(reference)
    (step,) = [step for step in steps_of(CLASSROOM) if step.get("name") == "Grade"]
    told = {"ASSIGNMENT": "01_exact_line", "STUDENT": "mallory", "LANG": "C.UTF-8"}
    done = subprocess.run(
        ["bash", "-e", "-c", step["run"].replace("required", "best-effort")],
        cwd=tmp_path / "course",
        env=os.environ | told | {"PATH": f"{BIN}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "This is a link to another file, so it was not followed." in done.stdout + done.stderr
    reports = [path.read_text("utf-8") for path in (tmp_path / "reports").rglob("*.json")]
    assert not any("MSELoss" in report or '"points": 100' in report for report in reports)
