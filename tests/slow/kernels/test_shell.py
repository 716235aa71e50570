from __future__ import annotations

import json
import subprocess
import sys
from importlib import resources


def test_it_answers_line_by_line_and_ends_with_its_input() -> None:
    asked = [
        {"source": "x = 20\nx + 1", "history": True},
        {"source": "y = 1", "history": False},
        {"source": "print(x)", "history": True},
    ]
    done = subprocess.run(
        [sys.executable, str(resources.files("grader.kernels") / "shell.py")],
        input="".join(json.dumps(each) + "\n" for each in asked),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    first, _, third = (json.loads(line) for line in done.stdout.splitlines())
    assert first["outputs"][0]["data"]["text/plain"] == "21"
    assert [output["text"] for output in third["outputs"]] == ["20\n"]


def test_what_a_cell_writes_past_python_does_not_get_into_the_answers() -> None:
    cell = "import os; os.write(1, b'{}\\n'); os.system('echo {}'); print('fine')"
    done = subprocess.run(
        [sys.executable, str(resources.files("grader.kernels") / "shell.py")],
        input=json.dumps({"source": cell, "history": True}) + "\n",
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    (answer,) = done.stdout.splitlines()
    assert json.loads(answer)["outputs"][-1]["text"] == "fine\n"
