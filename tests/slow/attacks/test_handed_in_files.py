"""Files that are handed in to lead, hold up or fill the grader: the class is graded anyway."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.kernels.running import linux_only
from tests.notebooks import lesson, notebook, save
from tests.slow.attacks.processes import processes_with
from tests.slow.attacks.siege import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [linux_only]

PATIENCE_S = 300
LARGE = 200 << 20
SCRIPT = "<script>document.title='owned'</script><img src=x onerror=alert(1)>"
SHOWN = f"""
from IPython.display import HTML, display
display(HTML({SCRIPT!r}))
print({SCRIPT!r})
raise ValueError({SCRIPT!r})
"""


@dataclass(slots=True)
class Class:
    """A class of files and what became of it."""

    folder: Path
    secret: str = field(default_factory=lambda: f"canary-{uuid.uuid4().hex}")
    code: int = -1
    said: str = ""

    def hand_in(self) -> None:
        handed = self.folder / "class"
        solution = self.folder / "solution.ipynb"
        save(lesson(train=f"'{self.secret}'"), solution)
        for student in ("anna", "zoe"):
            save(lesson(), handed / f"{student}.ipynb")
        save(lesson(loss=f"loss_fn = nn.MSELoss()\n{SHOWN}"), handed / "script.ipynb")
        save(lesson(), handed / f"{SCRIPT.replace('/', '_')[:60]}.ipynb")
        (handed / "link.ipynb").symlink_to(solution)
        (handed / "folder").symlink_to(self.folder)
        (handed / "loop.ipynb").symlink_to("loop.ipynb")
        (handed / "device.ipynb").symlink_to("/dev/zero")
        os.mkfifo(handed / "pipe.ipynb")
        with (handed / "large.ipynb").open("wb") as file:
            file.truncate(LARGE)
        (handed / "deep.ipynb").write_text("[" * 200_000)
        (handed / "code.ipynb").write_text("print('hello')")
        (handed / "types.ipynb").write_text(json.dumps({"nbformat": 4, "cells": {"a": 1}}))
        (handed / "surrogate.ipynb").write_text('{"nbformat": 4, "cells": ["\\ud800"]}')
        save(notebook(*["1"] * 5000), handed / "many.ipynb")

    def grade(self) -> None:
        command = [
            *(sys.executable, "-m", "grader", "grade", str(self.folder / "class")),
            *("--out", str(self.folder / "reports"), "--jobs", "2", "--lang", "en"),
        ]
        done = subprocess.run(
            command,
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_S,
        )
        self.code, self.said = done.returncode, done.stdout + done.stderr

    def result(self, student: str) -> dict[str, Any]:
        path = self.folder / "reports" / "01_exact_line" / f"{student}.json"
        result: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return result

    def reports(self) -> dict[Path, str]:
        found = (path for path in (self.folder / "reports").rglob("*") if path.is_file())
        return {path: path.read_text("utf-8", "replace") for path in found}


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> Class:
    made = Class(tmp_path_factory.mktemp("handed-in"))
    made.hand_in()
    made.grade()
    return made


def test_the_class_is_graded_to_its_end(handed_in: Class) -> None:
    assert handed_in.code == 1, handed_in.said
    for student in ("anna", "zoe"):
        result = handed_in.result(student)
        assert (result["points"], result["withheld"]) == (100, False)
    assert not processes_with(str(handed_in.folder))


@pytest.mark.parametrize(
    "name",
    [
        *("link", "folder", "loop", "device", "pipe", "large", "deep", "code", "types"),
        *("surrogate", "many"),
    ],
)
def test_what_is_no_notebook_is_listed_for_a_person(handed_in: Class, name: str) -> None:
    lines = [line for line in handed_in.said.splitlines() if f"/{name}" in line]
    assert lines, handed_in.said


def test_no_link_leads_a_secret_into_a_report(handed_in: Class) -> None:
    reports = handed_in.reports()
    assert reports
    assert handed_in.secret not in handed_in.said
    assert [path for path, text in reports.items() if handed_in.secret in text] == []


def test_no_page_runs_what_a_student_wrote(handed_in: Class) -> None:
    pages = {path: text for path, text in handed_in.reports().items() if path.suffix == ".html"}
    assert any("onerror" in text for text in pages.values()), "it should be shown, as text"
    for path, text in pages.items():
        assert "<script>document" not in text, path
        assert "<img src=x" not in text, path
